"""Copies of pedalboard's effects, which pedalboard can neither copy nor pickle."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from restorack.chains.native_parameters import (
    CONTAINERS,
    PREFIX,
    native_class,
    native_instance,
    native_names,
    native_values,
)

if TYPE_CHECKING:
    import pedalboard


@dataclass(frozen=True)
class NativeCopy:
    """What an effect is made from anew: its class and values, or its parts.

    Attributes
    ----------
    kind : str
        The class, such as ``Compressor`` or ``Mix``.
    values : dict
        Parameters, in pedalboard's units.
    parts : tuple
        Of a container, copies of what is in it.
    """

    kind: str
    values: dict[str, Any] = field(default_factory=dict)
    parts: tuple[NativeCopy | None, ...] = ()

    @classmethod
    def of(cls, plugin: pedalboard.Plugin) -> NativeCopy:
        """Return what a plugin is made from.

        Raises
        ------
        TypeError
            For a plugin of another maker: pedalboard does not tell its file.
        """
        kind = type(plugin).__name__
        if kind in CONTAINERS:
            inner: Any = plugin
            return cls(kind, parts=tuple(None if p is None else cls.of(p) for p in inner))
        if PREFIX + kind not in native_names():
            raise TypeError(
                f"a {kind} that pedalboard has loaded can neither be copied nor pickled; "
                "load it with restorack.load_plugin, whose plugins can"
            )
        return cls(kind, native_values(plugin))

    def made(self) -> pedalboard.Plugin:
        """Return a new plugin."""
        if self.kind in CONTAINERS:
            import pedalboard

            parts = [None if part is None else part.made() for part in self.parts]
            container: pedalboard.Plugin = getattr(pedalboard, self.kind)(parts)
            return container
        return native_instance(native_class(PREFIX + self.kind), self.values)
