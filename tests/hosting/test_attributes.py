"""Hosted plugins as pedalboard's are used: attributes, names, one function that loads them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from restorack import load_plugin
from restorack.chains import Chain
from restorack.errors import ParameterError, PluginError, UnknownAttributeError
from restorack.hosting.lv2_names import lv2_uri
from restorack.testing.signals import worn_music

AUDIO = worn_music(44_100, 0.3, 2)


def test_parameters_are_attributes() -> None:
    plugin = load_plugin("zamcompx2", {"threshold_db": -30.0})
    assert plugin.threshold_db == -30.0
    plugin.threshold_db = -40.0
    assert plugin.spec.params["threshold_db"] == -40.0
    assert isinstance(plugin.ratio, float)
    with pytest.raises(UnknownAttributeError, match="did you mean 'threshold_db'"):
        plugin.treshold_db = 1
    with pytest.raises(UnknownAttributeError, match="did you mean 'threshold_db'"):
        _ = plugin.treshold_db
    assert "threshold_db=-40.0" in repr(plugin)


def test_a_bypassed_plugin_passes_its_input() -> None:
    plugin = load_plugin("/usr/lib/vst3/ZamCompX2.vst3", {"threshold_db": -60, "makeup_db": 10})
    chain = Chain(plugin)
    assert not np.array_equal(chain(AUDIO, 44_100), AUDIO)
    plugin.bypass = True
    assert np.array_equal(chain(AUDIO, 44_100), AUDIO)
    assert np.array_equal(plugin(AUDIO, 44_100), AUDIO)


def test_lv2_plugins_by_name(tmp_path: Path) -> None:
    assert lv2_uri("zameq2") == "urn:zamaudio:ZamEQ2"
    assert load_plugin("lv2=ZamEQ2").spec.reference == "urn:zamaudio:ZamEQ2"
    assert lv2_uri("urn:nobody:Nothing") == "urn:nobody:Nothing"
    program = tmp_path / "half.dsp"
    program.write_text("process = *(0.5), *(0.5);")
    half = load_plugin(program)(AUDIO, 44_100)
    assert np.allclose(half, AUDIO / 2)


def test_what_is_not_there_is_said() -> None:
    with pytest.raises(PluginError, match="is not installed"):
        load_plugin("NoSuchPlugin")
    with pytest.raises((ParameterError, PluginError)):
        load_plugin("/nowhere/x.vst3")
