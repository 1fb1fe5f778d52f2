"""What two channels say of a groove's walls: delay, balance, noise of each, and vertical rumble."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import power_to_db
from restorack.dsp.stft import FrameAnalysis, Spectra
from restorack.plugins.disc.channel_delay import DelayMeter, Delays

Floats: TypeAlias = NDArray[np.float64]
Best: TypeAlias = Literal["left", "right", "sum", "bands"]

FRAME_S = 0.093
"""Length of a frame, to the nearest power of two; frames overlap by half. By hand."""
GROUP = 8
"""Frames that are transformed at a time."""
MOST_MS = 1.0
"""Largest delay that is looked for, either way: as Azimuth does."""
MUSIC_HZ = (300.0, 1_500.0)
"""Where the difference is held against the music: a delay is small there. By hand."""
MUSIC_BANDS = 28
"""Parts of it, in each of which a delay of a sample is one phase within 0.003. By hand."""
LOUD_SHARE = 0.1
"""Of the frames, the loudest: the channels' levels are compared there, as GrooveWalls does."""
OCTAVES_HZ = (125.0, 250.0, 500.0, 1_000.0, 2_000.0, 4_000.0, 8_000.0)
"""Centres of the bands whose noise is compared."""
LOW_HZ = (20.0, 100.0)
"""Where rumble is vertical and music is not."""
LEAST_SHARE, MOST_SCATTER = 0.6, 0.1
"""Share of the seconds that must tell a delay, and samples by which they scatter. By hand."""
ALIKE_DB = 2.0
"""Difference of the walls' noise up to which they are alike. By hand."""
WORN_DB = 4.8
"""From here on the better wall has less noise than the sum: a factor of three in power."""
LEAST_NOISE = 1e-3
"""Power of an octave's noise over its music below which the balance is not known well enough."""
LARGEST_ERROR, INDEPENDENT = 0.25, 0.25
"""Error of an octave's noise, over it, by chance agreement with the music; share of the bins of
all frames that are independent, since frames overlap and tones last. By hand."""
LEAST_DIFFERENCE_DB = -90.0
"""Power of the difference below that of the music that is rounding. By hand."""


@dataclass(frozen=True)
class Walls:
    """What was measured; None where it cannot be told."""

    delay_samples: float | None = None
    balance_db: float | None = None
    noise_db: dict[str, float] | None = None
    follows_music: float | None = None
    vertical_low_db: float | None = None
    best: Best | None = None


