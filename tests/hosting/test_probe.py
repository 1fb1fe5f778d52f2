"""Probes measure what plugins do, whatever they report, and survive those that fail."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from native_plugins import lv2_bundle
from native_plugins.bad_bundles import compile_bundle

from restorack.errors import PluginError
from restorack.hosting import probe as probe_module
from restorack.hosting.engines.probing import lag_of
from restorack.hosting.probe import Probe, kept_probe, probe
from restorack.hosting.sandbox import Sandbox
from restorack.hosting.spec import PluginSpec
from restorack.testing.signals import worn_music

RATE = 44_100


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(probe_module, "RATES", (11_025.0,))  # the others cost time only
    return tmp_path / "cache"


def lag_spec(home: Path, monkeypatch: pytest.MonkeyPatch, **defaults: float) -> PluginSpec:
    """Return the test's LV2 plugin, installed with these defaults of its parameters."""
    lv2_bundle.install(home, **defaults)
    monkeypatch.setenv("HOME", str(home))
    return PluginSpec("lv2", lv2_bundle.URI)


def test_a_limiter_is_measured() -> None:
    found, kept = probe(PluginSpec("vst3", "ZaMaximX2"))
    assert not kept
    assert found.faults == []
    assert [(e["rate"], e["reported"], e["measured"]) for e in found.latency] == [
        (44_100, 480, 480), (11_025, 480, 480)
    ]  # fmt: skip
    assert (found.layouts["inputs"], found.layouts["outputs"]) == (2, 2)
    assert [2, 2] in found.layouts["accepted"]
    assert found.layouts["fed"] == {
        "1": "each on its own", "2": "together", "6": "each on its own"
    }  # fmt: skip
    assert found.deterministic is True
    assert set(found.determinism.values()) == {True}
    assert found.tail["seconds"] == pytest.approx(0.0, abs=0.05)
    assert found.speed["times_real_time"] > 0
    assert found.remarks == []


def test_what_a_plugin_reports_wrongly_is_remarked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Delays by 300 samples, but reports 100; its noise and its memory of the past come on top."""
    spec = lag_spec(tmp_path, monkeypatch, lag=300, mode=6)
    found, _ = probe(spec)
    assert found.faults == []
    assert [(e["reported"], e["measured"]) for e in found.latency] == [(100, 300)] * 2
    assert any("reports 100 samples of latency, and lags by 300" in text for text in found.remarks)
    assert found.deterministic is False
    assert any("not deterministic" in text for text in found.remarks)
    assert found.tail["idle_peak"] == pytest.approx(1e-3, rel=0.1)
    assert any("makes sound of silence: -60 dBFS" in text for text in found.remarks)


def test_a_tail_is_as_long_as_the_plugin_rings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, _ = probe(lag_spec(tmp_path, monkeypatch, lag=0, mode=7))
    # Feedback of 0.5 over 8192 samples: from a peak near 0.5 or 1 down to -90 dBFS in 14 or 15
    # rounds.
    assert 13 * 8192 / RATE < found.tail["seconds"] < 16 * 8192 / RATE
    assert found.deterministic is True


@pytest.mark.parametrize(
    ("mode", "kind", "words"),
    [(1, "crash", "SIGABRT"), (2, "hang", "no answer within"), (3, "nan", "not finite")],
)
def test_what_fails_while_it_processes_is_a_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, kind: str, words: str
) -> None:
    timeout = 6.0 if kind == "hang" else 60.0  # a busy machine is slow to load plugins
    found, _ = probe(lag_spec(tmp_path, monkeypatch, mode=mode), timeout_s=timeout)
    assert found.faults[0].during == "latency at 44100 Hz"
    assert {fault.kind for fault in found.faults} == {kind}
    assert words in found.faults[0].what
    assert (len(found.faults) == 1) == (kind == "hang")  # which is not asked further
    assert found.layouts["inputs"] == 1  # what could be measured was
    assert probe(PluginSpec("lv2", lv2_bundle.URI)) == (found, True)  # failures are kept too


@pytest.mark.parametrize("name", ["Aborts", "Segfaults"])
def test_what_fails_while_it_loads_is_a_result(tmp_path: Path, name: str) -> None:
    found, _ = probe(PluginSpec("vst3", str(compile_bundle(tmp_path, name))))
    assert [(fault.during, fault.kind) for fault in found.faults] == [("loading", "crash")]
    assert found.latency == []


def test_results_are_kept_until_the_plugin_changes(
    tmp_path: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe_module._Prober, "_aspects", lambda _: iter(()))
    spec = lag_spec(tmp_path, monkeypatch)
    found, _ = probe(spec)
    [file] = (own_cache / "restorack" / "probes").iterdir()

    def refuse(*_: object) -> None:
        raise AssertionError("an unchanged plugin was measured again")

    with monkeypatch.context() as patched:
        patched.setattr(Sandbox, "describe", refuse)
        assert probe(spec) == (found, True)
    assert probe(spec, refresh=True)[1] is False
    library = tmp_path / ".lv2" / "lag.lv2" / "lag.so"
    status = library.stat()
    with library.open("ab") as bundle:
        bundle.write(b"\0")
    os.utime(library, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert kept_probe(spec) is None  # the same time, other content
    assert kept_probe(spec, by_content=False) == found
    probe(spec)
    assert isinstance(kept_probe(spec), Probe)
    os.utime(library, ns=(status.st_atime_ns, status.st_mtime_ns + 10**9))
    assert kept_probe(spec) is None
    probe(spec)
    monkeypatch.setattr(probe_module, "__version__", "99")
    assert kept_probe(spec) is None
    file.write_text("{broken")
    assert kept_probe(spec) is None
    assert asdict(probe(spec)[0])["stamp"]["restorack"] == "99"


def test_only_what_is_installed_can_be_probed() -> None:
    for spec in (PluginSpec("vst3", "ZamNone"), PluginSpec("lv2", "urn:none")):
        with pytest.raises(PluginError, match="is not installed"):
            probe(spec)


@pytest.fixture
def noise() -> np.ndarray:
    return np.random.default_rng(1).uniform(-0.3, 0.3, (2, 20_000)).astype(np.float32)


def test_lags_are_found_by_likeness(noise: np.ndarray) -> None:
    padded = np.pad(noise, ((0, 0), (0, 5000)))
    for lag in (0, 1, 999, 4999):
        late = np.pad(noise, ((0, 0), (lag, 5000 - lag)))
        assert lag_of(late, padded) == lag
        assert lag_of(-0.01 * late, padded) == lag  # inverted and quiet
    other = np.random.default_rng(2).uniform(-0.3, 0.3, padded.shape).astype(np.float32)
    assert lag_of(other, padded) is None
    assert lag_of(np.zeros_like(padded), padded) is None
    assert lag_of(padded * np.float32(np.nan), padded) is None
    music = worn_music(RATE, 0.5, 2)
    assert lag_of(np.roll(music, 100, axis=1), music) == 100
