"""The directives ``players`` and ``gallery``: sound that scripts/pages/gallery.py made."""

from __future__ import annotations

import json
import shutil
from html import escape
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

MADE = Path(__file__).parent.parent / "_gallery"
"""What scripts/pages/gallery.py has made: the sounds, the pictures and ``gallery.json``."""


def items() -> dict[str, dict[str, Any]]:
    """Return what was made, by preset."""
    index = MADE / "gallery.json"
    return json.loads(index.read_text()) if index.exists() else {}


class Players(SphinxDirective):
    """``{players} PRESET``: its picture and players."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the players, or a line that says that they were not made."""
        self.env.note_reread()
        item = items().get(self.arguments[0])
        if item is None:
            return [nodes.paragraph(text="(Its sound was left out of this build.)")]
        depth = self.env.docname.count("/")
        return [nodes.raw("", players_html(item, "../" * depth + "_gallery/"), format="html")]


class Gallery(SphinxDirective):
    """``{gallery} restoring`` or ``damaging``: a section for each preset, with its players."""

    required_arguments = 1
    groups: ClassVar[dict[str, bool]] = {"restoring": False, "damaging": True}

    def run(self) -> list[nodes.Node]:
        """Return the sections."""
        from restorack.presets import list_presets

        damaging = self.groups[self.arguments[0]]
        text = [
            f"### {preset.name}\n\n{preset.description}\n\n```{{players}} {preset.name}\n```\n"
            for preset in list_presets()
            if preset.name.startswith("degrade-") == damaging
        ]
        return self.parse_text_to_nodes("\n".join(text), allow_section_headings=True)


def players_html(item: dict[str, Any], base: str) -> str:
    """Return a picture and its players, of which one plays at a time."""
    figures = "".join(
        f"<figure><figcaption>{escape(label)}</figcaption>"
        f'<audio controls preload="none" src="{base}{escape(file)}"></audio></figure>'
        for label, file in item["players"]
    )
    said = f"<p>{escape(item['about'])}</p>" if item.get("about") else ""
    return (
        f'<div class="before-after">{said}<img src="{base}{escape(item["picture"])}" loading="lazy"'
        f' alt="Spectrograms before and after"><div class="players">{figures}</div></div>'
    )


def copy_made(app: Sphinx, exception: Exception | None) -> None:
    """Copy the sounds beside the pages, over those of an earlier build."""
    if exception is None and MADE.exists():
        shutil.copytree(MADE, Path(app.outdir) / "_gallery", dirs_exist_ok=True)


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx of the directives."""
    app.add_directive("players", Players)
    app.add_directive("gallery", Gallery)
    app.connect("build-finished", copy_made)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
