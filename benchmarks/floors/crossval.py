"""Choose when a steady floor is noise, leaving one noise or one recording out at a time.

    python benchmarks/floors/crossval.py --music DIR --noise DIR [--seconds 24] [--per-noise 3]

Every recording of noise is laid under recordings of music at 6 to 24 dB, every second pair through
MP3 at 48 to 192 kbit/s; music alone is the other half of the task. Each pair is denoised with the
floor that was found, as if it were sure. What the settings in `meters.noise_floor.abstention`
would have let through then follows without rendering again. Printed are the mean, median
and worst gain (SI-SDR, dB) and the share of clean recordings touched: as shipped, chosen on all,
and chosen on all but the noise, or but the recording, on which they are judged. Nothing that the
benchmark judges belongs into these folders.
"""

from __future__ import annotations

import argparse
import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

from restorack.dsp.decibels import db_to_amplitude, power_to_db
from restorack.meters.noise_floor import abstention
from restorack.plugins.denoise.noise_psd import blind_floor
from restorack.plugins.denoise.spectral import SpectralDenoiser

RATE = 44_100
SNRS_DB = (6.0, 12.0, 18.0, 24.0)
COMPRESSION = (0.9, 0.8, 0.65, 0.55, 0.3)
GRID = tuple(
    itertools.product((3.0, 4.0, 5.0), (5.0, 6.0, 7.0), (3.0, 4.0, 5.0), (0.4, 0.45, 0.5, 0.55))
)
"""LEAST_SNR_DB, MOVING_DB, SNR_PER_STILL_DB, UNSURE_JUDGE."""

SHIPPED = (
    abstention.LEAST_SNR_DB,
    abstention.MOVING_DB,
    abstention.SNR_PER_STILL_DB,
    abstention.UNSURE_JUDGE,
)
BROADBAND = abstention.Evidence.broadband
HARMED, MOST_DB = 3.0, 8.0
TOUCHED_WEIGHT = 0.25


@dataclass(frozen=True)
class Item:
    """A pair, or a clean recording with noise None: what was found, and the gain if believed."""

    noise: str | None
    music: str
    evidence: abstention.Evidence | None
    gain_db: float


def load(path: Path) -> np.ndarray:
    """Return a file as mono at 44.1 kHz."""
    audio, rate = soundfile.read(path, always_2d=True)
    mono = audio.mean(axis=1)
    return mono if rate == RATE else soxr.resample(mono, rate, RATE)


