"""How often analyze tells the playback curve that a recording needs; writes the model it tells by.

    python benchmarks/discs/playback_curves.py --music DIR [DIR ...] [--judge DIR ...] [--write CSV]

Every recording of 15 s and more is taken in excerpts of 30 s. Those of one performer (the first two
words of the file's name) are left out together, the model is fitted to all others, and the
recording is judged under every curve of the family, as if its playback curve had not been applied.
--judge names recordings that only the model of all others judges. Printed are, by confidence,
how many cases it answers and how many of the answers are right; groups count alike.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from restorack.analysis.playback_curve import (
    HYPOTHESES,
    LEAST_SECONDS,
    CurveModel,
    Floats,
    curve_gains_db,
    fitted_model,
    levels_db,
    likeliest_curve,
)
from restorack.io.reader import AudioReader
from restorack.meters.band_levels import LOUD_SHARE, BandLevels
from restorack.meters.findings import SpectrumFigures

ENDINGS = (".flac", ".wav", ".ogg", ".mp3", ".opus")
EXCERPT_S, MOST = 30.0, 8
LOWEST_HZ, HIGHEST_HZ = 95.0, 9_000.0


@dataclass
class Heard:
    """A recording's spectrum."""

    name: str
    group: str
    spectrum: SpectrumFigures
    seconds: float


def heard(path: Path) -> Heard | None:
    """Return the spectrum of excerpts spread over a recording; None if it is too short."""
    with AudioReader(path) as reader:
        info = reader.info
        rate, frames = float(info.sample_rate), info.frames
        if frames < LEAST_SECONDS * rate:
            return None
        size = min(frames, round(EXCERPT_S * rate))
        count = min(MOST, max(1, frames // size))
        bands = BandLevels(rate, info.channels)
        for start in np.linspace(0, frames - size, count).astype(int).tolist():
            for block in reader.blocks(65_536, start, start + size):
                bands.push(block)
    chosen = (bands.centres_hz > LOWEST_HZ) & (bands.centres_hz < HIGHEST_HZ)

    def listed(values: Floats) -> list[float]:
        return np.round(values[chosen], 1).tolist()

    spectrum = SpectrumFigures(
        frequencies_hz=listed(bands.centres_hz), quiet_db=[], noise_db=[],
        median_db=listed(bands.quantile(0.5)), loud_db=listed(bands.quantile(LOUD_SHARE)),
    )  # fmt: skip
    group = "_".join(path.stem.split("_")[:2])
    return Heard(path.stem, group, spectrum, count * size / rate)


def cut(spectrum: SpectrumFigures, gain_db: Floats) -> SpectrumFigures:
    """Return the spectrum of a recording whose playback curve was not applied."""
    median, loud = (np.array(row) - gain_db for row in (spectrum.median_db, spectrum.loud_db))
    return spectrum.model_copy(update={"median_db": median.tolist(), "loud_db": loud.tolist()})


def model_of(recordings: list[Heard]) -> CurveModel:
    """Return the model of recordings."""
    names = dict.fromkeys(one.group for one in recordings)
    levels = [
        np.array([levels_db(one.spectrum) for one in recordings if one.group == name])
        for name in names
    ]
    return fitted_model(np.array(recordings[0].spectrum.frequencies_hz), levels)


def judged(one: Heard, model: CurveModel) -> list[tuple[str, float, float, float]]:
    """Return group, confidence, and whether treble and curve are right, of every case."""
    cases = []
    gains = curve_gains_db(model.frequencies_hz)
    for (curve, undo, treble), gain in zip(HYPOTHESES, gains, strict=True):
        found = likeliest_curve(cut(one.spectrum, gain), one.seconds, model)
        if found is not None:
            right = (found.curve, found.undo) == (curve, undo)
            cases.append((one.group, found.confidence, found.treble == treble, right))
    return cases


def show(title: str, cases: list[tuple[str, float, float, float]]) -> None:
    """Print answers and right ones by confidence."""
    groups = [case[0] for case in cases]
    weights = np.array([1.0 / groups.count(name) for name in groups])
    values = np.array([case[1:] for case in cases])
    print(f"{title}: {len(set(groups))} groups, {len(cases)} cases")
    for limit in (0.0, 0.6, 0.7, 0.8, 0.9, 0.95):
        told = weights * (values[:, 0] >= limit)
        right = (told[:, np.newaxis] * values[:, 1:]).sum(axis=0) / max(told.sum(), 1e-9)
        share = told.sum() / weights.sum()
        print(f"  from {limit:.2f}: answers {share:.3f}, treble right {right[0]:.3f}, "
              f"curve right {right[1]:.3f}")  # fmt: skip


def recordings_of(folders: list[Path]) -> list[Heard]:
    """Return the spectra of all recordings."""
    paths = sorted(p for folder in folders for p in folder.iterdir() if p.suffix in ENDINGS)
    return [one for path in paths if (one := heard(path)) is not None]


def main() -> None:
    """Judge, and write the model."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--music", type=Path, nargs="+", required=True)
    parser.add_argument("--judge", type=Path, nargs="*", default=[])
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    music = recordings_of(options.music)
    cases = []
    for group in dict.fromkeys(one.group for one in music):
        model = model_of([one for one in music if one.group != group])
        cases += [case for one in music if one.group == group for case in judged(one, model)]
    show("left out", cases)
    model = model_of(music)
    if options.judge:
        others = [case for one in recordings_of(options.judge) for case in judged(one, model)]
        show("others", others)
    if options.write:
        rows = np.column_stack([model.frequencies_hz, model.mean_db, model.covariance])
        head = f"Third octaves of music: Hz, mean in dB, covariance; {Path(__file__).name}"
        np.savetxt(options.write, rows, fmt="%.1f", delimiter=",", header=head)


if __name__ == "__main__":
    main()
