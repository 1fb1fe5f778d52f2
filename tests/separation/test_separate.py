"""A recording becomes parts: they add up to it, each sound goes to its own, mistakes are named."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from restorack import load_session, separate
from restorack.errors import FileError
from restorack.separation.exact import exact_parts
from restorack.separation.stream import EstimateStream

RATE = 22_050


def tones(seconds=6.0):
    at = np.arange(round(RATE * seconds)) / RATE
    return sum(0.1 * np.sin(2 * np.pi * f * at) for f in (220.0, 277.2, 329.6))


def strokes(seconds=6.0):
    """Return noise bursts, two a second."""
    noise = np.random.default_rng(1).standard_normal(round(RATE * seconds))
    since = np.arange(noise.size) % (RATE // 2) / RATE
    return 0.6 * noise * np.exp(-since / 0.008)


def voice(seconds=6.0):
    """Return harmonics that glide and come once: a voice to the separation."""
    at = np.arange(round(RATE * seconds)) / RATE
    pitch = 300.0 + 60.0 * np.sin(2 * np.pi * 5.0 * at) + 12.0 * at**2
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    return 0.12 * sum(np.sin(k * phase) / k for k in range(1, 9))


def sdr_db(true, found):
    return 10 * np.log10(np.sum(true**2) / np.sum((true - found) ** 2))


def read(path):
    return soundfile.read(path, dtype="float64", always_2d=True)[0].T


def separated(folder, rows, subtype, rate=RATE):
    source = folder / "take 1.wav"
    soundfile.write(source, np.atleast_2d(rows).T, rate, subtype=subtype)
    out = folder / "parts"
    out.mkdir()
    return source, separate(source, out)


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "PCM_32", "FLOAT"])
def test_the_parts_add_up_to_the_decoded_input(tmp_path, subtype):
    rows = np.stack([tones(2.0) + strokes(2.0), voice(2.0) - strokes(2.0)])
    source, report = separated(tmp_path, rows, subtype)
    harmonic, percussive, sung = (read(part.file) for part in report.parts)
    given = read(source)
    assert np.array_equal(harmonic + percussive + sung, given)
    if subtype != "FLOAT":
        assert np.array_equal(sung + (percussive + harmonic), given)
    assert report.inexact_samples == 0
    assert min(part.share for part in report.parts) > 0.02


def test_what_64_bits_cannot_hold_is_counted():
    fine = np.full((1, 4), 0.1 + 2.0**-55)
    loud = np.full((1, 4), 0.7, np.float32)
    parts, inexact = exact_parts(fine, loud, -loud)
    assert inexact == 4
    assert np.abs(sum(parts) - fine).max() <= 2.0**-52


def test_floats_that_nearly_vanish_are_exact():
    fade = np.float64(np.float32(1e-9) * np.linspace(1.0, 0.0, 50, dtype=np.float32))[np.newaxis]
    loud = np.full(fade.shape, 0.3, np.float32)
    for estimate in (loud, (0.3 * fade).astype(np.float32)):
        (harmonic, percussive, sung), inexact = exact_parts(fade, estimate, estimate)
        assert inexact == 0
        assert np.array_equal(harmonic + percussive + sung, fade)


@pytest.mark.slow
def test_each_sound_goes_to_its_part(tmp_path):
    true = {"harmonic": tones(), "percussive": strokes(), "voice": voice()}
    mix = sum(true.values())
    _, report = separated(tmp_path, mix, "FLOAT")
    for part in report.parts:
        gained = sdr_db(true[part.name], read(part.file)[0]) - sdr_db(true[part.name], mix)
        assert gained > 3.0, part.name


def test_the_estimates_do_not_depend_on_blocks(tmp_path):
    rows = np.stack([tones(2.0), strokes(2.0)]).astype(np.float32)
    whole = EstimateStream(2, RATE)
    expected = np.concatenate([whole.push(rows), whole.finish()], axis=1)
    cut = EstimateStream(2, RATE)
    parts = [cut.push(rows[:, at : at + 7_001]) for at in range(0, rows.shape[1], 7_001)]
    assert np.array_equal(np.concatenate([*parts, cut.finish()], axis=1), expected)
    assert expected.shape == (4, rows.shape[1])


@pytest.mark.slow
def test_excerpts_meet_without_an_edge(tmp_path):
    stream = EstimateStream(1, 4_000.0)
    at = np.arange(4_000 * 45) / 4_000
    rows = (0.3 * np.sin(2 * np.pi * 440.0 * at))[np.newaxis].astype(np.float32)
    found = np.concatenate([stream.push(rows), stream.finish()], axis=1)[0]
    assert sdr_db(rows[0, 4_000:-4_000], found[4_000:-4_000]) > 40.0


def test_the_session_mixes_the_parts_to_what_they_were(tmp_path):
    source, report = separated(tmp_path, 0.3 * (tones(2.0) + strokes(2.0)), "PCM_24")
    text = (tmp_path / "parts" / "session.yaml").read_text()
    assert "master-dynamic" in text
    plain = tmp_path / "parts" / "plain.yaml"
    plain.write_text(text.replace("master: {preset", "# master: {preset"))
    load_session(report.session)
    load_session(plain).render(tmp_path / "mix")
    mix = read(next((tmp_path / "mix").glob("*.wav")))
    assert np.abs(mix - read(source)).max() < 1e-5


def test_silence_stays_silence(tmp_path):
    _, report = separated(tmp_path, np.zeros(3_000), "PCM_16")
    assert [part.level_dbfs for part in report.parts] == [None, None, None]
    assert not any(read(part.file).any() for part in report.parts)


def test_files_that_exist_are_kept_and_nothing_is_left_half_written(tmp_path):
    source, _ = separated(tmp_path, tones(0.5), "PCM_16")
    with pytest.raises(FileError, match="exists"):
        separate(source, tmp_path / "parts")
    other = tmp_path / "other"
    other.mkdir()
    (other / "take 1.voice.wav").write_bytes(b"mine")
    with pytest.raises(FileError):
        separate(source, other)
    assert [path.name for path in other.iterdir()] == ["take 1.voice.wav"]
    assert separate(source, other, force=True).parts[2].name == "voice"


def test_six_channels_have_parts_but_no_session(tmp_path):
    rows = np.stack([tones(0.5) * gain for gain in (1, 0.5, 0.2, 0.1, 0.3, 0.4)])
    source, report = separated(tmp_path, rows, "PCM_24")
    assert report.session is None
    assert any("session" in text for text in report.warnings)
    assert np.array_equal(sum(read(part.file) for part in report.parts), read(source))
