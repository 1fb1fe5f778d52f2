"""``restorack separate``, as users call it."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

RATE = 8_000


@pytest.fixture
def take(tmp_path):
    path = tmp_path / "take.wav"
    noise = 0.1 * np.random.default_rng(5).standard_normal((RATE, 2))
    soundfile.write(path, noise, RATE, subtype="PCM_16")
    return path


def test_it_writes_three_parts_and_a_session(cli, take, tmp_path):
    out = tmp_path / "new" / "parts"
    ran = cli("separate", take, "-o", out, "--master", "master-loud", "--json")
    assert ran.code == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "session.yaml", "take.harmonic.wav", "take.percussive.wav", "take.voice.wav",
    ]  # fmt: skip
    parts = [soundfile.read(part["file"])[0] for part in ran.document["parts"]]
    assert np.array_equal(sum(parts[1:], parts[0]), soundfile.read(take)[0])
    assert cli("session", "check", out / "session.yaml").code == 0
    assert soundfile.info(out / "take.voice.wav").subtype == "DOUBLE"


def test_mistakes_write_nothing(cli, take, tmp_path):
    out = tmp_path / "parts"
    assert cli("separate", take, "-o", out, "--master", "master-loudd").code == 2
    assert cli("separate", tmp_path / "none.wav", "-o", out).code == 5
    assert not list(out.iterdir())
    out.joinpath("session.yaml").write_text("mine")
    ran = cli("separate", take, "-o", out)
    assert ran.code == 5
    assert "exists" in ran.err
    assert [path.name for path in out.iterdir()] == ["session.yaml"]
