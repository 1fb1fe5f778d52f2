"""A page of renders: pictures before and after, players that change over, what each stage did."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from os import PathLike
from pathlib import Path
from urllib.parse import quote

from restorack.io.atomic import write_whole
from restorack.reports.report import RenderReport
from restorack.text import visible

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem;
  color: #1c1e21; background: #fff }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem; overflow-wrap: anywhere }
img { width: 100%; height: auto; border: 1px solid #ddd }
.players { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 1rem }
figure { margin: 0 } figcaption { font-weight: 600 } audio { width: 100% }
table { border-collapse: collapse; margin-top: .75rem; font-size: .9rem }
td { border-top: 1px solid #ddd; padding: .25rem 1rem .25rem 0; vertical-align: top }
p.note { color: #555 }
@media (prefers-color-scheme: dark) {
  body { color: #e6e6e6; background: #16181b } td, img { border-color: #444 } p.note { color: #aaa }
  img { background: #fff }
}
"""

_SCRIPT = """
for (const item of document.querySelectorAll("section")) {
  const players = [...item.querySelectorAll("audio")];
  for (const one of players) one.addEventListener("play", () => {
    for (const other of document.querySelectorAll("audio")) {
      if (other === one || other.paused) continue;
      if (players.includes(other)) one.currentTime = other.currentTime;
      other.pause();
    }
  });
}
"""


@dataclass(frozen=True)
class PageItem:
    """A render as the page shows it.

    Parameters
    ----------
    name : str
        Its heading.
    players : sequence of (str, Path)
        What each plays, in the page's folder: label and file.
    picture : Path
        In the page's folder.
    report : RenderReport
    """

    name: str
    players: Sequence[tuple[str, Path]]
    picture: Path
    report: RenderReport


def write_page(
    path: str | PathLike[str], title: str, items: Sequence[PageItem], *, force: bool = False
) -> None:
    """Write the page; it loads nothing from elsewhere.

    Parameters
    ----------
    path : path-like
        The HTML file, in the folder of all that it shows.
    title : str
    items : sequence of PageItem
    force : bool
        Replace a page that exists.

    Raises
    ------
    FileError
        Where it exists or cannot be written.
    """
    write_whole(path, page_html(title, items).encode(), force=force)


def page_html(title: str, items: Sequence[PageItem]) -> str:
    """Return the page's text."""
    sections = "\n".join(_section(item) for item in items)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{_shown(title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{_shown(title)}</h1>
<p class="note">A player takes over where another one of the same recording is.</p>
{sections}
<script>{_SCRIPT}</script>
</body>
</html>
"""


def _section(item: PageItem) -> str:
    players = "\n".join(
        f'<figure><figcaption>{_shown(label)}</figcaption><audio controls preload="metadata" '
        f'src="{_link(file)}"></audio></figure>'
        for label, file in item.players
    )
    rows = "\n".join(
        f"<tr><td>{_shown(', '.join(one.stages))}</td><td>{_shown(one.summary)}</td></tr>"
        for one in item.report.stages
    )
    return f"""<section>
<h2>{_shown(item.name)}</h2>
<img src="{_link(item.picture)}" alt="Spectrograms of {_shown(item.name)}, before and after">
<div class="players">
{players}
</div>
<table>
{rows}
</table>
</section>"""


def _link(file: Path) -> str:
    """Return a file's address beside the page, whatever bytes its name has."""
    return quote(os.fsencode(file.name))


def _shown(text: str) -> str:
    """Return others' text as HTML; what turns the direction of writing is shown, not obeyed."""
    return escape(visible(text))
