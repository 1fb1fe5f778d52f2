"""Simulated transfers of one recording, and what a merge of two of them is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from restorack.degrade.additive.clicks import Clicks
from restorack.degrade.additive.hiss import Hiss
from restorack.degrade.additive.surface_noise import SurfaceNoise
from restorack.degrade.channel.wow_flutter import WowFlutter
from restorack.dsp.arrays import Rows
from restorack.dsp.sinc_reader import HALF, SincReader
from restorack.metrics.clicks import HIT_SHARE, click_windows

Floats = NDArray[np.float64]

FAINTEST_CLICK = 1e-3
"""Samples of a click below this are not counted as part of it, -60 dBFS. By hand."""
EDGE_S = 0.5
"""Left out of the figures at both ends."""
RIPPLE_BANDS = 60
"""Bands that the ripple is judged in, by hand."""
WEAKEST_BAND = 1e-6
"""Power of a band over all, below which its level is not judged, -60 dB."""
MOST_CHANCE = 0.01
"""Deviation of a band's level by chance up to which it is judged, 0.1 dB."""


@dataclass(frozen=True)
class Transfer:
    """One simulated transfer, and the truth about it.

    Attributes
    ----------
    audio : ndarray of float32, shape (channels, samples)
    truth : ndarray of float32
        Without noise and clicks, on its own time.
    noise, clicks : ndarray of float32
        What was added.
    places : ndarray, shape (samples,)
        Which sample of the recording each one is; NaN in the lead-in.
    sample_rate : float
        In Hz.
    """

    audio: Rows
    truth: Rows
    noise: Rows
    clicks: Rows
    places: Floats
    sample_rate: float


def simulate_transfer(
    clean: Rows,
    sample_rate: float,
    seed: int,
    *,
    wow_percent: float = 0.3,
    flutter_percent: float = 0.0,
    speed: float = 1.0,
    lead_in_s: float = 0.0,
    noise_db: float = -30.0,
    is_hiss: bool = False,
    clicks_per_s: float = 8.0,
    gain: float = 1.0,
) -> Transfer:
    """Return a transfer with wow, noise and clicks of its own.

    Parameters
    ----------
    clean : ndarray of float32, shape (channels, samples)
        The recording.
    sample_rate : float
        In Hz.
    seed : int
        Of everything; other transfers have other ones.
    wow_percent, flutter_percent : float
        As of :class:`~restorack.degrade.channel.wow_flutter.WowFlutter`.
    speed : float
        How fast the disc was played.
    lead_in_s : float
        Seconds before the recording.
    noise_db : float
        Of surface noise, or of hiss.
    is_hiss : bool
    clicks_per_s : float
    gain : float
        Of all, negative: the polarity is inverted.
    """
    samples = clean.shape[1]
    places: Floats = np.arange(samples, dtype=np.float64)
    base = clean
    if speed != 1.0 or lead_in_s:
        lead = round(lead_in_s * sample_rate)
        places = np.asarray((np.arange(lead + int(samples / speed)) - lead) * speed, np.float64)
        base = _read(clean, places)
    wobble = WowFlutter(
        wow_percent=wow_percent, flutter_percent=flutter_percent, scrape_percent=0.0, seed=seed
    )
    truth = wobble.process(base, sample_rate)
    at = np.arange(places.size)
    moved = at + wobble.wobble(sample_rate).shifts(0, places.size, sample_rate)
    places = np.interp(moved, at, places, left=np.nan, right=np.nan)
    maker = Hiss if is_hiss else SurfaceNoise
    noise = _added(maker(level_db=noise_db, seed=seed + 100), truth, sample_rate)
    clicks = np.zeros_like(truth)
    if clicks_per_s:
        clicks = _added(Clicks(rate_per_s=clicks_per_s, seed=seed + 200), truth, sample_rate)
    scale = np.float32(gain)
    noise, clicks, truth = scale * noise, scale * clicks, scale * truth
    audio = (truth + noise + clicks).astype(np.float32)
    return Transfer(audio, truth, noise, clicks, places, sample_rate)


