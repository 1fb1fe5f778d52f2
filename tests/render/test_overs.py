"""Clipping of a render: counted before the word is shortened, warned of, never 'unchanged'."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pedalboard
import pytest
import soundfile

from restorack.chains import Chain
from restorack.chains.settings import ChainSettings, OutputSettings
from restorack.plugins.dither import Dither
from restorack.render import render
from restorack.render.session import render_session

RATE = 44_100


@pytest.fixture
def loud(tmp_path: Path) -> Path:
    """Return a float file of a sine with a peak of +6 dB at 0.25 s, on the grid of 24 bits."""
    seconds = np.arange(RATE // 2) / RATE
    rows = 1.6 * np.sin(2 * np.pi * 100 * seconds)
    rows[RATE // 4] = 2.0
    path = tmp_path / "loud.wav"
    soundfile.write(path, np.rint(rows * 2**20) / 2**20, RATE, subtype="FLOAT")
    return path


def read(path: Path) -> Any:
    return soundfile.read(path, dtype="float64")[0]


def plain(**output: Any) -> Chain:
    return Chain([pedalboard.Gain(0)], ChainSettings(output=OutputSettings(**output)))


@pytest.mark.parametrize("engine", ["dawdreamer", "stream"])
@pytest.mark.parametrize(
    ("name", "subtype"),
    [("o.wav", "PCM_24"), ("o.wav", "PCM_16"), ("o.wav", "PCM_32"), ("o.flac", "PCM_16"),
     ("o.aiff", "PCM_24")],
)  # fmt: skip
def test_samples_that_were_cut_are_counted_and_not_unchanged(
    loud: Path, tmp_path: Path, name: str, subtype: str, engine: Any
) -> None:
    difference = tmp_path / "d.wav"
    result = render(
        loud, tmp_path / name, plain(), subtype=subtype, engine=engine, difference=difference
    )
    given, got = read(loud), read(tmp_path / name)
    assert result.clipped == np.count_nonzero(np.abs(given) > 1.0) > 5000
    assert result.unchanged == np.count_nonzero(given == got)
    assert result.unchanged <= result.samples - result.clipped
    [warning] = result.warnings
    assert f"{result.clipped} samples beyond full scale were cut" in warning
    assert "+6.02 dB over, at 0.250 s in channel 0" in warning
    assert np.array_equal(got + read(difference), given)


def test_no_dither_and_a_tail_count_the_same(loud: Path, tmp_path: Path) -> None:
    first = render(loud, tmp_path / "a.wav", plain(dither="none"), tail_seconds=0.5)
    second = render(loud, tmp_path / "b.wav", plain(), start=0.1)
    assert first.clipped > second.clipped > 0
    assert "at 0.150 s" in second.warnings[0]


@pytest.mark.parametrize("name", ["o.mp3", "o.ogg"])
def test_lossy_formats_say_what_is_counted(loud: Path, tmp_path: Path, name: str) -> None:
    result = render(loud, tmp_path / name, plain())
    assert result.clipped == np.count_nonzero(np.abs(read(loud)) > 1.0)
    assert "go to the encoder" in result.warnings[0]


def test_floats_hold_what_is_beyond_full_scale(loud: Path, tmp_path: Path) -> None:
    result = render(loud, tmp_path / "o.wav", plain(), subtype="FLOAT")
    assert (result.clipped, result.warnings) == (0, [])
    assert result.unchanged == result.samples
    assert np.array_equal(read(tmp_path / "o.wav"), read(loud))


def test_a_ceiling_is_a_remedy(loud: Path, tmp_path: Path) -> None:
    result = render(loud, tmp_path / "o.wav", plain(ceiling_dbtp=-1.0))
    assert (result.clipped, result.warnings) == (0, [])


def test_a_stage_that_shortens_the_word_counts_too(loud: Path, tmp_path: Path) -> None:
    result = render(loud, tmp_path / "o.wav", Chain([Dither(subtype="PCM_16")]))
    assert result.clipped == np.count_nonzero(np.abs(read(loud)) > 1.0)
    [warning] = result.warnings
    assert "at 0.250 s" in warning
    assert "before this stage" in warning


def test_the_master_of_a_session_tells_its_overs(loud: Path, tmp_path: Path) -> None:
    text = f"format: 1\nname: s\nsample_rate: {RATE}\nstems:\n- {{name: a, file: {loud.name}}}\n"
    (tmp_path / "s.yaml").write_text(text)
    (tmp_path / "f.yaml").write_text(f"{text}output: {{subtype: FLOAT}}\n")
    held = render_session(tmp_path / "f.yaml", tmp_path / "f")
    assert (held.clipped, held.warnings) == (0, [])
    result = render_session(tmp_path / "s.yaml", tmp_path / "s")
    assert result.clipped == np.count_nonzero(np.abs(read(tmp_path / "f" / "s.wav")) > 1.0) > 5000
    [warning] = result.warnings
    assert "at 0.250 s in channel 0" in warning
    assert "master's gain_db" in warning
