"""LV2 plugins of every form: stereo from mono, names of one letter, units, instruments."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from native_plugins import lv2_forms

from restorack.errors import ParameterError, PluginError
from restorack.hosting.installed import installed_lv2
from restorack.hosting.sandbox import Sandbox
from restorack.hosting.spec import PluginSpec
from restorack.hosting.stage import HostedPlugin
from restorack.presets import chain_from_text
from restorack.testing.signals import worn_music

RATE = 44_100
AUDIO = worn_music(RATE, 0.2, 2)
MONO = np.mean(AUDIO, axis=0, dtype=np.float32)


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    lv2_forms.install(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    made = Sandbox(load_timeout=6.0)
    yield made
    made.close()


def pan(sandbox: Sandbox, **params: float | str) -> HostedPlugin:
    return HostedPlugin(PluginSpec("lv2", lv2_forms.PAN, params), sandbox)


def test_each_form_is_hosted_as_it_is(sandbox: Sandbox) -> None:
    assert {lv2_forms.PAN, lv2_forms.TONE} <= set(installed_lv2())  # by the empty prefix
    plugin = pan(sandbox, c=0.5, c_sharp=0.25)
    assert np.array_equal(plugin(AUDIO, RATE), np.stack([MONO / 2, MONO / 4]))
    assert plugin.findings()["channels"] == "mono in, stereo out"
    with pytest.raises(PluginError, match="takes 1 channel and gives 2, the signal has 1"):
        plugin(AUDIO[0], RATE)
    for value in ("12k", "12 kHz", 12_000):
        out = pan(sandbox, split=value)(AUDIO, RATE)
        assert np.allclose(out[1], MONO * 12, rtol=1e-5), value
    for wrong in ("12 dB", "12x", 9.0):
        with pytest.raises(ParameterError, match="split_hz"):
            pan(sandbox, split=wrong).check()
    with pytest.raises(PluginError, match="instrument"):
        HostedPlugin(PluginSpec("lv2", lv2_forms.TONE), sandbox).layout()


def test_what_is_not_installed_is_said_in_short(sandbox: Sandbox) -> None:
    del sandbox
    with pytest.raises(PluginError, match=f"did you mean '{lv2_forms.PAN}'") as caught:
        HostedPlugin(PluginSpec("lv2", f"{lv2_forms.PAN}s"))
    assert len(str(caught.value)) < 400
    text = f"format: 1\nname: x\nstages: [lv2: {lv2_forms.PAN}, lv2: {lv2_forms.TONE}]\n"
    assert chain_from_text(text).names == ["forms_pan", "forms_tone"]
