"""Render: blocks through a chain, DawDreamer graphs, files.

``restorack.render`` is both this package and the function that everybody calls. Importing a
submodule makes Python put the package under that name, so the package itself is what
``restorack.render`` always is, and it can be called: its type is a module with ``__call__``. It has
the function's signature, and pickles by name, as a function does.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

from restorack.render.api import render
from restorack.render.result import RenderResult


class _CallablePackage(ModuleType):
    """The package, called: renders a file, see :func:`restorack.render.api.render`."""

    def __call__(self, *arguments: Any, **options: Any) -> RenderResult:
        """Call :func:`restorack.render.api.render`."""
        return render(*arguments, **options)

    def __reduce__(self) -> tuple[Callable[[str], ModuleType], tuple[str]]:
        """Pickle by name, so that worker processes can be given the function."""
        return import_module, (self.__name__,)


__signature__ = inspect.signature(render)
sys.modules[__name__].__class__ = _CallablePackage

__all__ = ["RenderResult", "render"]
