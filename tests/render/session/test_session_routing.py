"""Where strips go in a session: pan laws, mute and solo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sessions import ONE, decibels, noise, put, rendered, write

from restorack.render.session import load_session
from restorack.render.session.gains import pan_gains
from restorack.render.session.routing import active_routes


@pytest.mark.parametrize(
    ("law", "middle"), [("constant_power", 0.5**0.5), ("compromise", 0.5**0.75), ("linear", 0.5)]
)
def test_pan_laws(law: str, middle: float) -> None:
    ends = np.array([-1.0, 0.0, 1.0])
    left, right = pan_gains(ends, law, 1)
    assert np.allclose(left, [1, middle, 0], atol=1e-12)
    assert np.allclose(right, [0, middle, 1], atol=1e-12)
    left, right = pan_gains(ends, law, 2)
    assert np.array_equal(left, [1, 1, 0])
    assert np.array_equal(right, [0, 1, 1])


def test_mono_goes_to_both_sides_by_the_law_and_channels_stay_apart(tmp_path: Path) -> None:
    x = noise(4, 1)
    write(tmp_path / "x.wav", x)
    for law, gain in (("constant_power", 0.5**0.5), ("linear", 0.5)):
        text = ONE.replace("stems:", f"pan_law: {law}\nstems:") + "- {file: x.wav}\n"
        mix = rendered(tmp_path, text, law)
        assert np.array_equal(mix[0], mix[1])
        assert decibels(mix - x * gain) < -140


ROUTED = """
format: 1
name: routed
stems:
- {file: a.wav, output: X, SOLOa}
- {file: b.wav, output: X, sends: [{to: Y, pre: true}], SOLOb}
- {file: c.wav, SOLOc}
buses:
- {name: X, SOLOX}
- {name: Y, SOLOY}
"""


@pytest.mark.parametrize(
    ("flags", "heard"),
    [
        ({}, {"aX", "bX", "bY", "cmaster", "Xmaster", "Ymaster"}),
        ({"b": "mute: true"}, {"aX", "cmaster", "Xmaster"}),
        ({"X": "mute: true"}, {"bY", "cmaster", "Ymaster"}),
        ({"a": "solo: true"}, {"aX", "Xmaster"}),
        ({"X": "solo: true"}, {"aX", "bX", "Xmaster"}),
        ({"Y": "solo: true"}, {"bY", "Ymaster"}),
        ({"a": "solo: true", "c": "solo: true"}, {"aX", "Xmaster", "cmaster"}),
        ({"b": "solo: true, mute: true"}, set()),
    ],
)
def test_mute_and_solo(
    tmp_path: Path, parts: dict[str, Any], flags: dict[str, str], heard: set[str]
) -> None:
    text = ROUTED
    for name in "abcXY":
        text = text.replace(f"SOLO{name}", flags.get(name, ""))
    ways = active_routes(load_session(put(tmp_path, text)))
    assert {way.source + way.target for way in ways} == heard


def test_a_session_of_which_nothing_is_heard_is_silent(
    tmp_path: Path, parts: dict[str, Any]
) -> None:
    mix = rendered(tmp_path, ONE + "- {file: a.wav, mute: true}\n")
    assert mix.shape == (2, parts["a"].shape[1])
    assert not mix.any()
