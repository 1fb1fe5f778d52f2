"""Both walls of a mono disc: what is found in their difference, and mended from the other wall."""

import json

import numpy as np
import pytest
from scipy import signal

from restorack.plugins.declick.declicker import Declicker

RATE = 44_100


def disc(seconds: float = 4.0, seed: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """Return a mono disc played in stereo, and the same with a click now and then on one wall."""
    random = np.random.default_rng(seed)
    count = int(seconds * RATE)
    music = 0.15 * signal.lfilter(
        [1.0], [1.0, -1.5, 0.7], 0.1 * random.standard_normal(count)
    )  # bright noise: what no model predicts, as cymbals are
    hiss = 2e-4 * random.standard_normal((2, count))
    clean = np.stack([music, 0.9 * signal.lfilter([0.95, 0.05], [1.0], music)]) + hiss
    worn = clean.copy()
    for number, start in enumerate(range(9000, count - 9000, 9001)):
        shape = random.standard_normal(30) * np.exp(-np.arange(30) / 10)
        worn[number % 2, start : start + 30] += 0.1 * shape
    return clean, worn.astype(np.float32)


def left_db(out: np.ndarray, worn: np.ndarray, clean: np.ndarray) -> float:
    return float(10 * np.log10(np.sum((out - clean) ** 2) / np.sum((worn - clean) ** 2)))


def test_the_other_wall_mends_what_one_alone_cannot():
    clean, worn = disc()
    alone = Declicker().process(worn, RATE)
    stage = Declicker(stereo="mono_disc")
    out = stage.process(worn, RATE)
    assert left_db(out, worn, clean) < -15.0
    assert left_db(out, worn, clean) < left_db(alone, worn, clean) - 6.0
    touched = np.zeros(out.shape, bool)
    for entry in stage.findings()["listed"]:
        first = entry["sample"]
        touched[entry["channel"], first : first + entry["width"] + entry["tail"]] = True
    np.testing.assert_array_equal(out[~touched], worn[~touched])


def test_the_damaged_wall_is_told_from_the_sound_one():
    clean, worn = disc()
    worn[1] = clean[1]
    out = Declicker(stereo="mono_disc").process(worn, RATE)
    assert left_db(out[:1], worn[:1], clean[:1]) < -15.0
    # what is mended on the sound wall too, in company, is mended from the other one
    changed = np.sum((out[1] - worn[1]) ** 2) / np.sum((worn[0] - clean[0]) ** 2)
    assert changed < 1e-3


def test_two_equal_walls_are_one_signal():
    _, worn = disc(2.0)
    mono = Declicker().process(worn[0], RATE)
    both = Declicker(stereo="mono_disc").process(np.stack([worn[0], worn[0]]), RATE)
    np.testing.assert_array_equal(both, np.stack([mono, mono]))


@pytest.mark.parametrize("channels", [1, 3])
def test_other_numbers_of_channels_are_signals_of_their_own(channels):
    _, worn = disc(1.0)
    many = np.repeat(worn, 2, axis=0)[:channels]
    out = Declicker(stereo="mono_disc").process(many, RATE)
    np.testing.assert_array_equal(out, Declicker().process(many, RATE))


def test_walls_do_not_depend_on_the_blocks():
    _, worn = disc(2.0)
    expected = Declicker(stereo="mono_disc").process(worn, RATE)
    stage = Declicker(stereo="mono_disc")
    parts = [
        stage.process(worn[:, first : first + 1000], RATE, reset=False)
        for first in range(0, worn.shape[1], 1000)
    ]
    np.testing.assert_array_equal(np.concatenate([*parts, stage.flush()], axis=1), expected)


def test_a_list_of_repairs_brings_the_same_bits(tmp_path):
    _, worn = disc(2.0)
    stage = Declicker(stereo="mono_disc")
    first = stage.process(worn, RATE)
    path = tmp_path / "list.json"
    path.write_text(json.dumps(stage.findings()))
    again = Declicker(stereo="mono_disc", repairs_file=str(path)).process(worn, RATE)
    np.testing.assert_array_equal(again, first)
