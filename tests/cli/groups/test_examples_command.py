"""``restorack examples``: seeded clips that sound generated, and the music behind them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from command_line import Cli

from restorack.synthesis.instruments import bass, bell, bowed, struck, synthesiser
from restorack.synthesis.loops import STYLES, compose

RATE = 32_000


def band_db(audio: np.ndarray, rate: int, low: float, high: float) -> float:
    power = np.abs(np.fft.rfft(audio * np.hanning(len(audio)))) ** 2
    hertz = np.fft.rfftfreq(len(audio), 1 / rate)
    return float(10 * np.log10(power[(hertz >= low) & (hertz < high)].mean() + 1e-20))


def test_clips_are_generated_musics_format_and_sound(cli: Cli, tmp_path: Path) -> None:
    made = cli(
        "examples", "musicgen", "-o", tmp_path, "--count", 2, "--seconds", 2, "--truth", "--json"
    )
    assert made.code == 0
    assert [clip["style"] for clip in made.document] == list(STYLES)[:2]
    for clip in made.document:
        info = soundfile.info(clip["path"])
        assert (info.samplerate, info.channels, info.subtype) == (RATE, 1, "PCM_16")
        assert info.frames == 2 * RATE
        audio = soundfile.read(clip["path"])[0]
        truth, rate = soundfile.read(clip["truth"])
        assert (rate, len(truth)) == (44_100, 2 * 44_100)
        assert 0.3 < np.abs(audio).max() <= 1.0
        assert band_db(audio, RATE, 14_500, 15_300) > band_db(audio, RATE, 15_800, 16_000) + 15
        for low, high in ((100, 1000), (4000, 8000)):  # the codec keeps levels, not wave forms
            expected = band_db(truth, rate, low, high) + 20 * np.log10(RATE / rate)
            assert band_db(audio, RATE, low, high) == pytest.approx(expected, abs=4)


def test_a_seed_is_a_piece_and_nothing_is_replaced_unasked(cli: Cli, tmp_path: Path) -> None:
    def made(*more: object) -> tuple[int, np.ndarray]:
        ran = cli("examples", "musicgen", "-o", tmp_path, "--count", 1, "--seconds", 1, *more)
        return ran.code, soundfile.read(next(tmp_path.glob("*.wav")))[0]

    _, first = made()
    code, still = made("--seed", 1)
    assert code == 5
    assert np.array_equal(still, first)
    _, other = made("--seed", 1, "--force")
    assert not np.array_equal(other, first)
    _, again = made("--force")
    assert np.array_equal(again, first)


def test_an_unknown_style_is_told_with_the_nearest(cli: Cli, tmp_path: Path) -> None:
    ran = cli("examples", "musicgen", "-o", tmp_path / "out", "--style", "jass")
    assert ran.code == 2
    assert "jazz" in ran.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("style", list(STYLES))
def test_every_style_fills_its_clip_to_the_top_of_the_band(style: str) -> None:
    piece = compose(style, 4.0, 44_100, 5)
    assert np.abs(piece).max() == pytest.approx(0.8)
    parts = [np.sqrt(np.mean(part**2)) for part in np.array_split(piece, 4)]
    assert min(parts) > 0.1 * max(parts)
    assert band_db(piece, 44_100, 14_000, 19_000) > band_db(piece, 44_100, 100, 2000) - 75
    assert not np.array_equal(piece, compose(style, 4.0, 44_100, 6))


@pytest.mark.parametrize("voice", [bowed, struck, bell, synthesiser, bass])
@pytest.mark.parametrize("hertz", [82.4, 440.0, 1318.5])
def test_voices_are_in_tune_and_do_not_alias(voice, hertz: float) -> None:
    sound = voice(hertz, 1.0, 44_100, np.random.default_rng(2))
    count = 1 << 18
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), count)) ** 2
    place = np.fft.rfftfreq(count, 1 / 44_100) / hertz
    near = np.abs(place - 1) < 0.4
    assert place[near][np.argmax(power[near])] == pytest.approx(1, abs=0.01)
    whole = np.abs(place - np.round(place)) < 0.1 + 0.004 * place  # vibrato widens with the order
    assert power[whole].sum() > 0.97 * power.sum()


def test_records_are_worn_sides_with_tags(cli: Cli, tmp_path: Path) -> None:
    made = cli("examples", "records", "-o", tmp_path, "--count", 2, "--seconds", 3, "--json")
    assert made.code == 0
    sides = json.loads(made.out)
    assert [Path(side["path"]).name for side in sides] == ["side-01.wav", "side-02.wav"]
    first, second = (soundfile.read(side["path"])[0] for side in sides)
    assert first.shape == second.shape == (3 * 44_100,)
    assert np.abs(first - second).max() > 0.1
    with soundfile.SoundFile(sides[1]["path"]) as file:
        assert (file.artist, file.title) == (sides[1]["artist"], sides[1]["title"])


def test_an_lp_is_stereo_and_the_same_again(cli: Cli, tmp_path: Path) -> None:
    for name in ("a", "b"):
        arguments = ("--lp", "--count", 1, "--seconds", 2, "--quiet")
        assert cli("examples", "records", "-o", tmp_path / name, *arguments).code == 0
    a, b = (soundfile.read(tmp_path / name / "lp-01.wav")[0] for name in ("a", "b"))
    assert a.shape == (2 * 44_100, 2)
    assert np.abs(a[:, 0] - a[:, 1]).max() > 0.05
    assert np.array_equal(a, b)
