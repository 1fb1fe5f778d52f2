"""Packages that only archives need."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from restorack.errors import ParameterError


def require(package: str) -> Any:
    """Return a package of the extra ``archive``.

    Raises
    ------
    ParameterError
        Where it is not installed.
    """
    try:
        return import_module(package)
    except ImportError:
        raise ParameterError(
            f"{package} is not installed",
            rule="METS and bags need packages of their own",
            remedy="pip install 'restorack[archive]'",
        ) from None
