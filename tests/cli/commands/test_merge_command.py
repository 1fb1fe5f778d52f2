"""``restorack merge``, as users call it."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile
from signals.performances import RATE, performance

from restorack.bench.transfers import simulate_transfer

pytestmark = pytest.mark.slow


@pytest.fixture
def transfers(tmp_path):
    files = []
    for seed in (1, 2):
        clean = performance(1, seconds=9.0)
        audio = simulate_transfer(clean, RATE, seed, gain=1.0 if seed == 1 else -1.0).audio
        files.append(tmp_path / f"{seed}.wav")
        soundfile.write(files[-1], audio.T, round(RATE), subtype="PCM_16")
    return files


def test_merge_writes_file_report_and_picture(cli, transfers, tmp_path):
    out, report, picture = (tmp_path / "new" / name for name in ("o.flac", "o.json", "o.png"))
    ran = cli("merge", *transfers, "-o", out, "--report", report, "--picture", picture, "--json")
    assert ran.code == 0
    info = soundfile.info(out)
    assert (info.format, info.samplerate, info.frames) == ("FLAC", round(RATE), 9 * round(RATE))
    assert json.loads(report.read_text()) == ran.document
    assert ran.document["copies"][1]["inverted"]
    assert picture.read_bytes()[:4] == b"\x89PNG"
    assert "polarity was inverted" in ran.err
    again = cli("merge", *transfers, "-o", out)
    assert again.code == 5
    assert "--force" in again.err


def test_merge_refuses_what_it_cannot_do(cli, transfers, tmp_path):
    out = tmp_path / "out.wav"
    assert cli("merge", transfers[0], "-o", out).code == 2
    assert cli("merge", transfers[0], transfers[0], "-o", out).code == 5
    assert cli("merge", *transfers, "-o", transfers[1], "--force").code == 5
    assert cli("merge", *transfers, "-o", out, "--colour", "blue").code == 2
    silent = tmp_path / "silent.wav"
    soundfile.write(silent, np.zeros(200_000), round(RATE))
    ran = cli("merge", transfers[0], silent, "-o", out)
    assert ran.code == 3
    assert "silent.wav: is silent" in ran.err
    assert not out.exists()
