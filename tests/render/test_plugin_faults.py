"""What plugins do wrong without failing, and how long they may take: told by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from native_plugins import lv2_bundle

from restorack.errors import PluginHangError
from restorack.hosting import probe as probe_module
from restorack.hosting.probe import probe
from restorack.hosting.sandbox import Sandbox, shared_sandbox
from restorack.hosting.spec import PluginSpec
from restorack.hosting.stage import faust, vst3
from restorack.presets import chain_from_text, dump_preset
from restorack.render.api import render
from restorack.render.result import RenderResult
from restorack.render.session import load_session, render_session
from restorack.testing.signals import worn_music

RATE = 44_100
HEAD = "format: 1\nname: faulty\noutput: {subtype: FLOAT}\nstages:\n"
SILENCER = 'faust: {code: "process = *(0.0), *(0.0);"}'
TOLD = "silence for the whole signal, though what it was given is not silent"


@pytest.fixture
def worn(tmp_path: Path) -> Path:
    path = tmp_path / "worn.wav"
    soundfile.write(path, 0.1 * worn_music(RATE, 0.5, 2).T, RATE, subtype="FLOAT")
    return path


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Return a function that installs the test's LV2 plugin for this process's sandbox."""
    monkeypatch.setenv("HOME", str(tmp_path))
    shared_sandbox().close()  # the next child sees the new home
    yield lambda **defaults: lv2_bundle.install(tmp_path, **defaults)
    shared_sandbox().close()


def rendered(worn: Path, *stages: str, engine: str = "auto") -> RenderResult:
    chain = chain_from_text(HEAD + "".join(f"- {{{stage}}}\n" for stage in stages))
    return render(worn, worn.with_name("out.wav"), chain, engine=engine, force=True)  # type: ignore[arg-type]


def test_silence_is_a_warning_that_names_the_plugin_among_several(worn: Path) -> None:
    result = rendered(worn, "vst3: ZamCompX2", SILENCER, "vst3: ZaMaximX2")
    assert result.warnings == [f"stage 2 (faust): faust code: {TOLD}"]
    assert not soundfile.read(worn.with_name("out.wav"))[0].any()


def test_silence_is_told_wherever_the_plugin_stands(worn: Path) -> None:
    result = rendered(worn, f"parallel: [[{{{SILENCER}}}], []]", "restorack.Air: {}")
    assert [TOLD in text and "faust code" in text for text in result.warnings] == [True]


@pytest.mark.parametrize("engine", ["dawdreamer", "stream"])
def test_sound_and_given_silence_are_no_warning(worn: Path, engine: str) -> None:
    assert rendered(worn, "vst3: ZamCompX2", engine=engine).warnings == []
    soundfile.write(worn, np.zeros((RATE, 2)), RATE, subtype="FLOAT")
    assert rendered(worn, "vst3: ZamCompX2", engine=engine).warnings == []


def test_a_silent_bus_is_named(worn: Path, tmp_path: Path) -> None:
    file = tmp_path / "session.yaml"
    file.write_text(
        "format: 1\nname: faulty\nstems:\n- {file: worn.wav, name: one, output: dead}\n"
        f"- {{file: worn.wav, name: two, stages: [{{{SILENCER}}}]}}\n"
        f"buses:\n- {{name: dead, stages: [{{{SILENCER}}}]}}\n"
        f"- {{name: idle, stages: [{{{SILENCER}}}]}}\n"
    )
    result = render_session(load_session(file), tmp_path / "out")
    assert [(text.startswith(("stem two: ", "bus dead: ")), TOLD in text) for text in
            result.warnings] == [(True, True)] * 2  # fmt: skip


def test_what_a_probe_knows_is_told(
    worn: Path, tmp_path: Path, install: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    install(mode=6)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(probe_module, "RATES", ())
    assert rendered(worn, f"lv2: '{lv2_bundle.URI}'").warnings == []
    probe(PluginSpec("lv2", lv2_bundle.URI))
    random, late = rendered(worn, f"lv2: '{lv2_bundle.URI}'").warnings
    assert random.startswith(f"lv2 {lv2_bundle.URI}: two renders differ")
    assert "lags by 300 samples at 44100 Hz, and reports 100: latency_samples" in late


def test_a_stage_has_its_own_time(install: Callable[..., None]) -> None:
    install(mode=2)
    chain = chain_from_text(f"{HEAD}- {{lv2: '{lv2_bundle.URI}', timeout_s: 1.5}}\n")
    assert "timeout_s: 1.5" in dump_preset(chain)
    with pytest.raises(PluginHangError, match=r"no answer within 1\.5 s") as caught:
        chain(worn_music(RATE, 0.5, 1), RATE)
    assert "stage 1 (lag)" in caught.value.where
    assert "greater timeout_s" in caught.value.remedy


def test_the_time_of_several_is_that_of_each_together() -> None:
    sandbox = Sandbox(load_timeout=10.0)
    usual, own = faust("process = _;").spec, vst3("ZamComp", timeout_s=3.0).spec
    assert sandbox._timeout_for([usual], 2.0) == 10.0 + 5.0 * 2.0
    assert sandbox._timeout_for([own], 1000.0) == 3.0
    assert sandbox._timeout_for([usual, own, usual], 2.0) == 2 * 20.0 + 3.0


@pytest.mark.parametrize("engine", ["dawdreamer", "stream"])
def test_a_gate_that_never_opens_is_told_by_both_engines(worn: Path, engine: str) -> None:
    [warning] = rendered(worn, "vst3: ZamGateX2, params: {threshold_db: 0}", engine=engine).warnings
    assert "ZamGateX2" in warning
    assert TOLD in warning
