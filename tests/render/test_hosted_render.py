"""Files through chains with third-party plugins: one preset with every kind of stage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from native_plugins.bad_bundles import compile_bundle

from restorack.errors import PluginError, RenderError
from restorack.presets import chain_from_text
from restorack.render import plan
from restorack.render.api import render
from restorack.testing.signals import worn_music

RATE = 44_100
EVERY_KIND = """
format: 1
name: every-kind
stages:
- restorack.SpectralDenoiser: {max_attenuation_db: 6}
- pedalboard.HighpassFilter: {cutoff_frequency_hz: 40}
- vst3: ZamCompX2
  params: {threshold_db: -24}
- lv2: urn:zamaudio:ZamEQ2
  params: {boost_cut_1: 3}
- faust: {code: 'process = par(i, 2, *(hslider("level", 0.5, 0, 1, 0.01)));'}
  automation: {level: [[0, 0.5], [1, 1]]}
output: {subtype: FLOAT}
"""


@pytest.fixture
def worn(tmp_path: Path) -> Path:
    path = tmp_path / "worn.wav"
    soundfile.write(path, worn_music(RATE, 1.5, 2).T, RATE, subtype="PCM_24")
    return path


def read(path: Path) -> Any:
    return soundfile.read(path, dtype="float64", always_2d=True)[0].T


def test_every_kind_of_stage_renders_aligned(worn: Path, tmp_path: Path) -> None:
    chain = chain_from_text(EVERY_KIND)
    result = render(worn, tmp_path / "out.wav", chain)
    out, given = read(tmp_path / "out.wav"), read(worn)
    assert out.shape == given.shape
    spectrum = np.fft.rfft(out[0]) * np.conj(np.fft.rfft(given[0]))
    assert abs(int(np.argmax(np.fft.irfft(spectrum)))) == 0
    assert [stage.engine for stage in result.stages] == [
        "restorack", "pedalboard", "dawdreamer (child)",
    ]  # fmt: skip
    assert result.stages[2].stages == ["zamcompx2", "zameq2", "faust"]
    assert np.array_equal(chain(given, RATE), out), "calling the chain gives the same samples"


def test_bypassing_everything_is_bit_exact(worn: Path, tmp_path: Path) -> None:
    chain = chain_from_text(EVERY_KIND)
    for name in chain.names:
        chain.bypass(name)
    result = render(worn, tmp_path / "out.wav", chain)
    assert np.array_equal(read(tmp_path / "out.wav"), read(worn))
    assert result.bypassed == chain.names


def test_vst3_streams_bit_identically(worn: Path, tmp_path: Path) -> None:
    text = "format: 1\nname: v\nstages:\n- vst3: ZaMaximX2\n- vst3: ZamComp\n"
    for engine in ("dawdreamer", "stream"):
        result = render(
            worn,
            tmp_path / f"{engine}.wav",
            chain_from_text(text),
            engine=engine,  # type: ignore[arg-type]
        )
        assert result.stages[0].engine.startswith({"stream": "pedalboard"}.get(engine, engine))
    assert np.array_equal(read(tmp_path / "dawdreamer.wav"), read(tmp_path / "stream.wav"))


def test_what_neither_fits_nor_streams_is_refused_first(
    worn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "MEMORY_BUDGET", 1000)
    with pytest.raises(RenderError, match=r"zamcompx2, zameq2, faust.*--engine dawdreamer"):
        render(worn, tmp_path / "out.wav", chain_from_text(EVERY_KIND))
    text = "format: 1\nname: v\nstages:\n- vst3: ZamCompX2\n"
    result = render(worn, tmp_path / "out.wav", chain_from_text(text))
    assert result.engine == "dawdreamer", "the last mix goes on being rendered there"
    assert [stage.engine for stage in result.stages] == ["pedalboard (child)"]
    nested = "format: 1\nname: n\nstages:\n- parallel: [[{faust: {code: 'process = _;'}}], []]\n"
    with pytest.raises(RenderError, match="faust cannot be streamed"):
        render(worn, tmp_path / "3.wav", chain_from_text(nested))
    with pytest.raises(RenderError, match="cannot be streamed"):
        render(worn, tmp_path / "2.wav", chain_from_text(EVERY_KIND), engine="stream")


def test_a_plugin_that_aborts_leaves_nothing(worn: Path, tmp_path: Path) -> None:
    bundle = compile_bundle(tmp_path, "Aborts")
    before = sorted(tmp_path.iterdir())
    chain = chain_from_text(
        f"format: 1\nname: bad\nstages:\n- restorack.Air: {{}}\n- vst3: {bundle}\n",
        allow_plugins=[bundle],
    )
    with pytest.raises(PluginError, match=r"stage 2 \(aborts\).*SIGABRT"):
        render(worn, tmp_path / "out.wav", chain)
    assert sorted(tmp_path.iterdir()) == before


def test_a_missing_optional_plugin_is_skipped_and_reported(worn: Path, tmp_path: Path) -> None:
    text = "format: 1\nname: o\nstages:\n- {vst3: NoSuchPlugin, optional: true}\n"
    result = render(worn, tmp_path / "out.wav", chain_from_text(text))
    assert result.skipped == ["nosuchplugin"]
    assert np.array_equal(read(tmp_path / "out.wav"), read(worn))
