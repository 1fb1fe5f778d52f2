"""What a picture shows: levels by closed forms, spans, lengths from nothing to minutes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from restorack.errors import FileError
from restorack.io.reader import AudioReader
from restorack.reports.picture import COLUMNS, draw_signal, write_picture

RATE = 44_100


def tone(seconds: float, hertz: float = 1_000.0, level: float = 1.0) -> np.ndarray:
    return level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)


def write(path: Path, rows: np.ndarray) -> Path:
    soundfile.write(path, rows.T, RATE, subtype="DOUBLE", format="WAV")
    return path


def drawn(path: Path, *others: Path):
    readers = [AudioReader(one) for one in (path, *others)]
    return draw_signal([(reader, 0, reader.info.frames) for reader in readers])


def test_a_full_scale_tone_is_0_db_in_its_bin(tmp_path: Path) -> None:
    hertz = 24 * RATE / 2048  # the middle of a bin
    signal = drawn(write(tmp_path / "a.wav", tone(2.0, hertz)))
    middle = signal.power[:, COLUMNS // 2]
    assert int(np.argmax(middle)) == 24
    assert 10 * np.log10(middle[24]) == pytest.approx(0.0, abs=0.01)
    assert signal.high.max() == pytest.approx(1.0, abs=0.01)
    assert signal.seconds == pytest.approx(2.0)


@pytest.mark.parametrize("seconds", [2.0, 60.0])
def test_a_click_stands_in_its_column(tmp_path: Path, seconds: float) -> None:
    rows = np.zeros(round(seconds * RATE))
    rows[int(0.7 * len(rows))] = 0.8
    signal = drawn(write(tmp_path / "a.wav", rows))
    assert np.argmax(signal.high) == pytest.approx(0.7 * len(signal.high), abs=1)
    loudest = np.argmax(signal.power.sum(axis=0))
    assert loudest == pytest.approx(0.7 * signal.power.shape[1], abs=2)


def test_the_difference_is_the_difference(tmp_path: Path) -> None:
    both = tone(1.0) + tone(1.0, 5_000.0, 0.1)
    signal = drawn(write(tmp_path / "a.wav", both), write(tmp_path / "b.wav", tone(1.0)))
    assert signal.high.max() == pytest.approx(0.1, abs=0.002)
    expected = round(5_000 / (RATE / 2048))
    assert np.argmax(signal.power.mean(axis=1)) == pytest.approx(expected, abs=1)


@pytest.mark.parametrize("frames", [0, 1, 100, 5_000])
def test_every_length_can_be_drawn(tmp_path: Path, frames: int) -> None:
    path = write(tmp_path / "a.wav", tone(1.0)[:frames])
    write_picture(path, path, tmp_path / "p.png")
    assert (tmp_path / "p.png").stat().st_size > 10_000


def test_channels_rates_and_spans_may_differ(tmp_path: Path) -> None:
    before = write(tmp_path / "a.wav", np.stack([tone(2.0), tone(2.0, 3_000.0)]))
    after = tmp_path / "b.wav"
    soundfile.write(after, tone(1.0)[::2], RATE // 2)
    write_picture(before, after, tmp_path / "p.png", start=0.5, stop=1.5, top_hz=8_000)
    assert (tmp_path / "p.png").read_bytes()[:4] == b"\x89PNG"


def test_a_picture_replaces_nothing_unasked(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", tone(0.2))
    target = tmp_path / "p.png"
    target.write_bytes(b"mine")
    with pytest.raises(FileError, match="exists"):
        write_picture(path, path, target)
    assert target.read_bytes() == b"mine"
    with pytest.raises(FileError, match="source"):
        write_picture(path, path, path, force=True)
    write_picture(path, path, target, force=True)
    first = target.read_bytes()
    write_picture(path, path, target, force=True)
    assert target.read_bytes() == first
