"""Crossovers: each branch of a parallel mix takes one band of the same plugin."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.errors import PluginError
from restorack.hosting.spec import PluginSpec
from restorack.hosting.stage import HostedPlugin
from restorack.presets import chain_from_text, dump_preset
from restorack.testing.signals import worn_music

RATE = 44_100
AUDIO = worn_music(RATE, 0.3, 2)
SPLIT = "process = _ <: *(0.25), *(0.75), *(0);"
WIDE = "process = _, _ <: *(0.25), *(0.5), *(0.75), *(0.5);"


def band(code: str, number: int) -> HostedPlugin:
    return HostedPlugin(PluginSpec("faust", code, band=number))


def test_a_band_is_a_part_of_each_channel() -> None:
    for number, gain in enumerate((0.25, 0.75, 0.0), 1):
        plugin = band(SPLIT, number)
        assert np.array_equal(plugin(AUDIO, RATE), AUDIO * np.float32(gain))
        assert np.array_equal(plugin(AUDIO[0], RATE), AUDIO[0] * np.float32(gain))
    wide = band(WIDE, 2)(AUDIO, RATE)
    assert np.array_equal(wide, AUDIO * np.array([[0.75], [0.5]], np.float32))


def test_bands_in_parallel_are_the_whole_again() -> None:
    text = (
        "format: 1\nname: bands\nstages:\n"
        "  - parallel:\n"
        f"      - [{{faust: {{code: '{SPLIT}'}}, band: 1}}, pedalboard.Gain: {{gain_db: 0}}]\n"
        f"      - [{{faust: {{code: '{SPLIT}'}}, band: 2}}]\n"
    )
    chain = chain_from_text(text)
    assert np.allclose(chain(AUDIO, RATE), AUDIO, atol=1e-7)
    assert dump_preset(chain_from_text(dump_preset(chain))) == dump_preset(chain)


@pytest.mark.parametrize(
    ("code", "number"), [(SPLIT, 4), (WIDE, 3), ("process = _;", 1), ("process = _,_,_ :> _;", 1)]
)
def test_a_band_that_is_not_there_is_refused(code: str, number: int) -> None:
    with pytest.raises(PluginError, match=f"gives no band {number}"):
        band(code, number)(AUDIO, RATE)


def test_without_a_band_a_crossover_is_refused() -> None:
    with pytest.raises(PluginError, match=r"takes 1 channel and gives 3.*band: 1"):
        HostedPlugin(PluginSpec("faust", SPLIT))(AUDIO, RATE)
