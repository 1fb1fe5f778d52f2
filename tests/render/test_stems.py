"""One preset over a folder of stems: names, lengths, alignment and balance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from toys import Gain, PeakTo

from restorack.chains import Chain
from restorack.core.traits import Trait
from restorack.errors import FileError, RenderError
from restorack.presets import chain_from_text
from restorack.render import render
from restorack.render.session import apply_to_stems
from restorack.testing.signals import worn_music

RATE = 44_100
PRESET = "format: 1\nname: p\nstages:\n- pedalboard.Gain: {gain_db: 6}\noutput: {subtype: FLOAT"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "stems"
    made.mkdir()
    for number, (name, channels) in enumerate((("a.wav", 2), ("b.flac", 2), ("c.wav", 2))):
        rows = worn_music(RATE, 0.3 + 0.1 * number, channels) * 0.2 * (number + 1)
        soundfile.write(made / name, rows.T, RATE, subtype="PCM_24")
    (made / "notes.txt").write_text("no audio")
    (made / ".hidden.wav").write_text("no stem")
    return made


def read(path: Path) -> Any:
    return soundfile.read(path, dtype="float32", always_2d=True)[0].T


def test_names_lengths_and_samples_are_those_of_single_renders(
    folder: Path, tmp_path: Path
) -> None:
    chain = chain_from_text(PRESET + "}")
    apply_to_stems(folder, chain, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "a.wav",
        "b.flac",
        "c.wav",
    ]
    for name in ("a.wav", "b.flac", "c.wav"):
        render(folder / name, tmp_path / name, chain)
        out = read(tmp_path / "out" / name)
        assert out.shape == read(folder / name).shape
        assert np.array_equal(out, read(tmp_path / name))


def test_the_ceiling_does_not_change_the_balance(folder: Path, tmp_path: Path) -> None:
    chain = chain_from_text(PRESET + ", ceiling_dbtp: -30}")
    results = apply_to_stems(folder, chain, tmp_path / "out")
    assert [result.ceiling_gain_db for result in results] == [0.0, 0.0, 0.0]
    assert chain.settings.output.ceiling_dbtp == -30
    gains = [
        float(np.max(np.abs(read(tmp_path / "out" / name))) / np.max(np.abs(read(folder / name))))
        for name in ("a.wav", "c.wav")
    ]
    assert gains == pytest.approx([10 ** (6 / 20)] * 2, rel=1e-5)


def test_linked_stems_share_what_is_learned_from_their_sum(folder: Path, tmp_path: Path) -> None:
    chain = chain_from_text(PRESET + "}")
    chain[0] = PeakTo()
    apply_to_stems(folder, chain, tmp_path / "alone")
    apply_to_stems(folder, chain, tmp_path / "linked", link=True)
    names = ["a.wav", "c.wav"]
    peaks = {
        kind: [float(np.max(np.abs(read(tmp_path / kind / name)))) for name in names]
        for kind in ("alone", "linked")
    }
    given = [read(folder / name) for name in ("a.wav", "b.flac", "c.wav")]
    total = np.zeros((2, max(rows.shape[1] for rows in given)), np.float32)
    for rows in given:
        total[:, : rows.shape[1]] += rows
    assert peaks["alone"][0] == pytest.approx(peaks["alone"][1])
    shared = peaks["alone"][0] / np.max(np.abs(total))
    for name, rows in (("a.wav", given[0]), ("c.wav", given[2])):
        assert np.allclose(read(tmp_path / "linked" / name), rows * shared, atol=1e-5)
    assert not chain[0].is_prepared


def test_what_cannot_keep_the_stems_together_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="48000 Hz"):
        apply_to_stems(folder, chain_from_text(PRESET + ", sample_rate: 48000}"), tmp_path / "out")
    with pytest.raises(FileError, match="no audio files"):
        apply_to_stems(_empty(tmp_path), chain_from_text(PRESET + "}"), tmp_path / "out")
    with pytest.raises(FileError, match="source"):
        apply_to_stems(folder, chain_from_text(PRESET + "}"), folder, force=True)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "c.wav").write_text("kept")
    with pytest.raises(FileError, match="exists"):
        apply_to_stems(folder, chain_from_text(PRESET + "}"), tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["c.wav"]
    soundfile.write(folder / "mono.wav", np.zeros(100), RATE)
    with pytest.raises(RenderError, match="different rates or channels"):
        apply_to_stems(folder, chain_from_text(PRESET + "}"), tmp_path / "new", link=True)


class Stretch(Gain):
    """A stage that may return more than it takes."""

    traits = frozenset({Trait.CHANGES_LENGTH})


def test_stages_that_change_the_length_are_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"stretch.* changes the length"):
        apply_to_stems(folder, Chain([Stretch()]), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def _empty(tmp_path: Path) -> Path:
    (tmp_path / "empty").mkdir()
    return tmp_path / "empty"
