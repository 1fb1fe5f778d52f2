#!/usr/bin/env python3
"""Make the sounds and pictures of the site's gallery: gallery.py FOLDER [PRESET...].

Music is synthesised, damaged, and rendered through each preset (all, or those named; one that the
folder has already is kept). FOLDER then holds Opus files, pictures, and gallery.json, which
docs/_extensions/gallery.py reads.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

import restorack
from restorack.reports.picture import write_picture
from restorack.synthesis.loops import compose
from restorack.synthesis.ragtime import play
from restorack.synthesis.record_sides import record_side
from restorack.synthesis.worn_record import cut

RATE, OPUS_RATE = 44_100, 48_000
"""In Hz; Opus knows 48 kHz, not 44.1."""
SECONDS = 6.0
PARTS = ("before", "after", "removed")
Rows = NDArray[np.float32]

DAMAGE = {
    "78rpm-light": "degrade-78rpm-light",
    "78rpm": "degrade-78rpm-default",
    "78rpm-heavy": "degrade-78rpm-heavy",
    "film-dialogue": "degrade-film",
    "phone-to-studio": "degrade-phone",
}
"""What the recordings of restoring presets went through, if not what `example` says."""

LEVELLED = ("musicgen", "phone", "film", "degrade-", "dialogue", "master-")
"""Beginnings of presets whose difference is more than what was removed: it has a change of level,
of rate, or damage."""

VOWELS = {
    "a": (800, 1200, 2500),
    "e": (500, 1900, 2500),
    "i": (300, 2300, 3000),
    "o": (450, 800, 2600),
}
"""Formants in Hz."""


def ragtime() -> Rows:
    """Return the demo's piece as a disc of the twenties holds it."""
    return cut(play(RATE)[: round(SECONDS * RATE)], RATE)[np.newaxis].astype(np.float32)


def voice() -> Rows:
    """Return a voice that says vowels: a glottal pulse train through three formants."""
    from scipy.signal import iirpeak, lfilter

    random, parts = np.random.default_rng(5), []
    while sum(map(len, parts)) < SECONDS * RATE:
        count = round(random.uniform(0.12, 0.3) * RATE)
        time = np.arange(count) / RATE
        hertz = random.uniform(95, 140) * (1 - 0.3 * time)
        pulses = np.diff(np.floor(np.cumsum(hertz) / RATE), prepend=0.0)
        sound = 0.02 * random.standard_normal(count) + pulses
        formants = VOWELS[random.choice(list(VOWELS))]
        spoken = sum(lfilter(*iirpeak(f, 8, fs=RATE), sound) for f in formants)
        parts.append(spoken * np.sin(np.pi * np.arange(count) / count) ** 0.5)
        parts.append(np.zeros(round(random.choice([0.02, 0.05, 0.35]) * RATE)))
    joined = np.concatenate(parts)[: round(SECONDS * RATE)]
    return (0.5 * joined / np.abs(joined).max())[np.newaxis].astype(np.float32)


def castanets() -> Rows:
    """Return castanets: dry strokes that rise within a third of a millisecond and ring for six."""
    random, out = np.random.default_rng(3), np.zeros(round(SECONDS * RATE))
    time = np.arange(round(0.06 * RATE)) / RATE
    for beat in np.arange(0.3, SECONDS - 0.2, 0.15):
        if random.random() < 0.25:
            continue
        ring = np.exp(-time / 0.006) * sum(
            np.sin(2 * np.pi * hertz * random.uniform(0.98, 1.02) * time)
            for hertz in (1_250, 2_300, 3_400)
        )
        stroke = ring + np.exp(-time / 0.0015) * random.standard_normal(len(time))
        stroke *= 1 - np.exp(-time / 0.0003)
        first = round((beat + random.normal(0, 0.004)) * RATE)
        out[first : first + len(stroke)] += random.uniform(0.4, 1.0) * stroke
    return (0.6 * out / np.abs(out).max())[np.newaxis].astype(np.float32)


