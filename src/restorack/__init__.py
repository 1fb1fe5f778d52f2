"""restorack: a restoration rack for audio.

Restoration stages as pedalboard-compatible processors, chained with pedalboard's effects and
third-party plugins in YAML presets, rendered offline.

The public names are loaded when they are first used, so that ``import restorack`` is quick:
``Chain``, ``Parallel``, ``load_preset``, ``save_preset``, ``preset_names``, ``render``,
``Processor``, ``vst3``, ``lv2``, ``faust``, the errors and every stage that comes with the
package; ``__init__.pyi`` lists them all.

``restorack.render`` is a package that can be called: ``restorack.render(...)`` renders a file, and
``restorack.render.api`` stays reachable, whichever comes first.
"""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path
from typing import Any

from restorack.lazy_names import importer
from restorack.version import __version__ as __version__

_STUB = ast.parse(Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
_HOME_OF = {
    alias.name: str(node.module)
    for node in _STUB.body
    if isinstance(node, ast.ImportFrom)
    for alias in node.names
}
_load = importer(__name__, _HOME_OF)
__all__ = sorted(_HOME_OF)  # noqa: PLE0605  the stub has the names


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name == "render":  # the package itself: importing it binds the name
        return import_module("restorack.render")
    return _load(name)


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
