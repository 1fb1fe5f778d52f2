"""Parameters as objects: one declaration feeds checks, presets, help, docs and automation."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Generic, Protocol, TypeVar, overload

from restorack.errors import ParameterError, suggest

T = TypeVar("T")


class HoldsParameters(Protocol):
    """What owns parameters: it stores their values and hears of changes."""

    def _read_parameter(self, name: str) -> Any: ...

    def _write_parameter(self, name: str, value: Any) -> None: ...


class Parameter(ABC, Generic[T]):
    """A declared parameter of a processor, used as a class attribute.

    Parameters
    ----------
    default : T
        Value of a new processor.
    unit : str
        Unit as in the name's ending (``dB``, ``Hz``, ``ms``, ``s``), empty for pure numbers.
    description : str
        One sentence for help, docs and schema.
    automatable : bool
        False for what shapes the stream itself (look-ahead, modes, profiles): such a value is
        read when a stream begins, and a change takes effect at the next ``reset()``.
    """

    name: str
    owner: str

    def __init__(
        self, default: T, *, unit: str = "", description: str, automatable: bool = False
    ) -> None:
        self.default = default
        self.unit = unit
        self.description = description
        self.automatable = automatable

    def __set_name__(self, owner: type, name: str) -> None:
        """Learn the attribute's name from the class body."""
        self.name = name
        self.owner = owner.__name__
        self.__doc__ = f"{self.description} {self.describe_range().capitalize()}."

    @overload
    def __get__(self, instance: None, owner: type) -> Parameter[T]: ...

    @overload
    def __get__(self, instance: HoldsParameters, owner: type) -> T: ...

    def __get__(self, instance: HoldsParameters | None, owner: type) -> Parameter[T] | T:
        """Return the declaration on the class, the value on an instance."""
        if instance is None:
            return self
        value: T = instance._read_parameter(self.name)
        return value

    def __set__(self, instance: HoldsParameters, value: T) -> None:
        """Check and store a value."""
        try:
            checked = self.check(value)
        except ParameterError as error:
            error.where = type(instance).__name__  # shared ones are declared in Processor
            raise
        instance._write_parameter(self.name, checked)

    @abstractmethod
    def check(self, value: Any) -> T:
        """Return the value in its own type, or raise :class:`ParameterError`."""

    @abstractmethod
    def describe_range(self) -> str:
        """Return the allowed values in words, for messages and docs."""

    @abstractmethod
    def json_schema(self) -> dict[str, Any]:
        """Return the JSON schema of the value."""

    names_audio: bool = False
    """Whether a file that it names is only ever read as audio."""

    def names_file(self, value: Any) -> bool:
        """Return whether a value is a path, which in presets counts from the preset's folder."""
        return False

    def _within(self, value: Any, minimum: float, maximum: float) -> float:
        """Return a value as a float of a closed range, or raise."""
        if isinstance(value, bool) or not hasattr(value, "__float__"):
            raise self._reject(value)
        number = float(value)
        if not minimum <= number <= maximum:
            raise self._reject(value)
        return number

    def _reject(self, value: Any, remedy: str = "") -> ParameterError:
        return ParameterError(
            f"{self.name} = {value!r}",
            where=self.owner,
            rule=f"{self.name} is {self.describe_range()}",
            remedy=remedy,
        )