def example(preset: str) -> tuple[Rows, int]:
    """Return what a preset is shown on, and its rate in Hz."""
    if preset == "castanets":
        return castanets(), RATE
    if preset.startswith("degrade-"):
        music = compose("jazz", SECONDS, RATE, 7)[np.newaxis].astype(np.float32)
        return (voice() if preset in ("degrade-film", "degrade-phone") else music), RATE
    if preset.startswith("musicgen"):
        style = {"musicgen-polish-acoustic": "strings", "musicgen-polish-electronic": "house"}
        music = compose(style.get(preset, "folk"), SECONDS, RATE, 2).astype(np.float32)
        at_rate = soxr.resample(music, RATE, 32_000, quality="VHQ")[np.newaxis]
        return restorack.NeuralCodecDamage(seed=2).process(at_rate, 32_000), 32_000
    if preset == "vinyl":
        return record_side(1, SECONDS, RATE, lp=True).samples, RATE
    finished = {
        "hiss-only": lambda: restorack.Hiss(level_db=-22).process(ragtime(), RATE),
        "tape": lambda: restorack.Hiss(level_db=-22).process(ragtime(), RATE),
        "dialogue": lambda: restorack.Room().process(voice(), RATE),
        "master-loud": lambda: compose("folk", SECONDS, RATE, 2)[np.newaxis].astype(np.float32),
        "master-dynamic": lambda: compose("folk", SECONDS, RATE, 2)[np.newaxis].astype(np.float32),
    }
    if preset in finished:
        return finished[preset](), RATE
    clean = voice() if preset in ("film-dialogue", "phone-to-studio") else ragtime()
    damage = restorack.load_preset(DAMAGE.get(preset, "degrade-78rpm-default"))
    return damage.process(clean, RATE), RATE


def shown(preset: str, folder: Path) -> dict[str, Any]:
    """Render a preset's example, write its sounds and picture, and return what the page needs."""
    rows, rate = example(preset)
    chain = restorack.Declicker() if preset == "castanets" else preset
    with tempfile.TemporaryDirectory() as work:
        before, after, removed = (
            Path(work) / f"{part}.wav" for part in ("before", "after", "removed")
        )
        soundfile.write(before, np.clip(rows, -1, 1).T, rate, subtype="PCM_24")
        takes = not preset.startswith(LEVELLED)
        done = restorack.render(before, after, chain, difference=removed if takes else None)
        picture = _picture(before, after, folder / f"{preset}.webp", difference=takes)
        sounds = [("before", before), ("after", after)]
        if takes:
            sounds.append(("removed", removed))
        players = [
            (label, _opus(path, folder / f"{preset}.{label}.opus")) for label, path in sounds
        ]
        about = _untouched(before, after) if preset == "castanets" else ""
    return {"players": players, "picture": picture, "about": about, "seconds": done.seconds}


def _picture(before: Path, after: Path, target: Path, *, difference: bool) -> str:
    """Draw both, of a size for a page, and return the picture's name."""
    from PIL import Image  # comes with matplotlib

    drawn = after.with_suffix(".png")
    write_picture(before, after, drawn, difference=difference, top_hz=20_000.0)
    with Image.open(drawn) as image:
        image.convert("RGB").reduce(2).save(target, quality=85)
    return target.name


def _untouched(before: Path, after: Path) -> str:
    """Return how many samples the declicker changed."""
    one, other = (soundfile.read(path, dtype="float32")[0] for path in (before, after))
    changed = int((one != other).sum())
    return f"Synthesised castanets through the Declicker: {changed} of {len(one)} samples changed."


def _opus(source: Path, target: Path) -> str:
    """Write a file as Opus, and return its name."""
    samples, rate = soundfile.read(source, dtype="float32")
    samples = np.clip(soxr.resample(samples, rate, OPUS_RATE, quality="VHQ"), -1.0, 1.0)
    soundfile.write(target, samples, OPUS_RATE, format="OGG", subtype="OPUS")
    return target.name


def main(folder: Path, wanted: list[str]) -> None:
    """Make what is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    index = folder / "gallery.json"
    made = json.loads(index.read_text()) if index.exists() else {}
    shipped = [one.stem for one in sorted((Path(__file__).parents[2] / "presets").rglob("*.yaml"))]
    for preset in wanted or ["castanets", *shipped]:
        if preset not in made:
            made[preset] = shown(preset, folder)
            print(preset, file=sys.stderr)
            index.write_text(json.dumps(made, indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
