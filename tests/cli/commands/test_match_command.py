"""``restorack match``, as users call it."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile

RATE = 16_000


@pytest.fixture
def pair(tmp_path):
    noise = 0.1 * np.random.default_rng(2).standard_normal((2 * RATE, 2))
    bright = noise - 0.5 * np.roll(noise, 1, axis=0)
    files = [tmp_path / "dull.wav", tmp_path / "bright.wav"]
    for file, rows in zip(files, (noise, bright), strict=True):
        soundfile.write(file, rows, RATE, subtype="PCM_24")
    return files


def test_it_writes_file_and_report_and_shows_figures(cli, pair, tmp_path):
    dull, bright = pair
    out, report = tmp_path / "new" / "o.wav", tmp_path / "new" / "o.json"
    ran = cli("match", dull, "--reference", bright, "-o", out, "--report", report, "--no-dynamics")
    assert ran.code == 0
    assert "tone off by" in ran.out
    found = json.loads(report.read_text())
    assert found["status"] == "matched"
    assert found["matched"] == ["level", "tone", "width"]
    assert found["distance_after"]["tone_db"] < 0.2 * found["distance_before"]["tone_db"]
    assert soundfile.info(out).frames == 2 * RATE


def test_itself_is_unchanged_and_said_so(cli, pair, tmp_path):
    ran = cli("match", pair[0], "--reference", pair[0], "-o", tmp_path / "o.wav", "--json")
    assert ran.document["status"] == "unchanged"
    assert np.array_equal(soundfile.read(pair[0])[0], soundfile.read(tmp_path / "o.wav")[0])
    assert (
        "nothing to change"
        in cli("match", pair[0], "--reference", pair[0], "-o", tmp_path / "p.wav").out
    )


def test_mistakes_write_nothing(cli, pair, tmp_path):
    out = tmp_path / "o.wav"
    assert cli("match", pair[0], "-o", out).code == 2
    assert cli("match", pair[0], "--reference", pair[1], "-o", out, "--strength", "2").code == 2
    assert cli("match", pair[0], "--reference", tmp_path / "none.wav", "-o", out).code == 5
    assert cli("match", pair[0], "--reference", pair[1], "-o", pair[0]).code == 5
    assert not out.exists()
