"""Processor: a stage with declared parameters, dry/wet mix, residual output and automation."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from restorack.core.attributes import Bypassable
from restorack.core.automation import Automation, grid_pieces
from restorack.core.descriptions import documented, shown, table
from restorack.core.parameters import BoolParameter, FloatParameter, Parameter
from restorack.core.stage import Stage
from restorack.core.traits import Trait
from restorack.dsp.arrays import Rows, bounded
from restorack.dsp.fifo import SampleFifo
from restorack.errors import ParameterError, suggest_parameter


class Processor(Bypassable, Stage):
    """Base of every restoration stage.

    Parameters
    ----------
    **parameters
        Values of the declared parameters; the others get their defaults.

    Raises
    ------
    ParameterError
        For a name that is not declared or a value outside its range.

    Notes
    -----
    A subclass declares parameters as class attributes and implements the hooks of
    :class:`~restorack.core.stage.Stage`; its ``_push`` returns the wet signal alone. This
    class keeps the dry signal aligned with it, mixes, moves automated parameters on their grid
    (shifted by the latency, so that a value meets the sample it was set for) and counts
    ``_revision`` up at every change, so that hooks can cache what they derive from parameters.
    Samples beyond +240 dBFS are processed as if they were that loud; where the wet signal leaves
    them so, they come out as they came in.

    Parameters and automation may be set while another thread processes: without waiting, and
    with effect from the next call on. What the thread sets that processes takes effect at once.
    """

    traits: ClassVar[frozenset[Trait]] = frozenset()
    parameters: ClassVar[dict[str, Parameter[Any]]] = {}
    parameters_shared: ClassVar[tuple[str, ...]] = ("mix", "residual")

    mix = FloatParameter(
        1.0,
        0.0,
        1.0,
        description="Dry/wet: 0 returns the input bit for bit, 1 the processed signal.",
    )
    residual = BoolParameter(
        False, description="Return what the stage takes away (input minus output) instead."
    )

    def __init_subclass__(cls, **options: Any) -> None:
        """Collect the declared parameters and give the class a readable signature."""
        super().__init_subclass__(**options)
        found: dict[str, Parameter[Any]] = {}
        for base in reversed(cls.__mro__):
            found |= {k: v for k, v in vars(base).items() if isinstance(v, Parameter)}
        shared = {name: found.pop(name) for name in cls.parameters_shared if name in found}
        cls.parameters = found | shared
        cls.changes_length = Trait.CHANGES_LENGTH in cls.traits
        if cls.__dict__.get("__doc__"):
            cls.__doc__ = documented(str(cls.__doc__), cls.parameters)
        keyword = inspect.Parameter.KEYWORD_ONLY
        cls.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [inspect.Parameter(n, keyword, default=p.default) for n, p in cls.parameters.items()]
        )

    def __init__(self, *positional: Any, **parameters: Any) -> None:
        if positional:
            raise _not_positional(type(self), positional)
        super().__init__()
        self._values = {name: p.default for name, p in type(self).parameters.items()}
        self._moved: dict[str, Any] = {}
        self._revision = 0
        self._automation: dict[str, Automation] = {}
        self._held_values = dict(self._values)
        self._held_automation: dict[str, Automation] = {}
        self._dry = SampleFifo(1)
        for name, value in parameters.items():
            self._declared(name)
            setattr(self, name, value)

    def __repr__(self) -> str:
        """Return the constructor call with every value, its unit and range."""
        return shown(type(self).__name__, self.values(), type(self).parameters)

    def _repr_html_(self) -> str:
        """Return the parameters as a table, for notebooks."""
        return table(type(self).__name__, self.values(), type(self).parameters)

    def __str__(self) -> str:
        """Return the constructor call with the values that differ from the defaults."""
        changed = [f"{name}={value!r}" for name, value in self.changed_values().items()]
        return f"{type(self).__name__}({', '.join(changed)})"

    def values(self) -> dict[str, Any]:
        """Return every parameter's value, as set (automation does not show)."""
        return dict(self._values)

    def changed_values(self) -> dict[str, Any]:
        """Return the values that differ from the defaults."""
        declared = type(self).parameters
        return {n: v for n, v in self.values().items() if v != declared[n].default}

    @property
    def automation(self) -> dict[str, list[tuple[float, float]]]:
        """Breakpoints of the automated parameters, in seconds and the parameter's unit."""
        return {n: list(track.breakpoints) for n, track in dict(self._automation).items()}

    def automate(self, name: str, breakpoints: Sequence[Sequence[float]]) -> None:
        """Move a parameter over time.

        Parameters
        ----------
        name : str
            A parameter whose declaration says ``automatable``.
        breakpoints : sequence of (seconds, value)
            Straight lines between them; an empty sequence ends the automation.
        """
        parameter = self._declared(name)
        if not isinstance(parameter, FloatParameter) or not parameter.automatable:
            movable = [n for n, p in type(self).parameters.items() if p.automatable]
            raise ParameterError(
                f"{name} cannot be automated",
                where=type(self).__name__,
                rule=f"automatable here: {', '.join(movable)}",
            )
        if len(breakpoints) == 0:
            self._automation.pop(name, None)
        else:
            where = f"{type(self).__name__}.{name}"
            self._automation[name] = Automation(breakpoints, parameter, where)
        if self._lock.is_mine:
            self._when_held()

    def reset(self) -> None:
        """Drop the signal state; keep what was learned."""
        super().reset()
        self._moved.clear()

    def start(self, sample_rate: float, channels: int) -> None:
        """Begin a stream on rows that are already checked; for chains and renders."""
        self._dry = SampleFifo(channels)
        self._latency_of_moves = self.predict_latency(sample_rate)
        super().start(sample_rate, channels)

    def _attribute_names(self) -> list[str]:
        return [*type(self).parameters, *super()._attribute_names()]

    def _declared(self, name: str) -> Parameter[Any]:
        known = type(self).parameters
        if name not in known:
            raise ParameterError(
                f"no parameter {name!r}",
                where=type(self).__name__,
                remedy=suggest_parameter(name, known),
            )
        return known[name]

    def _read_parameter(self, name: str) -> Any:
        values = self._held_values if self._lock.is_mine else self._values
        return self._moved.get(name, values[name])

    def _write_parameter(self, name: str, value: Any) -> None:
        self._values[name] = value
        if self._lock.is_mine:
            self._when_held()

    def _when_held(self) -> None:
        """Take over what was set since the last call: one thread may set what another hears."""
        self._held_automation = dict(self._automation)
        values = dict(self._values)
        if values != self._held_values:
            self._held_values = values
            self._revision += 1

    def _advance(self, rows: Rows) -> Rows:
        movers = {n: a for n, a in self._held_automation.items() if n != "mix"}
        if not movers:
            return self._mixed(rows, self._push(bounded(rows)))
        heard = bounded(rows)
        stream = self._require_stream()
        parts = []
        for start, stop in grid_pieces(stream.taken, rows.shape[1]):
            position = max(0, stream.taken + start - self._latency_of_moves)
            for name, track in movers.items():
                self._move(name, track.on_grid(position, stream.sample_rate))
            parts.append(self._push(heard[:, start:stop]))
        wet = np.concatenate(parts, axis=1) if parts else rows[:, :0]
        return self._mixed(rows, wet)

    def _move(self, name: str, value: float) -> None:
        if self._read_parameter(name) != value:
            self._moved[name] = value
            self._revision += 1

    def _conclude(self) -> Rows:
        return self._mixed(None, self._finish())

    def _mixed(self, rows: Rows | None, wet: Rows) -> Rows:
        if self.changes_length:
            return wet
        if rows is not None:
            self._dry.push(rows)
        dry = self._dry.pop(wet.shape[1])
        mixed = self._blend(dry, _kept_where_unchanged(dry, wet))
        return dry - mixed if self.residual else mixed

    def _blend(self, dry: Rows, wet: Rows) -> Rows:
        track = self._held_automation.get("mix")
        stream = self._require_stream()
        if track is None:
            return _crossfade(dry, wet, self.mix)
        out = np.empty_like(wet)
        for start, stop in grid_pieces(stream.returned, wet.shape[1]):
            amount = track.on_grid(stream.returned + start, stream.sample_rate)
            out[:, start:stop] = _crossfade(dry[:, start:stop], wet[:, start:stop], amount)
        return out


def _not_positional(cls: type[Processor], positional: tuple[Any, ...]) -> TypeError:
    """Return the error for ``Declicker(0.7)``, which says how to write it."""
    pairs = zip(cls.parameters, positional, strict=False)
    example = ", ".join(f"{name}={value!r}" for name, value in pairs)
    return TypeError(f"{cls.__name__} takes its parameters by name: {cls.__name__}({example})")


def _kept_where_unchanged(dry: Rows, wet: Rows) -> Rows:
    """Return wet, but the input itself where that was bounded and the stage left it so."""
    heard = bounded(dry)
    if heard is dry:
        return wet
    return np.where((heard != dry) & (wet == heard), dry, wet)


def _crossfade(dry: Rows, wet: Rows, amount: float) -> Rows:
    """Return dry at 0 and wet at 1, both bit for bit, and the weighted sum between."""
    if amount == 1.0:
        return wet
    if amount == 0.0:
        return dry
    return np.float32(1.0 - amount) * dry + np.float32(amount) * wet
