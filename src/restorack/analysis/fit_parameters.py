"""Which parameter of the damage moves which figure of an analysis: the fit's rules, as data."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from restorack.core.parameters import FloatParameter
from restorack.core.processor import Processor
from restorack.dsp.decibels import db_to_amplitude
from restorack.meters.click_figures import LEAST_SHARE_OF_PEAK
from restorack.meters.findings import Findings

Scale = str
"""``ratio``: both grow alike. ``level``: the figure in dB, the parameter a linear level. ``db``:
both in dB. ``distance``: the figure is a distance in dB below the music."""

# Bounds of one figure's part in the whole error, in tolerances, and of one round's step, as a
# ratio and in dB: none of them decides alone. By hand.
LARGEST_ERROR = 6.0
LARGEST_STEP = 4.0
LARGEST_STEP_DB = 12.0
DAMPING = 0.8
"""Steps fall somewhat short, since one figure moves with another's parameter."""


@dataclass(frozen=True)
class FitParameter:
    """A parameter, the figure that it moves, and how.

    Parameters
    ----------
    stage : str
        The stage's name in the damaging chain.
    parameter, figure : str
        A float parameter; the dotted name of a figure.
    scale : str
        See :data:`Scale`.
    tolerance : float
        Figures that differ by less agree: a share for ``ratio``, else dB.
    lowest, highest : float
        The parameter is not moved beyond these.
    """

    stage: str
    parameter: str
    figure: str
    scale: Scale
    tolerance: float
    lowest: float = -math.inf
    highest: float = math.inf

    def error(self, wanted: float, measured: float | None) -> float:
        """Return how far a measured figure is off, in tolerances, at most ``LARGEST_ERROR``."""
        if measured is None:
            return LARGEST_ERROR
        off = abs(measured - wanted)
        if self.scale == "ratio":
            off /= max(abs(wanted), 1e-9)
        return min(off / self.tolerance, LARGEST_ERROR)

    def agrees(self, wanted: float, measured: float | None) -> bool:
        """Return whether a measured figure is near enough to the wanted one."""
        return self.error(wanted, measured) <= 1.0

    def adjust(self, stage: Processor, wanted: float, measured: float | None) -> None:
        """Move the parameter so that the figure comes nearer to what is wanted."""
        parameter = type(stage).parameters[self.parameter]
        if not isinstance(parameter, FloatParameter):
            return
        value = float(getattr(stage, self.parameter))
        moved = self._moved(value, wanted, measured)
        least, most = max(parameter.minimum, self.lowest), min(parameter.maximum, self.highest)
        setattr(stage, self.parameter, float(f"{min(max(moved, least), most):.4g}"))

    def _moved(self, value: float, wanted: float, measured: float | None) -> float:
        if self.scale == "ratio":
            step = LARGEST_STEP if not measured or measured <= 0.0 else wanted / measured
            step = min(max(step, 1.0 / LARGEST_STEP), LARGEST_STEP)
            return float(value * step**DAMPING)
        if measured is None:  # the damage is too weak to be seen
            off = LARGEST_STEP_DB / 2
        else:
            off = measured - wanted if self.scale == "distance" else wanted - measured
        off = DAMPING * min(max(off, -LARGEST_STEP_DB), LARGEST_STEP_DB)
        return value * db_to_amplitude(off) if self.scale == "level" else value + off


CRACKLE_LEVEL_DB = -34.0
"""What is louder has a tail that counts as clicks."""

FIT_PARAMETERS = (
    FitParameter("bandlimit", "high_hz", "band.edge_hz", "ratio", 0.1),
    FitParameter("bandlimit", "low_hz", "band.music_low_hz", "ratio", 0.3),
    FitParameter("rumble", "level_db", "rumble.below_music_db", "distance", 2.0),
    FitParameter("hum", "level_db", "hum.below_music_db", "distance", 2.0),
    FitParameter("noise", "level_db", "noise.hiss_below_music_db", "distance", 1.0),
    FitParameter("noise", "tilt_db_per_octave", "noise.tilt_db_per_octave", "db", 0.7),
    FitParameter("crackle", "rate_per_s", "crackle.per_second", "ratio", 0.25),
    FitParameter("crackle", "level_db", "crackle.peak_db", "db", 3.0, highest=CRACKLE_LEVEL_DB),
    FitParameter("clicks", "rate_per_s", "clicks.per_second", "ratio", 0.1),
    FitParameter(
        "clicks", "amplitude_min", "clicks.peak_db.p10", "level", 2.5, LEAST_SHARE_OF_PEAK
    ),
    FitParameter("clicks", "amplitude_max", "clicks.peak_db.p90", "level", 2.0),
    FitParameter("clicks", "length_min_ms", "clicks.width_ms.p10", "ratio", 0.3),
    FitParameter("clicks", "length_max_ms", "clicks.width_ms.p90", "ratio", 0.3),
    FitParameter("thumps", "rate_per_s", "thumps.per_second", "ratio", 0.4),
)
"""In the order in which they are turned; a figure that the real record has not is left out."""


def figure(found: Findings, name: str) -> float | None:
    """Return a figure as a number, None where it was not found."""
    try:
        value = found.figure(name)
    except KeyError:  # a quantile of nothing
        return None
    return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else None


@dataclass(frozen=True)
class DegradationType:
    """A kind of damage: its stage, and when a real record has more of it than a clean one.

    Parameters
    ----------
    name : str
        The stage's name in the chain.
    make : callable
        Takes the findings of the real record, returns the stage with first values.
    there : callable
        Takes the findings of the real record and of the clean one.
    """

    name: str
    make: Callable[[Findings], Processor]
    there: Callable[[Findings, Findings], bool]


