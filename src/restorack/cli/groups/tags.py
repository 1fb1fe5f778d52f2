"""``restorack tags``: set tags of many files from a table."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated, Any

import typer

from restorack.cli.console import JsonFlag, QuietFlag, Screen
from restorack.cli.failures import Failure, common_exit_code, failure_of
from restorack.errors import FileError, ParameterError, RestorackError, suggest
from restorack.text import path_text

tags = typer.Typer(help="Set tags of files.", no_args_is_help=True, rich_markup_mode=None)
PATH_COLUMN = "path"


@tags.command("set")
def set_tags(
    table: Annotated[
        Path,
        typer.Argument(
            metavar="TABLE.csv",
            help="A row for each file; the column path names it, relative to the table; the other "
            "columns are tags (title, artist, date, archive, ...) and fields of the broadcast "
            "extension (bext_description, bext_originator, ...). Empty cells change nothing.",
        ),
    ],
    folder: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="What paths are relative to, instead of the table."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check the table and its files; change nothing.")
    ] = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Set tags of files from a CSV table; their samples stay as they are.

    Every row is checked before the first file is changed. Each file is replaced in one step; one
    that fails does not stop the others.
    """
    screen = Screen(as_json=json, quiet=quiet)
    rows = read_table(table, folder or table.parent)
    entries: list[dict[str, Any]] = []
    failures: list[Failure] = []
    for path, values in rows:
        entry = {"path": path_text(path), "tags": values}
        try:
            if not dry_run and values:
                from restorack.io.tags.editing import set_tags as write

                write(path, values)
        except (RestorackError, OSError) as error:
            failures.append(failure_of(error))
            screen.fail(failures[-1])
            entry["error"] = failures[-1].to_dict()
        entries.append(entry)
    screen.document(entries)
    verb = "would be changed" if dry_run else "changed"
    screen.note(f"{len(entries) - len(failures)} files {verb}")
    return common_exit_code(failures)


def read_table(table: Path, folder: Path) -> list[tuple[Path, dict[str, str]]]:
    """Return the files of a table with the tags to set, every row checked.

    Raises
    ------
    ParameterError
        For a table without the column ``path``, a field that the broadcast extension does not
        have, or a row with more cells than columns.
    FileError
        For a table or a file that is not there, and a file that is named twice.
    """
    try:
        text = table.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"cannot be read ({error})", where=str(table)) from None
    reader = csv.DictReader(text.splitlines())
    columns = _checked_columns(reader.fieldnames or [], table)
    rows: dict[Path, dict[str, str]] = {}
    for number, row in enumerate(reader, 2):
        where = f"{table}:{number}"
        if None in row:
            raise ParameterError("more cells than columns", where=where, rule="CSV with a header")
        path = folder / (row[columns[PATH_COLUMN]] or "")
        if not path.is_file():
            raise FileError(f"no file {str(path)!r}", where=where, remedy="check the spelling")
        if path in rows:
            raise FileError(f"{str(path)!r} a second time", where=where, rule="a row for each file")
        rows[path] = {name: row[column] for name, column in columns.items()
                      if name != PATH_COLUMN and row[column]}  # fmt: skip
    return list(rows.items())


def _checked_columns(given: list[str] | tuple[str, ...] | Any, table: Path) -> dict[str, str]:
    from restorack.io.wave.bext import TEXT_FIELDS

    columns = {column.strip().lower(): column for column in given if column and column.strip()}
    if PATH_COLUMN not in columns:
        raise ParameterError(
            "no column is called path",
            where=str(table),
            rule="the column path names the file of each row",
        )
    fields = [f"bext_{name}" for name in TEXT_FIELDS]
    for name in columns:
        if name.startswith("bext_") and name not in fields:
            raise ParameterError(
                f"column {name!r}", where=str(table), rule=f"fields: {', '.join(fields)}",
                remedy=suggest(name, fields),
            )  # fmt: skip
    return columns
