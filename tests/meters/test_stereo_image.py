"""Relations of two channels, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from signals.damaged_music import tone, white

from restorack.meters.stereo_image import StereoMeter


def measured(rows):
    rows = np.asarray(rows, np.float32)
    meter = StereoMeter(rows.shape[0])
    meter.push(rows)
    return meter.result()


def test_kinds():
    mono = white(1.0, 0.1)
    assert measured(mono).kind == "mono"
    assert measured(np.repeat(mono, 2, axis=0)).kind == "dual mono"
    assert measured(np.repeat(mono, 2, axis=0) + white(1.0, 0.02, 2, 7)).kind == "mono groove"
    assert measured(white(1.0, 0.1, 2)).kind == "stereo"
    assert measured(white(1.0, 0.1, 4)).kind == "multichannel"


def test_vertical_motion_is_what_the_walls_have_in_opposite():
    music, vertical = tone(300.0, 1.0), tone(1_000.0, 1.0, 0.1)
    found = measured([music + vertical, music - vertical])
    assert found.vertical_over_lateral_db == pytest.approx(-20.0, abs=0.01)
    assert found.balance_db == pytest.approx(0.0, abs=0.01)
    # Powers of 1 and 0.01 in both, with equal and opposite sign.
    assert found.correlation == pytest.approx(0.99 / 1.01, abs=1e-4)


def test_silence_has_no_relation():
    found = measured(np.zeros((2, 5_000)))
    assert found.correlation is None
    assert found.balance_db is None
