"""Synthetic damage held against a real record, and fitted to it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from restorack.analysis.fit_parameters import (
    DEGRADATION_TYPES,
    FIT_PARAMETERS,
    FitParameter,
    figure,
    lower_edge,
    upper_edge,
)
from restorack.analysis.recording import PASSAGE_S, analyze, analyze_audio
from restorack.chains import Chain, ChainSettings
from restorack.core.processor import Processor
from restorack.dsp.arrays import Rows
from restorack.errors import AudioError, ParameterError
from restorack.io.reader import AudioReader
from restorack.meters.findings import Findings

OnRound: TypeAlias = Callable[[int, int, int], None]

# Music that is damaged and measured, at most; times that it is; shorter music is repeated up to
# this; the cross-fade of repeats. In seconds, by hand.
DEFAULT_SECONDS = 60.0
ROUNDS = 8
LEAST_SECONDS = 30.0
SEAM_S = 0.02


@dataclass(frozen=True)
class Row:
    """A figure of both.

    Parameters
    ----------
    figure : str
        Its dotted name.
    stage, parameter : str
        What was fitted to it.
    value : float
        The parameter's value in the end.
    real, clean, synthetic : float or None
        Of the real record, of the clean one as it was, and damaged.
    agrees : bool
        Whether real and synthetic are within the tolerance.
    """

    figure: str
    stage: str
    parameter: str
    value: float
    real: float
    clean: float | None
    synthetic: float | None
    agrees: bool


@dataclass(frozen=True)
class Comparison:
    """A fit.

    Parameters
    ----------
    chain : Chain
        The damage; ``save_preset`` writes it.
    rows : tuple of Row
        Figure by figure.
    real, clean, synthetic : Findings
        In full.
    rounds : int
        How often the damage was made and measured.
    """

    chain: Chain
    rows: tuple[Row, ...]
    real: Findings
    clean: Findings
    synthetic: Findings
    rounds: int

    @property
    def agrees(self) -> bool:
        """Whether all fitted figures agree."""
        return all(row.agrees for row in self.rows)


def compare(
    real: str | PathLike[str],
    clean: str | PathLike[str],
    *,
    seconds: float = DEFAULT_SECONDS,
    rounds: int = ROUNDS,
    seed: int = 0,
    on_round: OnRound | None = None,
) -> Comparison:
    """Damage a clean recording so that its figures become those of a real record.

    The damage that the real record has, and the clean one has not, is made by ``restorack``'s
    degrading stages; it is measured as the real record was, and its parameters are moved until
    the figures agree.

    Parameters
    ----------
    real, clean : path-like
        Audio files; they need not hold the same music, but the more alike it is the better.
    seconds : float
        How much of each is looked at, 30 s at least. A shorter clean recording is repeated.
    rounds : int
        Damages and measures at most so often.
    seed : int
        Of the damage.
    on_round : callable, optional
        Gets, before and after every round, how many were made, how many figures are fitted, and
        how many of them agree.

    Returns
    -------
    Comparison

    Raises
    ------
    FileError, AudioError
        Where a file cannot be read, or the clean one is silent.
    ParameterError
        For less than 30 s or one round.
    """
    if not seconds >= PASSAGE_S or rounds < 1:
        raise ParameterError(
            f"{seconds:g} s, {rounds} rounds", rule=f"{PASSAGE_S:g} s, one round, or more"
        )
    wanted = analyze(real, most_seconds=seconds)
    music, rate = _read(clean, seconds)
    given = analyze_audio(music, rate, most_seconds=seconds)
    chain = _chain(wanted, given, Path(real), seed)
    knobs = _knobs(chain, wanted, given)
    found, least, best, done, off = given, math.inf, _values(chain), 0, knobs
    tell = on_round or (lambda made, figures, agreeing: None)
    tell(0, len(knobs), 0)
    while off and done < rounds:
        tried = analyze_audio(chain(music, rate), rate, most_seconds=seconds)
        done += 1
        errors = {knob: knob.error(_wanted(wanted, knob), figure(tried, knob.figure))
                  for knob in knobs}  # fmt: skip
        if sum(errors.values()) < least:
            found, least, best = tried, sum(errors.values()), _values(chain)
        off = [knob for knob, error in errors.items() if error > 1.0]
        tell(done, len(knobs), len(knobs) - len(off))
        before = _values(chain)
        for knob in off:
            stage: Any = chain.slot(knob.stage).stage
            knob.adjust(stage, _wanted(wanted, knob), figure(tried, knob.figure))
        if _values(chain) == before:  # at the ends of their ranges
            break
    _restore(chain, best)
    return Comparison(chain, _rows(chain, knobs, wanted, given, found), wanted, given, found, done)


def _values(chain: Chain) -> list[dict[str, Any]]:
    return [stage.values() for stage in chain]


def _read(path: str | PathLike[str], seconds: float) -> tuple[Rows, float]:
    """Return the middle of a file, repeated where it is short, its ends softened."""
    with AudioReader(path) as reader:
        rate = float(reader.info.sample_rate)
        size = min(reader.info.frames, round(seconds * rate))
        start = (reader.info.frames - size) // 2
        parts = list(reader.blocks(start=start, stop=start + size))
    rows = np.concatenate(parts, axis=1) if parts else np.zeros((1, 0), np.float32)
    if not rows.any():
        raise AudioError("is silent", where=str(path), rule="damage counts from the music's level")
    if size >= LEAST_SECONDS * rate:
        return rows, rate
    fade = min(size // 2, round(SEAM_S * rate))
    ramp = np.linspace(0.0, 1.0, fade, endpoint=False, dtype=np.float32)
    rows[:, :fade] *= ramp
    rows[:, size - fade :] *= ramp[::-1]
    return np.tile(rows, int(np.ceil(LEAST_SECONDS * rate / size))), rate


def _chain(real: Findings, clean: Findings, path: Path, seed: int) -> Chain:
    name = re.sub(r"[^A-Za-z0-9._+-]+", "-", path.stem).strip("-") or "record"
    settings = ChainSettings(
        f"degrade-{name}",
        f"Damage fitted to a real record, {path.name}: {real.condition.word}.",
    )
    chain = Chain(settings=settings)
    for fault in DEGRADATION_TYPES:
        if fault.there(real, clean):
            stage = fault.make(real)
            if "seed" in type(stage).parameters:
                stage.seed = seed  # type: ignore[attr-defined]
            chain.add(stage, fault.name)
    if "bandlimit" in chain.names:
        _choose_edges(chain.slot("bandlimit").stage, real, clean)
    return chain


def _choose_edges(band: Any, real: Findings, clean: Findings) -> None:
    """Leave open the sides on which the real record goes as far as the clean one."""
    band.high_hz = upper_edge(real, clean) or 0.0
    if lower_edge(real, clean):
        band.low_hz = min(8_000.0, figure(real, "band.music_low_hz") or 0.0)


def _knobs(chain: Chain, real: Findings, clean: Findings) -> list[FitParameter]:
    """Return the knobs of the stages that are there and of the figures that the record has."""
    skipped = set() if upper_edge(real, clean) == figure(real, "band.edge_hz") else {"band.edge_hz"}
    skipped |= set() if lower_edge(real, clean) else {"band.music_low_hz"}
    return [
        knob
        for knob in FIT_PARAMETERS
        if knob.stage in chain.names
        and knob.figure not in skipped
        and figure(real, knob.figure) is not None
    ]


def _wanted(real: Findings, knob: FitParameter) -> float:
    value = figure(real, knob.figure)
    return 0.0 if value is None else value  # never None: such knobs are left out


def _restore(chain: Chain, values: list[dict[str, Any]]) -> None:
    for stage, saved in zip(chain, values, strict=True):
        for name, value in saved.items():
            setattr(stage, name, value)


def _rows(
    chain: Chain, knobs: list[FitParameter], real: Findings, clean: Findings, found: Findings
) -> tuple[Row, ...]:
    rows = []
    for knob in knobs:
        target, measured = _wanted(real, knob), figure(found, knob.figure)
        stage: Processor = chain.slot(knob.stage).stage  # type: ignore[assignment]
        rows.append(
            Row(
                knob.figure, knob.stage, knob.parameter, float(getattr(stage, knob.parameter)),
                target, figure(clean, knob.figure), measured, knob.agrees(target, measured),
            )
        )  # fmt: skip
    return tuple(rows)