@dataclass(frozen=True)
class MergeFigures:
    """What a merge of two transfers is worth.

    Attributes
    ----------
    clicks_hit : float
        Share of the clicks of the reference that lost three quarters of their energy or more.
    clicks_kept_out : float
        Share of the other transfer's clicks that were left out as well.
    noise_db : float
        Noise between the clicks, over that of the better transfer.
    ripple_db : float
        The largest deviation of the music's level in any band.
    level_db : float
        The music's level over the reference's.
    """

    clicks_hit: float
    clicks_kept_out: float
    noise_db: float
    ripple_db: float
    level_db: float


def judge_merge(merged: Rows, one: Transfer, other: Transfer) -> MergeFigures:
    """Return what a merge is worth.

    Parameters
    ----------
    merged : ndarray of float32, shape (channels, samples)
        Of both, with the first one as the reference.
    one, other : Transfer
    """
    rate = one.sample_rate
    error = merged.astype(np.float64) - one.truth
    known = np.isfinite(other.places)
    at = np.interp(one.places, other.places[known], np.flatnonzero(known), left=np.nan,
                   right=np.nan)  # fmt: skip
    there = np.isfinite(at)
    scale = float(np.sqrt(np.mean(one.truth**2) / max(1e-20, float(np.mean(other.truth**2)))))
    foreign = np.zeros_like(error)
    foreign[:, there] = scale * _read(other.clicks, at[there])
    foreign[np.abs(foreign) < FAINTEST_CLICK] = 0.0
    edge = round(EDGE_S * rate)
    inside = there.copy()
    inside[:edge] = inside[inside.size - edge :] = False
    quiet = inside & ~((one.clicks != 0.0) | (foreign != 0.0)).any(axis=0)
    beside = other.noise[:, np.round(at[quiet]).astype(int)]
    noises = np.mean(one.noise[:, quiet] ** 2), scale**2 * np.mean(beside**2)
    return MergeFigures(
        clicks_hit=_hits(error, np.where(inside, one.clicks, 0.0), rate),
        clicks_kept_out=_hits(error, np.where(inside, foreign, 0.0), rate),
        noise_db=_db(float(np.mean(error[:, quiet] ** 2)) / float(min(noises))),
        **_levels(merged[:, inside], one.truth[:, inside], one.noise[:, inside], rate),
    )


def _read(rows: Rows, places: Floats) -> Rows:
    reader = SincReader(len(rows))
    reader.push(np.asarray(rows, np.float32))
    reader.end(int(places.max(initial=0.0)) + 2 * HALF)
    return reader.read(np.maximum(places, -2.0 * HALF))


def _added(stage: Any, rows: Rows, rate: float) -> Rows:
    tracks = stage.damage(rows, rate).tracks
    return np.asarray(sum(tracks.values()), np.float32)


def _hits(error: Floats, clicks: Floats, rate: float) -> float:
    hits = [
        np.sum(error[channel, a:b] ** 2) < HIT_SHARE * np.sum(clicks[channel, a:b] ** 2)
        for channel, a, b in click_windows(clicks, rate)
    ]
    return float(np.mean(hits)) if hits else float("nan")


def _levels(merged: Rows, truth: Rows, noise: Rows, rate: float) -> dict[str, float]:
    """Return how the music's level came through, over all and in bands of a seventh octave."""
    of_merge, of_truth = np.fft.rfft(merged), np.fft.rfft(truth)
    power, of_noise = np.abs(of_truth) ** 2, np.abs(np.fft.rfft(noise)) ** 2
    common = np.real(of_merge * np.conj(of_truth))
    hertz = np.fft.rfftfreq(truth.shape[1], 1.0 / rate)
    deviations = []
    for low in np.geomspace(60.0, min(16_000.0, 0.4 * rate), RIPPLE_BANDS):
        band = (hertz >= low) & (hertz < low * 2 ** (1 / 7))
        music = power[:, band].sum()
        # By chance noise correlates with the music of a band.
        chance = np.sqrt(
            of_noise[:, band].sum() / (music + 1e-20) / max(1, band.sum() * len(power))
        )
        if music > WEAKEST_BAND * power.sum() and chance < MOST_CHANCE:
            ratio = common[:, band].sum() / power[:, band].sum()
            deviations.append(2.0 * _db(max(float(ratio), 1e-6)))
    return {
        "ripple_db": float(np.abs(deviations).max()) if deviations else float("nan"),
        "level_db": 2.0 * _db(max(float(common.sum() / power.sum()), 1e-6)),
    }


def _db(ratio: float) -> float:
    return float(10.0 * np.log10(max(ratio, 1e-20)))
