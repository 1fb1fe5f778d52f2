"""The slow swing after a click: taken off where it is clear, left where it may be music."""

import json

import numpy as np
import pytest
from scipy import signal

from restorack.degrade.additive.thumps import Thumps
from restorack.plugins.declick.declicker import Declicker
from restorack.plugins.declick.thump import ThumpFinder

RATE = 44_100


def music(seconds: float, rate: float = RATE, seed: int = 3) -> np.ndarray:
    """Chords over a bass, in a little coloured noise."""
    random = np.random.default_rng(seed)
    time = np.arange(int(seconds * rate)) / rate
    out = 3e-4 * signal.lfilter([1.0], [1.0, -0.95], random.standard_normal(len(time)))
    for pitch in (65.4, 130.8, 196.0, 329.6, 523.3, 1046.5):
        slow = 1.0 + 0.2 * np.sin(2 * np.pi * random.uniform(0.1, 0.4) * time)
        out += 0.06 * slow * np.sin(2 * np.pi * pitch * time + random.uniform(0.0, 6.28))
    return out


def thump(rate: float = RATE, pitch: float = 45.0, seconds: float = 0.07) -> np.ndarray:
    time = np.arange(int(seconds * rate)) / rate
    return np.sin(2 * np.pi * pitch * time) * np.exp(-4 * time / seconds) * (1 - time / seconds)


def popped(clean: np.ndarray, starts: list[int], rate: float = RATE) -> np.ndarray:
    """Return music with pops of half a millisecond, each with a swing behind it."""
    out = clean.copy()
    burst = np.random.default_rng(9).standard_normal(int(5e-4 * rate)) * 0.3
    for start in starts:
        out[start : start + len(burst)] += burst
        out[start : start + len(thump(rate))] += 0.2 * thump(rate)
    return out.astype(np.float32)


def low(x: np.ndarray, rate: float = RATE) -> float:
    """Return the energy below 300 Hz."""
    return float(np.sum(signal.sosfiltfilt(signal.butter(4, 300, fs=rate, output="sos"), x) ** 2))


@pytest.mark.parametrize("rate", [11_025, 44_100, 96_000])
def test_the_swing_is_taken_off_the_music(rate):
    clean = music(6.0, rate)
    worn = clean.copy()
    anchor = int(4.5 * rate)
    worn[anchor : anchor + len(thump(rate))] += 0.1 * thump(rate)
    found = ThumpFinder(rate).find(worn, anchor, anchor)
    assert found is not None
    worn[anchor : anchor + len(found)] -= found
    # a chord of twice its size fills its band: a tenth of the error is what is left, or so
    assert low(worn - clean, rate) < 0.15 * low(0.1 * thump(rate), rate)


def test_music_has_no_swings():
    clean = music(6.0)
    finder = ThumpFinder(RATE)
    for anchor in range(4 * RATE, 5 * RATE, 4567):
        assert finder.find(clean, anchor, anchor) is None


@pytest.mark.parametrize("pitch", [41.0, 55.0, 80.0])
@pytest.mark.parametrize("decay_per_s", [0.0, 1.0, 3.0])
def test_a_bass_note_that_begins_with_a_click_stays(pitch, decay_per_s):
    clean = music(6.0)
    start = 4 * RATE
    time = np.arange(len(clean) - start) / RATE
    clean[start:] += 0.2 * np.sin(2 * np.pi * pitch * time) * np.exp(-decay_per_s * time)
    assert ThumpFinder(RATE).find(clean, start, start) is None


def test_a_drum_that_is_struck_with_a_click_stays():
    clean = music(8.0)
    for start in range(RATE, 7 * RATE, RATE // 2):
        clean[start : start + len(thump())] += 0.3 * thump()
    start = 5 * RATE
    assert ThumpFinder(RATE).find(clean, start, start) is None


def test_pops_and_swings_go_and_nothing_else_changes():
    clean = music(6.0)
    starts = [RATE + 10, 2 * RATE, 3 * RATE + 1234, 4 * RATE + 77]
    worn = popped(clean, starts)
    stage = Declicker()
    out = stage.process(worn, RATE)
    left = Declicker(thumps=False).process(worn, RATE)
    found = stage.findings()
    assert found["tails"] == len(starts)
    assert low(out - clean) < 0.06 * low(left - clean)
    touched = np.zeros(len(worn), bool)
    for entry in found["listed"]:
        assert entry["tail"] < 0.22 * RATE
        touched[entry["sample"] : entry["sample"] + entry["width"] + entry["tail"]] = True
    np.testing.assert_array_equal(out[~touched], worn[~touched])


def test_the_thumps_that_we_make_lose_their_swings():
    clean = music(12.0).astype(np.float32)
    thumps = Thumps(seed=4, rate_per_s=1.0, amplitude_min=0.1, amplitude_max=0.5, pops=1.0)
    worn = thumps.damage(clean, RATE).audio
    out = Declicker().process(worn, RATE)
    assert low(out - clean) < 0.3 * low(worn - clean)


def test_swings_do_not_depend_on_the_blocks():
    worn = popped(music(4.0, 8000), [9000, 20_000], 8000)
    whole = Declicker()
    expected = whole.process(worn, 8000)
    assert whole.findings()["tails"] > 0
    stage = Declicker()
    parts = [
        stage.process(worn[first : first + 777], 8000, reset=False)
        for first in range(0, len(worn), 777)
    ]
    np.testing.assert_array_equal(np.concatenate([*parts, stage.flush()]), expected)


def test_a_reverted_repair_gives_the_swing_back_too(tmp_path):
    worn = popped(music(5.0), [2 * RATE, 3 * RATE + 1234])
    stage = Declicker()
    kept = stage.process(worn, RATE)
    found = json.loads(json.dumps(stage.findings()))
    path = tmp_path / "list.json"
    path.write_text(json.dumps(found))
    again = Declicker(repairs_file=str(path)).process(worn, RATE)
    np.testing.assert_array_equal(again, kept)
    entry = next(each for each in found["listed"] if each["tail"])
    entry["keep"] = False
    path.write_text(json.dumps(found))
    out = Declicker(repairs_file=str(path)).process(worn, RATE)
    span = slice(entry["sample"], entry["sample"] + entry["width"] + entry["tail"])
    expected = kept.copy()
    expected[span] = worn[span]
    np.testing.assert_array_equal(out, expected)
