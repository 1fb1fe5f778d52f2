"""Render: blocks through a chain, DawDreamer graphs, files.

``restorack.render`` is both this package and the function that everybody calls. Importing a
submodule makes Python put the package under that name; a package that can be called keeps
``restorack.render(...)`` true in either order.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from restorack.render.api import render
from restorack.render.result import RenderResult


class _CallablePackage(ModuleType):
    """The package, called: renders a file, see :func:`restorack.render.api.render`."""

    def __call__(self, *arguments: Any, **options: Any) -> RenderResult:
        """Call :func:`restorack.render.api.render`."""
        return render(*arguments, **options)


sys.modules[__name__].__class__ = _CallablePackage

__all__ = ["RenderResult", "render"]
