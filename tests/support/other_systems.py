"""Modules of ``restorack.system`` as another system would have them, over what stands for it."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import restorack.system

As = Callable[..., ModuleType]
"""Of the fixture ``on``: :func:`as_on` for one test."""


def as_on(monkeypatch: pytest.MonkeyPatch, system: str, name: str, **stand_ins: Any) -> ModuleType:
    """Return a module of ``restorack.system`` as it is on ``win32``, ``darwin`` or ``linux``.

    Parameters
    ----------
    monkeypatch : pytest.MonkeyPatch
    system : str
    name : str
        Of the module.
    stand_ins : object
        Modules to import instead, by name; ``windows`` is the package's own.
    """
    spec = importlib.util.find_spec(f"restorack.system.{name}")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", system)
        for key, stand_in in stand_ins.items():
            if key == "windows":
                patch.setattr(restorack.system, key, stand_in, raising=False)
                key = "restorack.system.windows"  # noqa: PLW2901
            patch.setitem(sys.modules, key, stand_in)
        spec.loader.exec_module(module)
    return module


class Calls(SimpleNamespace):
    """Functions that note their calls; what is not given answers None.

    Attributes
    ----------
    made : list of tuple
        Each call's name and arguments.
    """

    def __init__(self, **given: Any) -> None:
        super().__init__(made=[])
        for name, answer in given.items():
            setattr(self, name, self._noting(name, answer) if callable(answer) else answer)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._noting(name, lambda *a, **k: None)

    def _noting(self, name: str, answer: Any) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            self.made.append((name, *arguments))
            return answer(*arguments, **options)

        return call