def looped(noise: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """Return noise of some length from a random place, repeated with cross-fades."""
    noise = np.roll(noise, random.integers(len(noise)))
    fade = min(len(noise) // 4, RATE // 20)
    ramp = np.sqrt(np.linspace(0.0, 1.0, fade))
    out = noise
    while len(out) < count:
        joint = out[-fade:] * ramp[::-1] + noise[:fade] * ramp
        out = np.concatenate([out[:-fade], joint, noise[fade:]])
    return out[:count] - out[:count].mean()


def coded(audio: np.ndarray, compression: float) -> np.ndarray:
    """Return audio through MP3, aligned to the sample."""
    file = io.BytesIO()
    options = {"bitrate_mode": "CONSTANT", "compression_level": compression}
    soundfile.write(file, audio, RATE, format="MP3", **options)
    file.seek(0)
    back = soundfile.read(file)[0]
    count = min(len(audio), len(back), 8 * RATE)
    spectra = [np.fft.rfft(one[:count], 2 * count) for one in (audio, back)]
    lag = int(np.argmax(np.fft.irfft(np.conj(spectra[0]) * spectra[1])[:4000]))
    return np.pad(back[lag:], (0, len(audio)))[: len(audio)]


def si_sdr(reference: np.ndarray, audio: np.ndarray) -> float:
    """Return the scale-invariant signal-to-distortion ratio in dB."""
    target = (reference @ audio) / (reference @ reference) * reference
    return float(power_to_db((target @ target) / (np.sum((audio - target) ** 2) + 1e-20)))


def judged(noise: str | None, music: str, clean: np.ndarray, given: np.ndarray) -> Item:
    """Return what is found in a recording, and what believing it would gain."""
    rows = given[np.newaxis].astype(np.float32)
    estimator = blind_floor(RATE, 1)
    estimator.push(rows)
    passage = estimator._passage(0, 3)
    if passage is None:
        return Item(noise, music, None, 0.0)
    if noise is None:
        return Item(noise, music, passage.evidence, 0.0)
    out = SpectralDenoiser(floor_estimate="steady").process(rows, RATE)[0].astype(float)
    return Item(noise, music, passage.evidence, si_sdr(clean, out) - si_sdr(clean, given))


def recordings(
    chosen: argparse.Namespace,
) -> Iterator[tuple[str | None, str, np.ndarray, np.ndarray]]:
    """Make the pairs, and the music alone: names of noise and music, the music, what is given."""
    random = np.random.default_rng(chosen.seed)
    songs = sorted(path for path in chosen.music.iterdir() if path.is_file())
    for number, noise in enumerate(sorted(chosen.noise.iterdir())):
        for adjust in range(chosen.per_noise):
            path = songs[(number * chosen.per_noise + adjust) % len(songs)]
            clean = excerpt(load(path), chosen.seconds, random)
            hiss = looped(load(noise), len(clean), random)
            below = random.choice(SNRS_DB)
            given = clean + hiss * clean.std() / hiss.std() * db_to_amplitude(-below)
            if (number + adjust) % 2:
                given = coded(given, random.choice(COMPRESSION))
            yield noise.stem, path.stem, clean, given
    for path in songs:
        clean = excerpt(load(path), chosen.seconds, random)
        yield None, path.stem, clean, clean


def excerpt(audio: np.ndarray, seconds: float, random: np.random.Generator) -> np.ndarray:
    """Return some seconds of a recording from a random place, at 0.35 of full scale."""
    count = min(len(audio), round(seconds * RATE))
    begin = random.integers(len(audio) - count + 1)
    part = audio[begin : begin + count] - audio[begin : begin + count].mean()
    return np.asarray(part * 0.35 / np.abs(part).max())


def sureness(evidence: abstention.Evidence, setting: tuple[float, ...]) -> float:
    """Return how surely there is noise by some settings."""
    names = ("LEAST_SNR_DB", "MOVING_DB", "SNR_PER_STILL_DB", "UNSURE_JUDGE")
    kept = {name: getattr(abstention, name) for name in (*names, "SURE_JUDGE")}
    for name, value in zip(names, setting, strict=True):
        setattr(abstention, name, value)
    abstention.SURE_JUDGE = abstention.UNSURE_JUDGE + 0.1
    sure = BROADBAND(evidence)
    for name, value in kept.items():
        setattr(abstention, name, value)
    return sure


def gains(found: list[Item], setting: tuple[float, ...]) -> np.ndarray:
    """Return each item's gain; for clean ones minus the level of what would change, over 50 dB."""
    out = []
    for item in found:
        if item.evidence is None or item.evidence.snr_db >= abstention.CLEAN_SNR_DB:
            out.append(0.0)
            continue
        sure = sureness(item.evidence, setting)
        touched = TOUCHED_WEIGHT * (abstention.CLEAN_SNR_DB - item.evidence.snr_db)
        out.append(-sure * touched if item.noise is None else sure * item.gain_db)
    return np.array(out)


def score(gain: np.ndarray) -> np.ndarray:
    """Return what settings are chosen by: losses count threefold, more than 8 dB no further."""
    return np.where(gain > 0, np.minimum(gain, MOST_DB), HARMED * gain)


def left_out(found: list[Item], groups: list[str]) -> np.ndarray:
    """Return gains by settings that were chosen without the group that an item is in."""
    all_gains = np.array([gains(found, setting) for setting in GRID])
    scores = np.array([score(row) for row in all_gains])
    group = np.array(groups)
    out = np.zeros(len(found))
    for name in np.unique(group):
        chosen = int(scores[:, group != name].sum(axis=1).argmax())
        out[group == name] = all_gains[chosen, group == name]
    return out


def report(title: str, found: list[Item], gain: np.ndarray) -> None:
    """Print a line."""
    noisy = np.array([item.noise is not None for item in found])
    touched = np.mean(gain[~noisy] < 0) if (~noisy).any() else 0.0
    print(
        f"{title:24s} mean {gain[noisy].mean():5.2f}  median {np.median(gain[noisy]):5.2f}  "
        f"worst {gain[noisy].min():6.2f}  clean touched {touched:.2f}"
    )


def options(title: str) -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(description=title)
    parser.add_argument("--music", type=Path, required=True)
    parser.add_argument("--noise", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=24.0)
    parser.add_argument("--per-noise", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    """Run."""
    chosen = options(__doc__.splitlines()[0])
    # Everything found is believed here; the settings are applied afterwards.
    abstention.Evidence.broadband = lambda self: 1.0  # type: ignore[method-assign]
    abstention.Evidence.lines = lambda self, snr_db: 0.0  # type: ignore[method-assign]
    found = [judged(*parts) for parts in recordings(chosen)]
    report("all believed", found, np.array([item.gain_db for item in found]))
    report("as shipped", found, gains(found, SHIPPED))
    best = max(GRID, key=lambda setting: float(score(gains(found, setting)).sum()))
    report(f"best of all {best}", found, gains(found, best))
    report(
        "one noise left out", found, left_out(found, [item.noise or item.music for item in found])
    )
    report("one recording left out", found, left_out(found, [item.music for item in found]))


if __name__ == "__main__":
    main()
