"""The page's script and style, each one text, of the files under ``web``."""

from __future__ import annotations

import base64
import hashlib
import posixpath
import re
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable

_IMPORT = re.compile(r'^import \{[^}]*\} from "(\.[a-z_./]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class) )", re.MULTILINE)
STYLES = ("colours.css", "page.css", "player.css")
INDEX_STYLES = ("colours.css", "page.css")


def web() -> Traversable:
    """Return the folder of templates, scripts and styles."""
    return resources.files("restorack.reports.listening") / "web"


@lru_cache
def script(entry: str = "main.js") -> str:
    """Return a module with all that it imports as one module.

    Modules stand in the order of their imports and share one scope: their names are unique, which
    a test checks.
    """
    placed: dict[str, str] = {}

    def place(name: str) -> None:
        if name in placed:
            return
        placed[name] = ""  # a circle would be cut here
        text = (web() / "js" / name).read_text(encoding="utf-8")
        for imported in _IMPORT.findall(text):
            place(posixpath.normpath(posixpath.join(posixpath.dirname(name), imported)))
        del placed[name]
        placed[name] = _EXPORT.sub("", _IMPORT.sub("", text)).strip()

    place(entry)
    return "\n" + "\n\n".join(placed.values()) + "\n"


@lru_cache
def style(names: tuple[str, ...] = STYLES) -> str:
    """Return style sheets as one."""
    texts = [(web() / "css" / name).read_text(encoding="utf-8") for name in names]
    return "\n" + "\n".join(text.strip() for text in texts) + "\n"


def policy(script_text: str, style_text: str, *, beside: bool) -> str:
    """Return the page's content security policy: its own script and style, by their hashes.

    Parameters
    ----------
    script_text, style_text : str
        Empty: there is none.
    beside : bool
        Scripts beside the page hold its audio.
    """
    scripts = [_hash(script_text)] if script_text else []
    scripts += ["'self'", "file:"] if beside else []
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {' '.join(scripts) or chr(39) + 'none' + chr(39)}",
            f"style-src {_hash(style_text)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
