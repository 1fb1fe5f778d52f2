"""Audio of a page: what is decoded is what was given, in pieces too, and it fits."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from restorack.errors import ParameterError
from restorack.reports.listening import encoding
from restorack.reports.listening.budget import Demand, fit
from restorack.reports.listening.encoding import Coding, encode, opus_level

RATE = 48_000


def decoded(data: bytes) -> np.ndarray:
    return soundfile.read(io.BytesIO(data), always_2d=True, dtype="float32")[0].T


@pytest.mark.parametrize("length", [1, 100, 4800, 12_345])
def test_segments_join_to_the_whole(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "SEGMENT_S", 0.05)
    monkeypatch.setattr(encoding, "LEAD_S", 0.01)
    rows = np.random.default_rng(1).uniform(-1, 1, (2, length)).astype(np.float32)
    blocks = [rows[:, at : at + 1000] for at in range(0, length, 1000)]
    parts = list(encode(blocks, length, 2, Coding("flac", RATE, segmented=True)))
    assert [one.start for one in parts] == list(range(0, length, 2400))
    joined = np.concatenate(
        [decoded(one.data)[:, one.lead : one.lead + int(one.samples)] for one in parts], axis=1
    )
    assert np.allclose(joined, rows, atol=2**-23)


def test_opus_is_as_long_and_in_time() -> None:
    time = np.arange(RATE) / RATE
    rows = (0.3 * np.sin(2 * np.pi * (200 + 900 * time) * time))[np.newaxis].astype(np.float32)
    [part] = encode([rows], RATE, 1, Coding("opus", RATE, 96.0))
    heard = decoded(part.data)
    assert heard.shape == rows.shape
    lags = range(-3, 4)
    inner = slice(4800, -4800)
    near = [float(np.dot(np.roll(heard[0], -lag)[inner], rows[0][inner])) for lag in lags]
    assert lags[int(np.argmax(near))] == 0
    assert len(part.data) * 8 < 1.2 * 96_000 + 20_000


@pytest.mark.parametrize(("kbps", "level"), [(256.0, 0.0), (6.0, 1.0), (131.0, 0.5), (999.0, 0.0)])
def test_rates_become_levels(kbps: float, level: float) -> None:
    assert opus_level(kbps) == pytest.approx(level)


def test_what_is_short_is_lossless_and_what_is_long_fits() -> None:
    short = fit([Demand(2.0, 1, 44_100.0, 3, 2)], None, 12.0)
    assert short.coding == Coding("flac", 44_100)
    assert short.with_stages
    three = fit([Demand(180.0, 2, 96_000.0, 3, 4)], None, 12.0)
    assert (three.coding.codec, three.coding.rate) == ("opus", 48_000)
    assert not three.with_stages  # rather than worse sound
    used = three.coding.kbps * 1000 / 8 * 180 * 2 * 3 * 4 / 3
    assert 8e6 < used < 12e6
    mono = fit([Demand(120.0, 1, 44_100.0, 3, 3)], None, 12.0)
    assert mono.with_stages
    folder = fit([Demand(3600.0, 2, 192_000.0, 3, 4)], "flac", None)
    assert folder.coding == Coding("flac", 48_000, segmented=True)


def test_what_never_fits_is_refused_with_a_way_out() -> None:
    with pytest.raises(ParameterError, match="do not fit into a page of 12 MB"):
        fit([Demand(3600.0, 2, 44_100.0, 3, 0)], None, 12.0)
    with pytest.raises(ParameterError, match="--output DIR"):
        fit([Demand(180.0, 2, 44_100.0, 3, 0)], "flac", 12.0)
