"""GrooveWalls: one signal from the two walls of a mono groove."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from restorack.core.parameters import AutoFloatParameter, ChoiceParameter
from restorack.core.processor import Processor
from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import db_to_amplitude
from restorack.dsp.stft import FrameAnalysis, Spectra, SpectralChange
from restorack.plugins.disc.wall_mix import Floats, WallMix

FRAME_S = 0.046
"""Length of a frame, to the nearest power of two. By hand."""
OVERLAPS = 4
"""Frames that cover a moment."""
GROUP = 8
"""Frames that are changed at a time."""

MUSIC_HZ = (200.0, 3_000.0)
"""Where the walls' levels are compared: most of the music, little noise."""
NOISE_HZ = (2_000.0, 10_000.0)
"""Where their noise is: each frame counts alike, so that pauses and clicks decide."""
LOUD_SHARE = 0.1
"""Of the frames, the loudest: their levels are compared. By hand."""


class GrooveWalls(Processor):
    """Make one signal of the two walls of a mono groove; both channels get it.

    ``bands`` takes, in every band and at every moment, the mix of both walls whose noise is
    least: the sum where both are alike, the better wall where one is worn or clicks. ``better``
    takes the wall whose noise is lower over the whole file, ``sum`` the mean of both. What
    both walls have in common is kept as it is, whatever the mix: equal channels pass bit for
    bit, and so does what does not have two channels. Correct :class:`Azimuth` first.

    Notes
    -----
    Never for stereo: the difference of the channels is taken for noise.
    """

    take = ChoiceParameter(
        "bands",
        ("bands", "better", "sum", "left", "right"),
        description="The best of both in each band and moment, the better wall of the file, their "
        "mean, or one of them.",
    )
    balance_db = AutoFloatParameter(
        -12.0,
        12.0,
        unit="dB",
        description="Level of the left wall over the right one; auto measures it in a first pass.",
    )

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._learned_db: float | None = None
        self._noise_db: float | None = None
        self._mix: WallMix | None = None

    @property
    def needs_preparation(self) -> bool:
        """Whether a first pass over the file makes a difference."""
        if self.take in ("left", "right"):
            return False
        return self.take == "better" or self.balance_db == AutoFloatParameter.AUTO

    def predict_latency(self, sample_rate: float) -> int:
        """Return the latency in samples at a sample rate in Hz."""
        if self.take != "bands":
            return 0
        frame = _frame(sample_rate)
        return SpectralChange.latency(frame, frame // OVERLAPS, GROUP)

    def findings(self) -> dict[str, Any]:
        """Return the walls' balance, the better one, and the share of the left one in each band."""
        found: dict[str, Any] = {"balance_db": round(self._balance_db(), 2)}
        if self._noise_db is not None:
            found["better"] = "left" if self._noise_db < 0.0 else "right"
            found["left_over_right_noise_db"] = round(self._noise_db, 2)
        if self._mix is not None and self._mix.frames:
            shares = 0.5 + 0.5 * self._mix.shares / self._mix.frames
            found["share_of_left"] = [round(float(share), 3) for share in shares]
        return found

    def summary(self) -> str:
        """Return which wall was better, and how much of the left one was used."""
        found = self.findings()
        said = [f"{found['better']} wall better" if "better" in found else "walls alike"]
        shares = found.get("share_of_left")
        if shares:
            said.append(f"{100.0 * sum(shares) / len(shares):.0f} % of the left one used")
        return ", ".join(said)

    def _learn(self, blocks: Iterator[Rows], sample_rate: float) -> None:
        frame = _frame(sample_rate)
        analysis: FrameAnalysis | None = None
        powers: list[Floats] = []
        for block in blocks:
            if block.shape[0] != 2:
                return
            analysis = analysis or FrameAnalysis(2, frame, frame // OVERLAPS, GROUP)
            powers += [_powers(group, sample_rate) for group in analysis.push(block)]
        if analysis is None:
            return
        powers += [_powers(group, sample_rate) for group in analysis.finish()]
        self._judge(np.concatenate(powers, axis=2))

    def _judge(self, powers: Floats) -> None:
        """Learn from powers of music and of noise, shape (2 kinds, 2 walls, frames)."""
        heard = powers[:, :, (powers > 0.0).all(axis=(0, 1))]
        if not heard.shape[2]:
            return
        music, noise = heard
        loud = music.sum(axis=0) >= np.quantile(music.sum(axis=0), 1.0 - LOUD_SHARE)
        ratio = np.log10(music[0, loud] / music[1, loud])
        self._learned_db = float(np.clip(10.0 * np.median(ratio), -12.0, 12.0))
        over = 10.0 * np.mean(np.log10(noise[0] / noise[1]))
        self._noise_db = float(over) - self._balance_db()

    def _unlearn(self) -> None:
        self._learned_db = self._noise_db = None

    def _begin(self, sample_rate: float, channels: int) -> None:
        self._channels = channels
        self._change: SpectralChange | None = None
        self._mix = None
        half = 0.5 * self._balance_db()
        gains = np.array([[db_to_amplitude(-half)], [db_to_amplitude(half)]], np.float32)
        self._gains = gains if channels == 2 and self.take not in ("left", "right") else None
        if self.take == "bands":
            frame = _frame(sample_rate)
            hop = frame // OVERLAPS
            mix = WallMix(frame // 2 + 1, sample_rate / hop)
            self._mix = mix if channels == 2 else None
            change = mix.change if channels == 2 else _none
            self._change = SpectralChange(channels, frame, hop, GROUP, change)

    def _push(self, block: Rows) -> Rows:
        rows = block if self._gains is None else block * self._gains
        if self._change is not None:
            return self._change.push(rows)
        if self._channels != 2:
            return rows
        return np.repeat(self._one(rows), 2, axis=0)

    def _finish(self) -> Rows:
        if self._change is not None:
            return self._change.finish()
        return np.zeros((self._channels, 0), np.float32)

    def _one(self, rows: Rows) -> Rows:
        take = self.take
        if take == "better" and self._noise_db is not None:
            take = "left" if self._noise_db < 0.0 else "right"
        if take in ("left", "right"):
            return rows[:1] if take == "left" else rows[1:]
        half = np.float32(0.5) * rows
        return half[:1] + half[1:]

    def _balance_db(self) -> float:
        if isinstance(self.balance_db, float):
            return self.balance_db
        return self._learned_db or 0.0


def _none(spectra: Spectra) -> None:
    """Change nothing: a stream of the same latency."""


def _frame(sample_rate: float) -> int:
    return 1 << max(7, round(float(np.log2(FRAME_S * sample_rate))))


def _powers(spectra: Spectra, sample_rate: float) -> Floats:
    """Return the power of music and of noise in each frame, shape (2 kinds, 2 walls, frames)."""
    power = spectra.real**2 + spectra.imag**2
    hertz = np.linspace(0.0, sample_rate / 2, power.shape[2])
    kinds = []
    for low, high in (MUSIC_HZ, NOISE_HZ):
        top = min(high, 0.45 * sample_rate)
        inside = (hertz >= min(low, top / 2)) & (hertz <= top)
        kinds.append(power[:, :, inside].sum(axis=2))
    return np.stack(kinds)
