"""Attributes of stages: one that does not exist is an error that says which was meant.

pedalboard takes any attribute without a word, so that a misspelt parameter changes nothing.
"""

from __future__ import annotations

import inspect
from abc import ABCMeta
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from restorack.errors import UnknownAttributeError, suggest, suggest_parameter

_MISSING = object()


class StageType(ABCMeta):
    """The type of stage classes: a stage's attributes are those that it has once it is made."""

    if not TYPE_CHECKING:  # type checkers take signatures from __init__

        def __call__(cls, *arguments: Any, **options: Any) -> Any:
            """Make a stage; from then on unknown attributes are refused."""
            made = super().__call__(*arguments, **options)
            made.__dict__["_sealed"] = True
            return made


class CheckedAttributes(metaclass=StageType):
    """Refuses attributes that neither the class nor the instance has.

    Names with an underscore are the class's own affair; so is what its methods set while a call
    holds the stage.
    """

    _sealed: bool = False

    def _attribute_names(self) -> Iterable[str]:
        """Return the names that errors suggest."""
        return [name for name in (*vars(self), *dir(type(self))) if not name.startswith("_")]

    def _is_open(self) -> bool:
        """Return whether new attributes may be set: in constructors, and in a call."""
        return not self._sealed

    if not TYPE_CHECKING:  # type checkers know the attributes, and would take any because of these

        def __setattr__(self, name: str, value: Any) -> None:
            """Set an attribute that exists."""
            if name[0] != "_" and name not in self.__dict__ and not self._is_open():
                of_class = inspect.getattr_static(type(self), name, _MISSING)
                if of_class is _MISSING or inspect.isroutine(of_class):
                    raise _unknown(self, name, is_method=of_class is not _MISSING)
            object.__setattr__(self, name, value)

        def __getattr__(self, name: str) -> Any:
            """Refuse what is not there, and say which attribute was meant."""
            if name[0] == "_":
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            raise _unknown(self, name)


def _unknown(stage: CheckedAttributes, name: str, *, is_method: bool = False) -> Exception:
    kind = type(stage).__name__
    if is_method:
        return UnknownAttributeError(f"{name} is a method: it cannot be set", where=kind)
    return unknown_attribute(kind, name, stage._attribute_names())


def unknown_attribute(kind: str, name: str, known: Iterable[str]) -> UnknownAttributeError:
    """Return the error for an attribute that a stage or a slot has not.

    Parameters
    ----------
    kind : str
        What has no such attribute, such as ``Declicker``.
    name : str
    known : iterable of str
        What it has.
    """
    names = list(known)
    remedy = suggest_parameter(name, names)
    if not remedy.endswith(")") and not remedy.endswith("?"):
        remedy = suggest(name, names)
    return UnknownAttributeError(f"no attribute {name!r}", where=kind, remedy=remedy)


class Bypassable:
    """Gives stages ``bypass`` beside ``enabled``."""

    enabled: Any

    @property
    def bypass(self) -> bool:
        """Whether the signal passes unchanged: the opposite of ``enabled``."""
        return not self.enabled

    @bypass.setter
    def bypass(self, bypassed: bool) -> None:
        self.enabled = not bypassed
