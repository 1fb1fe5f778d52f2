"""Transfers of one recording become one: what comes out, what is refused, what is said."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile
from signals.performances import RATE, performance

from restorack.bench.transfers import judge_merge, simulate_transfer
from restorack.dsp.resampling import resample_blocks
from restorack.errors import AudioError, FileError, ParameterError
from restorack.merging.merge import merge

pytestmark = pytest.mark.slow


def written(folder, name, rows, rate=RATE):
    path = folder / name
    soundfile.write(path, np.atleast_2d(rows).T, round(rate), subtype="FLOAT")
    return path


def heard(path):
    return soundfile.read(path, dtype="float32", always_2d=True)[0].T


def level_db(rows):
    return 10 * np.log10(np.mean(np.asarray(rows, float) ** 2) + 1e-20)


@pytest.fixture(scope="module")
def two_worn(tmp_path_factory):
    """Two transfers with wow, noise and clicks of their own, and their merge."""
    folder = tmp_path_factory.mktemp("two")
    one, other = (simulate_transfer(performance(1), RATE, seed) for seed in (1, 2))
    files = [written(folder, f"{n}.wav", t.audio) for n, t in enumerate((one, other))]
    report = merge(files, folder / "out.wav", subtype="FLOAT")
    return one, other, heard(folder / "out.wav"), report


def test_two_worn_copies_make_a_better_one(two_worn):
    one, other, merged, _ = two_worn
    figures = judge_merge(merged, one, other)
    assert figures.clicks_hit >= 0.97
    assert figures.clicks_kept_out >= 0.9
    assert figures.noise_db <= -2.5
    assert figures.ripple_db < 0.5
    assert abs(figures.level_db) < 0.1


def test_report_says_what_was_done(two_worn):
    one, other, merged, report = two_worn
    reference, copy = report.copies
    assert reference.is_reference
    assert not copy.is_reference
    assert (report.frames, report.channels) == (merged.shape[1], 1)
    assert copy.coherence > 0.9
    assert copy.deviation_samples < 0.05
    assert copy.aligned_share > 0.95
    assert abs(copy.offset_seconds) < 0.01
    assert reference.share + copy.share == pytest.approx(1.0, abs=1e-3)
    assert 0.3 < copy.share < 0.7
    assert copy.share_by_band.keys() >= {"125", "1000", "4000"}
    for entry in (reference, copy):
        assert entry.clicks_outvoted > 40  # of 72
    # The speeds' true difference, against which the wow that was found is held.
    known = np.isfinite(other.places)
    at = np.interp(one.places, other.places[known], np.flatnonzero(known))
    wow = 100 * np.std(np.diff(at[2000:-2000]))
    assert copy.wow_percent == pytest.approx(wow, rel=0.1)
    json.dumps(report.to_dict())


def test_equal_copies_give_the_first_back(tmp_path):
    clean = performance(1)
    files = [written(tmp_path, f"{n}.wav", clean) for n in range(2)]
    merge(files, tmp_path / "out.wav", subtype="FLOAT")
    assert level_db(heard(tmp_path / "out.wav") - clean) - level_db(clean) < -90


def test_speed_rate_lead_in_polarity_and_channels_differ(tmp_path):
    clean = performance(1)
    one = simulate_transfer(clean, RATE, 1, clicks_per_s=0)
    other = simulate_transfer(
        clean, RATE, 2, clicks_per_s=0, speed=1.021, lead_in_s=20.0, gain=-0.4
    )
    stereo = np.repeat(other.audio, 2, axis=0)
    faster = np.concatenate(list(resample_blocks([stereo], RATE, 24_000.0, 2)), axis=1)
    files = [written(tmp_path, "a.wav", one.audio), written(tmp_path, "b.wav", faster, 24_000.0)]
    report = merge(files, tmp_path / "out.wav", subtype="FLOAT")
    figures = judge_merge(heard(tmp_path / "out.wav"), one, other)
    assert figures.noise_db <= -2.4
    assert figures.ripple_db < 0.5
    copy = report.copies[1]
    assert copy.inverted
    assert copy.offset_seconds == pytest.approx(20.0, abs=0.02)
    assert copy.speed_percent == pytest.approx(2.1, abs=0.1)
    assert copy.level_db == pytest.approx(-20 * np.log10(0.4), abs=0.3)
    assert any("polarity" in warning for warning in report.warnings)


def test_dropouts_are_filled_in_either_copy(tmp_path):
    clean = performance(1)
    one, other = (
        simulate_transfer(clean, RATE, seed, clicks_per_s=0, wow_percent=0.0) for seed in (1, 2)
    )
    gap, second = slice(round(3 * RATE), round(5 * RATE)), slice(round(6 * RATE), round(7 * RATE))
    files = []
    for name, transfer, lost in (("a", one, gap), ("b", other, second)):
        audio = transfer.audio.copy()
        audio[:, lost] = 0.0
        files.append(written(tmp_path, f"{name}.wav", audio))
    report = merge(files, tmp_path / "out.wav", subtype="FLOAT")
    error = heard(tmp_path / "out.wav") - one.truth
    # Within the gap nothing tells the time to a sample: it is the music, in its level.
    merged = error + one.truth
    assert level_db(merged[:, gap]) == pytest.approx(level_db(one.truth[:, gap]), abs=0.5)
    assert level_db(error[:, second]) - level_db(one.truth[:, second]) < -25
    (filled,) = report.copies[0].dropouts
    assert filled.start_seconds == pytest.approx(3.0, abs=0.1)
    assert filled.seconds == pytest.approx(2.0, abs=0.2)
    assert len(report.copies[1].dropouts) == 1


def test_three_copies_outvote_and_average(tmp_path):
    clean = performance(1)
    three = [simulate_transfer(clean, RATE, seed) for seed in (1, 2, 3)]
    files = [written(tmp_path, f"{n}.wav", t.audio) for n, t in enumerate(three)]
    merge(files, tmp_path / "out.wav", subtype="FLOAT")
    figures = judge_merge(heard(tmp_path / "out.wav"), three[0], three[1])
    assert figures.clicks_hit >= 0.97
    assert figures.noise_db <= -3.6  # 4.8 dB at most
    assert figures.ripple_db < 0.5


def test_another_take_is_refused_by_name(tmp_path):
    files = [
        written(tmp_path, f"take{take}.wav", simulate_transfer(performance(take), RATE, take).audio)
        for take in (1, 2)
    ]
    with pytest.raises(AudioError, match=r"take2\.wav: not the same performance"):
        merge(files, tmp_path / "out.wav")
    assert not (tmp_path / "out.wav").exists()


def test_what_cannot_be_merged_is_refused_by_name(tmp_path):
    clean = performance(1)
    good = written(tmp_path, "good.wav", clean)
    silent = written(tmp_path, "silent.wav", np.zeros_like(clean))
    short = written(tmp_path, "short.wav", clean[:, :1])
    wrong = clean.copy()
    wrong[0, 5000] = np.nan
    nan = written(tmp_path, "nan.wav", wrong)
    wide = written(tmp_path, "wide.wav", np.repeat(clean, 3, axis=0))
    two = written(tmp_path, "two.wav", np.repeat(clean, 2, axis=0))
    out = tmp_path / "out.wav"
    for files, error, says in (
        ([good, silent], AudioError, r"silent\.wav: is silent"),
        ([good, short], AudioError, r"short\.wav: .* s long"),
        ([good, nan], AudioError, r"nan\.wav: sample 5000"),
        ([two, wide], AudioError, r"wide\.wav: 3 channels"),
        ([good, good], FileError, r"good\.wav: is given twice"),
        ([good], ParameterError, "1 recordings"),
        ([good, tmp_path / "none.wav"], FileError, r"none\.wav"),
    ):
        with pytest.raises(error, match=says):
            merge(files, out)
        assert not out.exists()
    with pytest.raises(ParameterError, match="colour"):
        merge([good, two], out, colour="red")
