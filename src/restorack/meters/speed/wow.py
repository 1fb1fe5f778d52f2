"""Wow of a disc, found blind: once and twice a turn, growing inwards."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.sinc_reader import HALF, SincReader
from restorack.dsp.speed_curve import SpeedCurve
from restorack.meters.speed.once_around import Fit, OnceAround, gain
from restorack.meters.speed.partials import Floats, find_partials

RANGES_RPM = ((32.5, 34.2), (44.0, 46.0), (60.0, 100.0))
"""Speeds of rotation that are tried: about 33 1/3 and 45, and shellac from 60 to 100. By hand."""
STEPS_PER_CYCLE = 5
"""Speeds that are tried for each cycle that the recording could be wrong by."""

LEAST_TURNS = 20.0
"""Turns that a recording needs, 15 s at 78 rpm. By hand."""
LEAST_SCORE = 200.0
"""Score of the wave; music without wow reached 178: docs/guides/disc-transfers.md."""
MOST_DISAGREEMENT = 0.3
"""Of the halves' waves, over the depth. Set on the recordings of docs/guides/disc-transfers.md."""
LEAST_DEPTH = 5e-4
"""Peak deviation that is corrected, 0.05 %. By hand."""
LEAST_PARTIALS = 12
"""Partials below which no wave is fitted. By hand."""

ROUNDS = 5
"""Fits: one to the recording, four to what is left after correction. By hand."""
MOST_DEPTH = 0.03
"""Peak deviation above which the wave is not believed, 3 %. By hand."""
MOST_GROWTH = 0.75
"""Share of the radius that is lost at the end, at most. By hand."""
GROWTH_DEVIATION = 0.3
"""How much the depth grows from side to side; a growth that is known less well is drawn to 0."""
KNOTS_PER_TURN = 64
"""Straight lines between them miss the wave of once a turn by 0.12 % of its depth. By hand."""


@dataclass(frozen=True)
class Wow:
    """Speed ``1 + g(t) (depth cos(2 pi f t + phase) + second cos(4 pi f t + second_phase))``.

    Attributes
    ----------
    hertz : float
        Turns a second.
    depth, phase : float
        Peak deviation in the middle of the recording (0.01 for one per cent), and radians.
    second_depth, second_phase : float
        The same of what comes twice a turn, as on a warped disc; 0 without.
    growth : float
        Share of the groove's radius that is gone at the end: g(t) is one over the radius, 1 in
        the middle. 0 for a depth that stays.
    seconds : float
        Length of the recording.
    score, disagreement : float
        What it was accepted by.
    """

    hertz: float
    depth: float
    phase: float
    seconds: float
    growth: float = 0.0
    second_depth: float = 0.0
    second_phase: float = 0.0
    score: float = 0.0
    disagreement: float = 0.0

    @property
    def rpm(self) -> float:
        """Turns a minute."""
        return 60.0 * self.hertz

    def described(self) -> dict[str, float]:
        """Return its figures for reports."""
        found = {
            "rpm": round(self.rpm, 3),
            "depth_percent": round(100.0 * self.depth, 4),
            "phase_degrees": round(math.degrees(self.phase), 1),
            "radius_lost": round(self.growth, 3),
            "score": round(self.score, 1),
            "disagreement_of_halves": round(self.disagreement, 3),
        }
        if self.second_depth:
            found["twice_a_turn_percent"] = round(100.0 * self.second_depth, 4)
        return found

    def speed(self, seconds: Floats) -> Floats:
        """Return the speed at times in seconds, 1 where it is right."""
        turn = 2.0 * np.pi * self.hertz * seconds
        once = self.depth * np.cos(turn + self.phase)
        twice = self.second_depth * np.cos(2.0 * turn + self.second_phase)
        return np.asarray(1.0 + gain(seconds, self.seconds, self.growth) * (once + twice))

    def curve(self) -> SpeedCurve:
        """Return the speed as lines between 64 knots a turn, moving nothing on the whole."""
        count = max(2, round(self.seconds * self.hertz * KNOTS_PER_TURN))
        seconds = np.linspace(0.0, max(self.seconds, 1e-3), count)
        curve = SpeedCurve(seconds, self.speed(seconds))
        moved = float(np.mean(curve.output_seconds(seconds) - seconds))
        return SpeedCurve(seconds, self.speed(seconds), -moved)


def find_wow(samples: NDArray[np.float32], rate: float, rpm: float | None = None) -> Wow | None:
    """Find the wow of a recording, or nothing.

    Parameters
    ----------
    samples : ndarray of float32, shape (samples,)
    rate : float
        In Hz, 11,025 or less.
    rpm : float, optional
        Look within 1 % of it alone.

    Returns
    -------
    Wow or None
        None unless a wave of one speed of rotation stands out from how three-second blocks
        differ, and both halves of the recording have it, in depth and phase.
    """
    seconds = len(samples) / rate
    strongest = strongest_wave(samples, rate, rpm)
    if strongest is None or not _is_wow(*strongest, seconds):
        return None
    hertz, fit = strongest
    wow = _with(Wow(hertz, 0.0, 0.0, seconds), fit)
    for number in range(1, ROUNDS):
        fitter = _fitter(dewarped(samples, rate, wow.curve()), rate, seconds)
        if fitter is None:
            return None
        fitter.weigh(wow.hertz, wow.growth)
        wow = _refined(wow, fitter, bends=number < ROUNDS - 1)
    if not LEAST_DEPTH <= wow.depth <= MOST_DEPTH:
        return None
    return replace(wow, score=fit.score, disagreement=fit.disagreement)


