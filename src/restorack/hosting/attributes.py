"""A hosted plugin's parameters as attributes: ``plugin.threshold_db = -18``."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from restorack.core.attributes import CheckedAttributes, unknown_attribute


class ParameterAttributes(CheckedAttributes):
    """Reads and sets the plugin's own parameters; refuses what it does not have.

    The plugin is loaded once for their names. An optional one that is not installed takes every
    name, as its settings do.
    """

    missing: bool

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """Return the plugin's channels, latency and parameters."""

    @abstractmethod
    def set_parameter(self, name: str, value: Any) -> None:
        """Set a parameter, checked by the plugin."""

    @property
    def parameters(self) -> dict[str, Any]:
        """The plugin's own parameters by name, each with title, unit, range and default."""
        return self._own_parameters()

    def _own_parameters(self) -> dict[str, Any]:
        return {} if self.missing else {p["name"]: p for p in self.describe()["parameters"]}

    if not TYPE_CHECKING:

        def __setattr__(self, name: str, value: Any) -> None:
            """Set an attribute of the stage, or a parameter of the plugin."""
            is_own = name[0] == "_" or name in self.__dict__ or hasattr(type(self), name)
            if is_own or self._is_open():
                super().__setattr__(name, value)
                return
            known = self._own_parameters()
            if known and name not in known:
                raise unknown_attribute(str(self), name, [*known, *self._attribute_names()])
            self.set_parameter(name, value)

        def __getattr__(self, name: str) -> Any:
            """Return a parameter's value: as it was set, else its default."""
            if name[0] == "_" or not self.__dict__.get("_sealed"):
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            known = self._own_parameters()
            if name not in known:
                raise unknown_attribute(str(self), name, [*known, *self._attribute_names()])
            return self.spec.params.get(name, _number(known[name].get("default")))


def _number(shown: Any) -> Any:
    """Return a default that plugins show as a text as the number that it is."""
    try:
        return float(shown) if isinstance(shown, str) else shown
    except ValueError:
        return shown