def _worse(name: str, limit_db: float, margin_db: float) -> Callable[[Findings, Findings], bool]:
    """Return a test of a distance below the music: near enough, and nearer than in the clean."""

    def there(real: Findings, clean: Findings) -> bool:
        found, given = figure(real, name), figure(clean, name)
        return found is not None and found < limit_db and (
            given is None or found < given - margin_db
        )  # fmt: skip

    return there


def _more(name: str, least: float) -> Callable[[Findings, Findings], bool]:
    def there(real: Findings, clean: Findings) -> bool:
        found, given = figure(real, name), figure(clean, name)
        return found is not None and found >= least and found > 1.3 * (given or 0.0)

    return there


def upper_edge(real: Findings, clean: Findings) -> float | None:
    """Return where the real record ends above, in Hz, None where the clean one goes no further.

    Without an edge in its spectrum, the music may only seem to end where noise begins to hide it:
    then it must end much lower than the clean music.
    """
    heard = figure(clean, "band.music_high_hz") or 0.0  # an edge above it changes nothing
    for name, share in (("band.edge_hz", 0.8), ("band.music_high_hz", 0.6)):
        found, given = figure(real, name), figure(clean, name) or heard
        if found is not None and found < share * min(given, heard):
            return found
    return None


def lower_edge(real: Findings, clean: Findings) -> bool:
    """Return whether the real record ends above the clean one below."""
    found, given = figure(real, "band.music_low_hz"), figure(clean, "band.music_low_hz")
    return found is not None and given is not None and found > 1.9 * given


def _band(real: Findings) -> Processor:
    from restorack.degrade.channel.band_limit import BandLimit

    return BandLimit(low_hz=0.0, high_hz=0.0, order=8 if real.band.edge_is_wall else 4)


def _noise(real: Findings) -> Processor:
    from restorack.degrade.additive.hiss import Hiss
    from restorack.degrade.additive.surface_noise import SurfaceNoise

    level = -(real.noise.hiss_below_music_db or 30.0)
    tilt = min(max(real.noise.tilt_db_per_octave or 0.0, -12.0), 12.0)
    values: dict[str, Any] = {"level_db": level, "tilt_db_per_octave": tilt}
    if real.rotation.rpm is None and real.clicks.at_least_per_second < 0.3:
        return Hiss(**values)
    return SurfaceNoise(rpm=adjusts(real), **values)


def _clicks(real: Findings) -> Processor:
    from restorack.degrade.additive.clicks import Clicks

    peaks, widths = real.clicks.peak_db, real.clicks.width_ms
    values: dict[str, Any] = {"rate_per_s": min(50.0, real.clicks.per_second), "rpm": adjusts(real)}
    if peaks is not None and widths is not None:
        low, high = (db_to_amplitude(level) for level in (peaks.p10, peaks.p90))
        values |= {"amplitude_min": min(4.0, low), "amplitude_max": min(4.0, high)}
        values |= {"length_min_ms": max(0.02, widths.p10), "length_max_ms": max(0.1, widths.p90)}
    return Clicks(recurring=0.3 if real.rotation.rpm is not None else 0.0, **values)


def adjusts(real: Findings) -> float:
    """Return the speed of a record in rpm; 78.26 where it is not known."""
    rotation = real.rotation
    return min(120.0, max(10.0, rotation.nominal_rpm or rotation.rpm or 78.26))


def _crackle(real: Findings) -> Processor:
    from restorack.degrade.additive.crackle import Crackle

    level = min(CRACKLE_LEVEL_DB, max(-90.0, real.crackle.peak_db or -40.0))
    rate = min(4_000.0, 2.0 * (real.crackle.per_second or 1.0))
    # Little spread: what is 6 dB above the median would already be a click.
    return Crackle(rate_per_s=rate, level_db=level, spread_db=3.0, rpm=adjusts(real))


def _rumble(real: Findings) -> Processor:
    from restorack.degrade.additive.rumble import Rumble

    return Rumble(level_db=-(real.rumble.below_music_db or 40.0), rpm=adjusts(real))


def _hum(real: Findings) -> Processor:
    from restorack.degrade.additive.hum import Hum

    return Hum(
        mains_hz=real.hum.frequency_hz or 50.0, level_db=-(real.hum.below_music_db or 40.0),
        drift_hz=0.02,
    )  # fmt: skip


def _thumps(real: Findings) -> Processor:
    from restorack.degrade.additive.thumps import Thumps

    return Thumps(rate_per_s=real.thumps.per_second, rpm=adjusts(real))


DEGRADATION_TYPES = (
    DegradationType(
        "bandlimit",
        _band,
        lambda real, clean: upper_edge(real, clean) is not None or lower_edge(real, clean),
    ),
    DegradationType("rumble", _rumble, _worse("rumble.below_music_db", 35.0, 3.0)),
    DegradationType("hum", _hum, _worse("hum.below_music_db", 50.0, 3.0)),
    DegradationType("noise", _noise, _worse("noise.snr_db", 50.0, 1.0)),
    DegradationType("crackle", _crackle, _more("crackle.per_second", 8.0)),
    DegradationType("clicks", _clicks, _more("clicks.at_least_per_second", 0.3)),
    DegradationType("thumps", _thumps, _more("thumps.per_second", 0.1)),
)
"""In the order of the chain: what the horn and the cutter took away, then what was added."""