class WallMeter:
    """Hear two channels; anything but two tells nothing.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    channels : int
        Rows of every block.
    """

    def __init__(self, sample_rate: float, channels: int) -> None:
        self._rate, self._two = sample_rate, channels == 2
        self._frame = 1 << max(7, round(float(np.log2(FRAME_S * sample_rate))))
        self._hertz = np.fft.rfftfreq(self._frame, 1.0 / sample_rate)
        edges = np.linspace(*MUSIC_HZ, MUSIC_BANDS + 1)
        self._starts = np.searchsorted(self._hertz, edges)
        self._stop = int(self._starts[-1])
        self._low = (self._hertz >= LOW_HZ[0]) & (self._hertz <= LOW_HZ[1])
        if self._two:
            self._analysis = FrameAnalysis(2, self._frame, self._frame // 2, GROUP)
            self._delays = DelayMeter(sample_rate, MOST_MS / 1000.0 * sample_rate)
        self._sums = np.zeros((3, len(self._hertz)), np.complex128)
        self._music: list[NDArray[np.complex128]] = []
        self._vertical = self._all = 0.0

    def push(self, block: Rows) -> None:
        """Take samples."""
        if self._two:
            self._delays.push(block)
            for group in self._analysis.push(block):
                self._take(group)

    def result(self) -> Walls:
        """Return what was measured; the stream ends here."""
        if not self._two:
            return Walls()
        for group in self._analysis.finish():
            self._take(group)
        if not self._music:
            return Walls()
        delay = _agreed(self._delays.result())
        music = np.concatenate(self._music, axis=1)
        level = np.abs(music[:2]).sum(axis=(0, 2))
        if not level.any() or self._stop <= self._starts[0]:
            return Walls()
        loud = level >= np.quantile(level, 1.0 - LOUD_SHARE)
        powers = np.abs(music[:2, loud]).sum(axis=(1, 2))
        if not powers.all():
            return Walls()
        ratio = float(powers[0] / powers[1])
        middles = np.sqrt(self._hertz[self._starts[:-1]] * self._hertz[self._starts[1:]])
        turned = np.exp(2j * np.pi * middles * (delay or 0.0) / self._rate)
        vertical_db = float(power_to_db(self._vertical / max(self._all, 1e-30) + 1e-12))
        noise = self._noise(ratio, delay or 0.0)
        return Walls(
            None if delay is None else round(delay, 3),
            round(float(power_to_db(ratio)), 2),
            noise,
            _follows(music, ratio, turned),
            round(vertical_db, 1),
            _best(noise),
        )

    def _take(self, group: Spectra) -> None:
        one, other = group
        parts = np.stack([np.abs(one) ** 2, np.abs(other) ** 2, np.conj(one) * other])
        self._sums += parts.sum(axis=1)
        inside = parts[:, :, : self._stop]
        self._music.append(np.add.reduceat(inside, self._starts[:-1], axis=2))
        self._vertical += float((np.abs(one - other)[:, self._low] ** 2).sum())
        self._all += float((np.abs(one + other) ** 2).sum())

    def _is_told(self, noise: float, music: float, bins: int) -> bool:
        """Return whether the noise of an octave is known well enough to be compared."""
        values = INDEPENDENT * bins * sum(part.shape[1] for part in self._music)
        error = 2.0 * (music / max(noise, 1e-30) / max(values, 1.0)) ** 0.5
        return noise > LEAST_NOISE * music and error <= LARGEST_ERROR

    def _noise(self, ratio: float, delay: float) -> dict[str, float]:
        """Return the left wall's noise over the right one's in each octave, in dB."""
        turned = np.exp(2j * np.pi * self._hertz * delay / self._rate)
        common = np.real(self._sums[2] * turned)
        alone = np.real(self._sums[:2]) * np.array([[ratio**-0.5], [ratio**0.5]]) - common
        found = {}
        for centre in OCTAVES_HZ:
            if centre * 2**0.5 > 0.45 * self._rate:
                break
            inside = (self._hertz >= centre * 2**-0.5) & (self._hertz < centre * 2**0.5)
            left, right = np.maximum(alone[:, inside].sum(axis=1), 0.0)
            music = max(0.0, float(common[inside].sum()))
            if self._is_told(left + right, music, int(inside.sum())) and min(left, right) > 0.0:
                found[f"{centre:.0f}"] = round(float(power_to_db(left / right)), 1)
        return found


def _agreed(delays: Delays) -> float | None:
    """Return the middle delay of the seconds; None where they do not agree on one."""
    if not delays.segments or len(delays.samples) < LEAST_SHARE * delays.segments:
        return None
    middle = float(np.median(delays.samples))
    # From second to second: a delay may drift over the side.
    steps = np.abs(np.diff(delays.samples)) if len(delays.samples) > 1 else np.zeros(1)
    return middle if float(np.median(steps)) <= MOST_SCATTER else None


def _follows(
    music: NDArray[np.complex128], ratio: float, turned: NDArray[np.complex128]
) -> float | None:
    """Return the correlation of the levels of the channels' difference and of their sum."""
    both = np.real(music[0]) * ratio**-0.5 + np.real(music[1]) * ratio**0.5
    cross = 2.0 * np.real(music[2] * turned)
    total, apart = (both + cross).sum(axis=1), (both - cross).sum(axis=1)
    heard = (total > 1e-6 * total.max()) & (apart > 0.0)
    if heard.sum() < 2 * GROUP:
        return None
    if power_to_db(float(apart.sum() / total.sum())) < LEAST_DIFFERENCE_DB:
        return None
    levels = np.log(np.stack([total[heard], apart[heard]]))
    if (levels.std(axis=1) < 1e-6).any():
        return None
    return round(float(np.corrcoef(levels)[0, 1]), 3)


def _best(noise_db: dict[str, float]) -> Best | None:
    """Return what has the least noise: a wall, the sum, or the best of both in each band."""
    if not noise_db:
        return None
    values = np.array(list(noise_db.values()))
    if (np.abs(values) <= ALIKE_DB).all():
        return "sum"
    if (values <= -WORN_DB).all():
        return "left"
    return "right" if (values >= WORN_DB).all() else "bands"