class FloatParameter(Parameter[float]):
    """A number within a closed range.

    Parameters
    ----------
    default, minimum, maximum : float
        In the parameter's unit.
    logarithmic : bool
        Whether the 0..1 scale of automation is logarithmic (frequencies); needs ``minimum > 0``.
    """

    def __init__(
        self,
        default: float,
        minimum: float,
        maximum: float,
        *,
        unit: str = "",
        description: str,
        logarithmic: bool = False,
        automatable: bool = True,
    ) -> None:
        super().__init__(default, unit=unit, description=description, automatable=automatable)
        self.minimum = minimum
        self.maximum = maximum
        self.logarithmic = logarithmic

    def check(self, value: Any) -> float:
        """Return the value as a float within the range."""
        return self._within(value, self.minimum, self.maximum)

    def describe_range(self) -> str:
        """Return the range with its unit."""
        unit = f" {self.unit}" if self.unit else ""
        return f"a number from {self.minimum:g} to {self.maximum:g}{unit}"

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON schema of the value."""
        return {"type": "number", "minimum": self.minimum, "maximum": self.maximum}

    def from_unit_scale(self, position: float) -> float:
        """Map 0..1 to a value of the parameter."""
        low, high = self.minimum, self.maximum
        if self.logarithmic:
            low, high = math.log(low), math.log(high)
        at = low + min(1.0, max(0.0, position)) * (high - low)
        number = math.exp(at) if self.logarithmic else at
        return min(self.maximum, max(self.minimum, number))


class AutoFloatParameter(Parameter[float | str]):
    """A number within a closed range, or ``auto`` for one that is measured.

    Parameters
    ----------
    minimum, maximum : float
        In the parameter's unit. The default is ``auto``.
    """

    AUTO = "auto"

    def __init__(self, minimum: float, maximum: float, *, unit: str = "", description: str) -> None:
        super().__init__(self.AUTO, unit=unit, description=description)
        self.minimum, self.maximum = minimum, maximum

    def check(self, value: Any) -> float | str:
        """Return ``auto``, or the value as a float within the range."""
        if isinstance(value, str) and value == self.AUTO:
            return self.AUTO
        return self._within(value, self.minimum, self.maximum)

    def describe_range(self) -> str:
        """Return the range with its unit."""
        unit = f" {self.unit}" if self.unit else ""
        return f"{self.AUTO}, or a number from {self.minimum:g} to {self.maximum:g}{unit}"

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON schema of the value."""
        number = {"type": "number", "minimum": self.minimum, "maximum": self.maximum}
        return {"anyOf": [{"const": self.AUTO}, number]}


class IntParameter(Parameter[int]):
    """A whole number within a closed range."""

    def __init__(
        self, default: int, minimum: int, maximum: int, *, unit: str = "", description: str
    ) -> None:
        super().__init__(default, unit=unit, description=description)
        self.minimum = minimum
        self.maximum = maximum

    def check(self, value: Any) -> int:
        """Return the value as an int within the range; 3.0 is taken for 3."""
        if isinstance(value, bool) or not hasattr(value, "__float__") or value != value // 1:
            raise self._reject(value)
        if not self.minimum <= value <= self.maximum:
            raise self._reject(value)
        return int(value)

    def describe_range(self) -> str:
        """Return the range with its unit."""
        unit = f" {self.unit}" if self.unit else ""
        return f"a whole number from {self.minimum} to {self.maximum}{unit}"

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON schema of the value."""
        return {"type": "integer", "minimum": self.minimum, "maximum": self.maximum}


class BoolParameter(Parameter[bool]):
    """On or off."""

    def check(self, value: Any) -> bool:
        """Return the value, which must be a bool."""
        if not isinstance(value, bool):
            raise self._reject(value)
        return value

    def describe_range(self) -> str:
        """Return the two values."""
        return "true or false"

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON schema of the value."""
        return {"type": "boolean"}


class ChoiceParameter(Parameter[str]):
    """One word of a list."""

    def __init__(self, default: str, choices: Sequence[str], *, description: str) -> None:
        super().__init__(default, description=description)
        self.choices = tuple(choices)

    def check(self, value: Any) -> str:
        """Return the word if it is one of the choices."""
        if value not in self.choices:
            raise self._reject(value, suggest(str(value), self.choices))
        return str(value)

    def describe_range(self) -> str:
        """Return the choices."""
        return "one of " + ", ".join(self.choices)

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON schema of the value."""
        return {"type": "string", "enum": list(self.choices)}


class TextParameter(Parameter[str]):
    """Free text whose form the owner checks.

    Parameters
    ----------
    default : str
        Value of a new processor.
    form : str
        The allowed form in words, for messages and docs.
    accepts : callable, optional
        Takes the text, returns True where it has the form.
    is_path : callable, optional
        Takes the text, returns True where it is the path of a file.
    names_audio : bool
        Whether such a file is only ever read as audio: a preset may name it wherever it lies.
    """

    def __init__(
        self,
        default: str,
        *,
        form: str,
        description: str,
        accepts: Callable[[str], bool] | None = None,
        is_path: Callable[[str], bool] | None = None,
        names_audio: bool = False,
    ) -> None:
        super().__init__(default, description=description)
        self.names_audio = names_audio
        self.form = form
        self._accepts = accepts
        self._is_path = is_path

    def names_file(self, value: Any) -> bool:
        """Return whether a text is a path."""
        return isinstance(value, str) and self._is_path is not None and self._is_path(value)

    def check(self, value: Any) -> str:
        """Return the text if it has the form."""
        if not isinstance(value, str) or (self._accepts is not None and not self._accepts(value)):
            raise self._reject(value)
        return value

    def describe_range(self) -> str:
        """Return the form."""
        return self.form

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON schema of the value."""
        return {"type": "string"}
