"""Titles of tracks from a text file, a line each, or from a CSV table with a column per tag."""

from __future__ import annotations

import csv
from pathlib import Path

from restorack.errors import FileError, ParameterError

TITLE = "title"
MOST_TRACKS = 99
"""That a CUE sheet can number."""


def read_titles(path: Path) -> list[dict[str, str]]:
    """Return the tags of each track.

    Parameters
    ----------
    path : Path
        A text file with a title on every line, or a CSV table whose header has ``title``; its
        other columns are tags, too. Empty lines of a text file, and empty cells, are left out.

    Raises
    ------
    FileError
        For a file that cannot be read, or is not UTF-8.
    ParameterError
        For a table without titles, a row with more cells than columns, or no title at all.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"cannot be read ({error})", where=str(path)) from None
    if path.suffix.lower() == ".csv":
        found = _of_table(text, path)
    else:
        found = [{TITLE: line.strip()} for line in text.splitlines() if line.strip()]
    if not found:
        raise ParameterError("no title", where=str(path), rule="a title on every line")
    return found


def check_titles(titles: list[dict[str, str]], tracks: int | None) -> int | None:
    """Return how many tracks titles and a number ask for; None where neither says so.

    Raises
    ------
    ParameterError
        Where they differ, or are none or too many.
    """
    wanted = len(titles) or tracks
    if titles and tracks is not None and len(titles) != tracks:
        raise ParameterError(
            f"{len(titles)} titles for {tracks} tracks",
            rule="a title for every track",
            remedy="leave the number out: it is that of the titles",
        )
    if wanted is not None and not 1 <= wanted <= MOST_TRACKS:
        raise ParameterError(f"{wanted} tracks", rule=f"1 to {MOST_TRACKS}")
    return wanted


def _of_table(text: str, path: Path) -> list[dict[str, str]]:
    reader = csv.DictReader(text.splitlines())
    columns = {name.strip().lower(): name for name in reader.fieldnames or [] if name}
    if TITLE not in columns:
        raise ParameterError(
            "no column is called title", where=str(path), rule="a CSV table with a header",
            remedy="name the file .txt if it has a title on every line",
        )  # fmt: skip
    rows = []
    for number, row in enumerate(reader, 2):
        if None in row:
            where = f"{path}:{number}"
            raise ParameterError("more cells than columns", where=where, rule="CSV with a header")
        rows.append({name: (row[column] or "").strip() for name, column in columns.items()})
    return [{name: cell for name, cell in row.items() if cell} for row in rows]
