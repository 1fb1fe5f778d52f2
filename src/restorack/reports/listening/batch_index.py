"""The index of a batch's pages, the worst file first."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from restorack.errors import FileError
from restorack.io.atomic import write_whole
from restorack.reports.listening.bundle import INDEX_STYLES, policy, style
from restorack.reports.listening.page import render_template
from restorack.text import visible
from restorack.version import __version__

HEAD_BYTES = 65_536
"""Of a page: its summary stands at its head."""
_SUMMARY = re.compile(r'<meta name="restorack-summary" content="([^"]*)">')
_OURS = '<meta name="generator" content="restorack '


@dataclass(frozen=True)
class IndexEntry:
    """A file of a batch.

    Attributes
    ----------
    name : str
        As it is shown.
    status : str
        ``done``, ``unchanged``, ``failed``, ``quarantined`` or ``left``.
    page : Path or None
    error : str
        Of one that failed.
    """

    name: str
    status: str
    page: Path | None = None
    error: str = ""


def write_index(
    path: Path, title: str, entries: Sequence[IndexEntry], *, force: bool = False
) -> None:
    """Write the index; one that restorack wrote is replaced.

    Raises
    ------
    FileError
        Where a file of others has its name, or it cannot be written.
    """
    if path.exists() and not force and _OURS not in _head(path):
        raise FileError(
            "exists, and is no index of restorack's",
            where=str(path),
            rule="files of others are not replaced",
            remedy="move it away, or use --force",
        )
    write_whole(path, index_html(path.parent, title, entries).encode())


def index_html(folder: Path, title: str, entries: Sequence[IndexEntry]) -> str:
    """Return the index of pages below a folder."""
    look = style(INDEX_STYLES)
    rows = sorted((_row(folder, entry) for entry in entries), key=_badness)
    return render_template(
        "index.html.jinja",
        policy=policy("", look, beside=False),
        version=__version__,
        title=visible(title),
        style=look,
        rows=rows,
        failed=sum(row["status"] in ("failed", "quarantined") for row in rows),
    )


def _badness(row: dict[str, Any]) -> tuple[int, int, int, float, str]:
    """Failed first, then incomplete inputs, then warnings, then by how much was removed."""
    rank = {"failed": 0, "quarantined": 0, "left": 1}.get(row["status"], 2)
    removed = row["removed_db"]
    return (rank, not row["incomplete"], -len(row["warnings"]),
            -removed if removed is not None else 999.0, row["name"])  # fmt: skip


def _row(folder: Path, entry: IndexEntry) -> dict[str, Any]:
    known = summary_in(entry.page) if entry.page is not None and entry.page.exists() else None
    found = known or {}
    removed, seconds = found.get("removed_db"), found.get("seconds")
    warnings = found.get("warnings")
    link = ""
    if known is not None and entry.page is not None:
        link = quote(entry.page.relative_to(folder).as_posix().encode("utf-8", "surrogateescape"))
    return {
        "name": visible(entry.name),
        "status": entry.status,
        "error": visible(entry.error),
        "link": link,
        "seconds": f"{seconds:.1f} s" if isinstance(seconds, int | float) else "",
        "removed_db": removed if isinstance(removed, int | float) else None,
        "repairs": found.get("repairs") if isinstance(found.get("repairs"), int) else "",
        "warnings": [visible(str(one)) for one in warnings] if isinstance(warnings, list) else [],
        "incomplete": found.get("incomplete") is True,
    }


def summary_in(page: Path) -> dict[str, Any] | None:
    """Return the summary that a page has at its head; None where it has none."""
    found = _SUMMARY.search(_head(page))
    if found is None:
        return None
    try:
        summary = json.loads(html.unescape(found[1]))
    except ValueError:
        return None
    return summary if isinstance(summary, dict) else None


def _head(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES).decode("utf-8", "replace")