def strongest_wave(
    samples: NDArray[np.float32], rate: float, rpm: float | None = None
) -> tuple[float, Fit] | None:
    """Return the speed of rotation in Hz whose wave stands out most, and that wave.

    Parameters as of :func:`find_wow`; None where there are too few partials or turns to tell.
    """
    seconds = len(samples) / rate
    fitter = _fitter(samples, rate, seconds)
    return None if fitter is None else _best_speed(fitter, seconds, rpm)


def _fitter(samples: NDArray[np.float32], rate: float, seconds: float) -> OnceAround | None:
    partials = find_partials(samples, rate)
    return OnceAround(partials, seconds) if len(partials.starts) >= LEAST_PARTIALS else None


def _best_speed(fitter: OnceAround, seconds: float, rpm: float | None) -> tuple[float, Fit] | None:
    ranges = RANGES_RPM if rpm is None else ((0.99 * rpm, 1.01 * rpm),)
    step = 1.0 / (STEPS_PER_CYCLE * seconds)
    speeds = [np.arange(low / 60.0, high / 60.0 + step, step) for low, high in ranges]
    tried = [float(speed) for speed in np.concatenate(speeds) if speed * seconds >= LEAST_TURNS]
    if not tried:
        return None
    for _ in range(2):  # all partials alike, then those that the best wave fits
        merits = [_merit(fitter.fit(speed)) for speed in tried]
        hertz = tried[int(np.argmax(merits))]
        fitter.weigh(hertz)
    return hertz, fitter.fit(hertz)


def _merit(fit: Fit) -> float:
    """Return the score, less where the halves disagree."""
    return fit.score / (1.0 + (fit.disagreement / MOST_DISAGREEMENT) ** 2)


def _is_wow(hertz: float, fit: Fit, seconds: float) -> bool:
    return (
        hertz * seconds >= LEAST_TURNS
        and fit.score >= LEAST_SCORE
        and fit.disagreement <= MOST_DISAGREEMENT
        and fit.depth >= LEAST_DEPTH
    )


def _with(wow: Wow, fit: Fit) -> Wow:
    """Return wow with a wave added to that of once a turn."""
    depth, phase = _added(wow.depth, wow.phase, fit)
    return replace(wow, depth=depth, phase=phase)


def _added(depth: float, phase: float, fit: Fit) -> tuple[float, float]:
    wave = depth * np.exp(1j * phase) + complex(fit.wave[0], fit.wave[1])
    return float(abs(wave)), float(np.angle(wave))


def _refined(wow: Wow, fitter: OnceAround, *, bends: bool) -> Wow:
    """Return wow after what is left of it when the recording is corrected by it."""
    fit = fitter.fit(wow.hertz, wow.growth, tilted=bends)
    if bends:
        wow = _bent(wow, fit)
    wow = _with(wow, fit)
    twice = fitter.fit(2.0 * wow.hertz, wow.growth)
    if wow.second_depth or (twice.score >= LEAST_SCORE and twice.disagreement <= MOST_DISAGREEMENT):
        depth, phase = _added(wow.second_depth, wow.second_phase, twice)
        wow = replace(wow, second_depth=depth, second_phase=phase)
    return wow


def _bent(wow: Wow, fit: Fit) -> Wow:
    """Return wow with a depth and a speed that are right at both ends.

    A wave that changes along its own phase grows; one that changes across it turns at another
    speed.
    """
    along = np.array([np.cos(wow.phase), np.sin(wow.phase)])
    across = np.array([-np.sin(wow.phase), np.cos(wow.phase)])
    change, spread = fit.wave[2:], fit.spread[2:, 2:]
    turned = float(change @ across) / wow.depth
    turned = float(np.clip(turned, -1.0, 1.0))
    hertz = wow.hertz + turned / (2.0 * np.pi * wow.seconds)
    phase = wow.phase - 0.5 * turned  # the middle of the recording keeps its phase
    slope = wow.growth / (1.0 - 0.5 * wow.growth) + float(change @ along) / wow.depth
    error = float(np.sqrt(along @ spread @ along)) / wow.depth
    slope *= GROWTH_DEVIATION**2 / (GROWTH_DEVIATION**2 + error**2)
    growth = max(0.0, slope / (1.0 + 0.5 * slope))
    return replace(wow, hertz=hertz, phase=phase, growth=float(np.clip(growth, 0.0, MOST_GROWTH)))


def dewarped(samples: NDArray[np.float32], rate: float, curve: SpeedCurve) -> NDArray[np.float32]:
    """Return a signal at the right speed, as long as it was.

    Parameters
    ----------
    samples : ndarray of float32, shape (samples,)
    rate : float
        In Hz.
    curve : SpeedCurve
        Its speed.
    """
    count = len(samples)
    positions = curve.source_seconds(np.arange(count) / rate) * rate
    reader = SincReader(1)
    reader.push(samples[np.newaxis])
    reader.end(count + HALF)
    dewarped: NDArray[np.float32] = reader.read(np.clip(positions, 0.0, count - 1.0))[0]
    return dewarped
