"""``restorack info``: what a file is and what it says about itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from restorack.cli.console import JsonFlag, QuietFlag, Screen
from restorack.cli.failures import Failure, common_exit_code, failure_of
from restorack.cli.options import Strict
from restorack.errors import ParameterError, RestorackError
from restorack.text import path_text

if TYPE_CHECKING:
    from rich.table import Table


Verify = Annotated[
    bool,
    typer.Option(
        "--verify",
        help="Compare every checksum that a file holds with its samples; exit code 2 where one "
        "fails.",
    ),
]


def info(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="Audio files.", show_default=False)
    ],
    verify: Verify = False,
    strict: Strict = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Show format, length, tags and chunks of audio files."""
    from restorack.io.description import describe_file

    screen = Screen(as_json=json, quiet=quiet)
    entries: list[dict[str, Any]] = []
    failures: list[Failure] = []
    for file in files:
        try:
            found = describe_file(file, strict=strict)
            failed = _verify(file, found) if verify else []
        except (RestorackError, OSError) as error:
            failures.append(failure_of(error))
            screen.fail(failures[-1])
            entries.append({"path": path_text(file), "error": failures[-1].to_dict()})
        else:
            entries.append(found)
            screen.show(_table(found))
            for failure in failed:
                screen.fail(failure)
            failures += failed
    screen.document(entries[0] if len(entries) == 1 else entries)
    return common_exit_code(failures)


def _verify(file: Path, found: dict[str, Any]) -> list[Failure]:
    """Compare a file's checksums, note them in its description, and return those that fail."""
    from restorack.io.checksums import checksums

    compared = checksums(file)
    found["checksums"] = [
        {"name": one.name, "stated": one.stated, "found": one.found, "holds": one.holds}
        for one in compared
    ]
    failed = [failure_of(one.error(file)) for one in compared if not one.holds]
    return [replace(failure, exit_code=ParameterError.exit_code) for failure in failed]


def _table(found: dict[str, Any]) -> Table:
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=escape(found["path"]), title_justify="left", show_header=False, box=None)
    for name, text in _lines(found):
        table.add_row(f"[dim]{escape(name)}[/dim]", escape(text))
    return table


def _lines(found: dict[str, Any]) -> list[tuple[str, str]]:
    lossy = ", lossy" if found["is_lossy"] else ""
    lines = [
        ("format", f"{found['format']} {found['subtype']}{lossy}"),
        ("audio", f"{found['sample_rate']} Hz, {channel_words(found['channels'])}"),
        ("length", f"{clock(found['duration'])} ({found['frames']} samples)"),
        ("size", f"{found['size'] / 1e6:.2f} MB"),
    ]
    lines += [(name, "; ".join(texts)) for name, texts in found["tags"].items()]
    lines += [
        ("picture", f"{p['kind']}, {p['mime']}, {p['size']} bytes") for p in found["pictures"]
    ]
    lines += [
        (f"bext {name}", str(value)) for name, value in (found["bext"] or {}).items() if value
    ]
    if found["chunks"]:
        chunks = ", ".join(f"{c['name'].strip()} ({c['size']} bytes)" for c in found["chunks"])
        lines.append(("chunks", chunks))
    if found["md5"]:
        lines.append(("MD5 chunk", found["md5"]))
    lines += [
        ("checksum", f"{one['name']} {'holds' if one['holds'] else 'FAILS'}")
        for one in found.get("checksums", [])
    ]
    if found.get("checksums") == []:
        lines.append(("checksum", "no checksum"))
    return lines + [("warning", text) for text in found["warnings"]]


def channel_words(count: int) -> str:
    """Return a number of channels in words."""
    return {1: "mono", 2: "stereo"}.get(count, f"{count} channels")


def clock(seconds: float) -> str:
    """Return a length as hours, minutes and seconds."""
    minutes, rest = divmod(seconds, 60.0)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02d}:{rest:06.3f}" if hours else f"{minutes}:{rest:06.3f}"
