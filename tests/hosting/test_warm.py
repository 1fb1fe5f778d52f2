"""Plugins that stay loaded: what they make of a signal does not depend on those before it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from native_plugins import lv2_bundle

from restorack.errors import PluginError
from restorack.hosting.kept import proofs
from restorack.hosting.kept.reset_safety import ResetSafety
from restorack.hosting.proving import BackgroundProof
from restorack.hosting.sandbox import Sandbox
from restorack.hosting.spec import PluginSpec
from restorack.hosting.warm import InstanceCache, is_cleared, warm_key
from restorack.testing.signals import worn_music

RATE = 44_100
SIGNALS = [
    np.ascontiguousarray(worn_music(RATE, 1.6, 2)[:, start : start + length]) * np.float32(gain)
    for start, length, gain in ((0, 60_000, 1.0), (5000, 30_000, 0.3), (9000, 50_000, 0.8))
]
TURNS = (0, 1, 2, 1)
"""Which of them comes when."""
FEEDBACK = "process = par(i, 2, (+ : @(4410)) ~ *(0.7));"  # rings for seconds


def vst(name: str, **params: float) -> PluginSpec:
    return PluginSpec("vst3", f"/usr/lib/vst3/{name}.vst3", params)


MOVING = PluginSpec(
    "vst3", "/usr/lib/vst3/ZamCompX2.vst3", automation={"threshold_db": [[0, 0], [0.5, -40]]}
)
GRAPHS = [
    [vst("ZamCompX2", threshold_db=-30.0, release_ms=200.0)],
    [vst("ZaMaximX2")],
    [vst("ZamGateX2"), PluginSpec("faust", FEEDBACK), vst("ZamCompX2", ratio=8.0)],
    [MOVING],
]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox()
    yield made
    made.close()


def alone(specs: list[PluginSpec], signal: np.ndarray) -> np.ndarray:
    """Render one signal in a child of its own."""
    sandbox = Sandbox()
    try:
        return sandbox.render(specs, signal, RATE)[0]
    finally:
        sandbox.close()


def proven(sandbox: Sandbox) -> list[bool | None]:
    """Wait for the proof that the second signal began, and return what is known."""
    deadline = time.monotonic() + 60
    while sandbox._reset_safety.is_proving():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return list(sandbox._reset_safety._known.values())


def streamed(sandbox: Sandbox, specs: list[PluginSpec], signal: np.ndarray) -> np.ndarray:
    stream = sandbox.open_stream(specs, RATE, len(signal))
    parts = [stream.push(signal[:, at : at + 7000]) for at in range(0, signal.shape[1], 7000)]
    return np.concatenate([*parts, stream.finish()], axis=1)


@pytest.mark.parametrize("specs", GRAPHS, ids=["comp", "latent", "several", "automated"])
def test_what_came_before_does_not_matter(sandbox: Sandbox, specs: list[PluginSpec]) -> None:
    expected = [alone(specs, signal) for signal in SIGNALS]
    for turn in TURNS:
        assert np.array_equal(sandbox.render(specs, SIGNALS[turn], RATE)[0], expected[turn])
        known = proven(sandbox)
    assert known == [True]  # so they were kept


@pytest.mark.parametrize("name", ["ZamCompX2", "ZaMaximX2"])
def test_what_was_streamed_before_does_not_matter(sandbox: Sandbox, name: str) -> None:
    specs = [vst(name)]
    expected = [alone(specs, signal) for signal in SIGNALS]
    for turn in TURNS:
        signal = SIGNALS[turn]
        given_up = sandbox.open_stream(specs, RATE, 2)
        given_up.push(signal)
        given_up.close()  # in the middle
        assert np.array_equal(streamed(sandbox, specs, signal), expected[turn])
        known = proven(sandbox)
    assert known == [True]


def test_a_plugin_that_a_reset_does_not_clear_is_loaded_anew(sandbox: Sandbox) -> None:
    specs = [vst("ZamTube")]
    for signal in SIGNALS[:3]:
        mono = signal[:1]
        assert np.array_equal(sandbox.render(specs, mono, RATE)[0], alone(specs, mono))
        known = proven(sandbox)
    assert known == [False]


def test_a_probe_that_kills_a_plugin_harms_nothing(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lv2_bundle.install(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    # Aborts above 0.3, which this signal does not reach; the probe does.
    touchy = [PluginSpec("lv2", lv2_bundle.URI, {"mode": 5})]
    quiet = np.ascontiguousarray(SIGNALS[0][:1])
    quiet = quiet * np.float32(0.2 / np.abs(quiet).max())
    child = None
    for _ in range(3):
        assert np.array_equal(sandbox.render(touchy, quiet, RATE)[0], quiet)
        assert child in (None, sandbox._child)  # the same child, never killed
        child, known = sandbox._child, proven(sandbox)
    assert known == [False]
    with pytest.raises(PluginError, match="SIGABRT"):
        sandbox.render(touchy, np.full((1, 9000), 0.95, np.float32), RATE)
    assert np.array_equal(sandbox.render(touchy, quiet, RATE)[0], quiet)


def test_after_a_crash_plugins_are_loaded_and_kept_again(sandbox: Sandbox) -> None:
    specs = GRAPHS[0]
    expected = alone(specs, SIGNALS[1])
    for _ in range(3):
        sandbox.render(specs, SIGNALS[0], RATE)
        sandbox.close()
        assert np.array_equal(sandbox.render(specs, SIGNALS[1], RATE)[0], expected)


def test_memory_is_flat_and_a_long_signal_is_let_go(sandbox: Sandbox) -> None:
    specs = GRAPHS[0]

    def held(signal: np.ndarray) -> int:
        sandbox.render(specs, signal, RATE)
        assert proven(sandbox) in ([None], [True])
        assert sandbox._child is not None
        assert sandbox._child._process is not None
        return int(psutil.Process(sandbox._child._process.pid).memory_full_info().uss)

    first = [held(SIGNALS[0]) for _ in range(4)][-1]
    long = np.tile(SIGNALS[0], (1, 80))  # 38 MB, of which an engine holds copies
    assert held(long) - first < 2 * long.nbytes
    assert [held(SIGNALS[0]) for _ in range(20)][-1] - first < 8e6


class Told:
    """A proof that answers when the test says so."""

    def __init__(self, answer: bool | None = None) -> None:
        self.answer, self.ended = answer, False

    def poll(self) -> bool | None:
        return self.answer

    def end(self) -> None:
        self.ended = True


def test_a_single_signal_is_not_worth_a_proof_and_none_waits_for_it() -> None:
    manners, begun = ResetSafety(), []
    proof = Told()

    def prove() -> Told:
        begun.append(1)
        return proof

    assert [manners.may_keep("a", prove) for _ in range(3)] == [False] * 3
    assert begun == [1]
    proof.answer = True
    assert manners.may_keep("a", prove)
    assert not manners.may_keep("b", prove)
    assert begun == [1]


def test_a_proof_that_cannot_begin_costs_no_signal() -> None:
    def prove() -> Told:
        raise PluginError("the sandbox child could not be started")

    manners = ResetSafety()
    assert [manners.may_keep("a", prove) for _ in range(3)] == [False] * 3


def test_a_proof_that_is_not_done_at_the_end_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    manners, spec = ResetSafety(), PluginSpec("faust", "process = _;")
    done, late = Told(), Told()
    for key, proof in (("done", done), ("late", late)):
        assert [manners.may_keep(key, lambda p=proof: p, [spec]) for _ in range(2)] == [False] * 2
    done.answer = True
    manners.close()
    assert (done.ended, late.ended) == (False, True)
    monkeypatch.setattr(proofs, "_SEEN", {})
    known = [ResetSafety().may_keep(key, Told, [spec]) for key in ("done", "late")]
    assert known == [True, False]


def test_a_proof_goes_on_beside_the_signal_that_began_it(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(proofs, "_SEEN", {})  # whatever other tests have proven
    specs = [vst("ZamCompX2")]
    for _ in range(2):
        sandbox.render(specs, SIGNALS[1], RATE)
    [(proof, _)] = sandbox._reset_safety._pending.values()
    assert isinstance(proof, BackgroundProof)
    process = proof._child._process
    sandbox.close()
    assert process is not None
    assert process.returncode is not None  # ended with the sandbox
    assert proof.poll() is None  # which is no answer


def test_what_was_proven_once_holds_until_the_plugin_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    bundle = tmp_path / "A.vst3"
    bundle.write_text("one")
    spec = PluginSpec("vst3", str(bundle))

    def seen(proven: bool) -> list[bool]:
        monkeypatch.setattr(proofs, "_SEEN", {})  # as another process begins
        safety = ResetSafety()
        return [safety.may_keep("key", lambda: Told(proven), [spec]) for _ in range(2)]

    assert seen(True) == [False, True]
    assert seen(False) == [True, True]  # nothing is proven again
    bundle.write_text("another")
    assert seen(False) == [False, False]
    assert seen(True) == [False, False]
    (tmp_path / "cache/restorack/proofs.json").write_text('{"format": 1, "proofs": [3]}')
    assert seen(True) == [False, True]


def test_what_is_kept_is_found_by_all_that_matters() -> None:
    one = warm_key("graph", [vst("A", x=1.0)], 44_100, 2)
    placed = PluginSpec("vst3", "/usr/lib/vst3/A.vst3", {"x": 1.0}, place="stage 3")
    assert warm_key("graph", [placed], 44_100, 2) == one
    others = [
        warm_key("stream", [vst("A", x=1.0)], 44_100, 2),
        warm_key("graph", [vst("A", x=2.0)], 44_100, 2),
        warm_key("graph", [vst("A", x=1.0)], 48_000, 2),
        warm_key("graph", [vst("A", x=1.0)], 44_100, 1),
        warm_key("graph", [vst("A", x=1.0)] * 2, 44_100, 2),
    ]
    assert len({one, *others}) == 6


def test_a_state_that_was_changed_is_loaded_anew(tmp_path: Path) -> None:
    state = tmp_path / "mine.vstpreset"
    state.write_bytes(b"one")
    spec = PluginSpec("vst3", "/usr/lib/vst3/A.vst3", state=str(state))
    before = warm_key("graph", [spec], 44_100, 2)
    assert warm_key("graph", [spec], 44_100, 2) == before
    status = state.stat()
    os.utime(state, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert warm_key("graph", [spec], 44_100, 2) != before


def test_the_shelf_gives_up_what_waits_longest() -> None:
    cache: InstanceCache[int] = InstanceCache(2)
    for number, key in enumerate("aab"):
        cache.put(key, number)
    assert (cache.take("a"), cache.take("a"), cache.take("b")) == (1, None, 2)
    assert len(cache) == 0


def test_state_that_survives_a_reset_is_seen() -> None:
    class Counter:
        heard = 0.0

        def __call__(self, rows: np.ndarray) -> np.ndarray:
            out = rows + np.float32(self.heard)
            self.heard += 1e-6 * float(np.abs(rows).mean())
            return out

    assert is_cleared(lambda rows: rows * np.float32(0.5), 2, RATE)
    assert not is_cleared(Counter(), 2, RATE)
    assert not is_cleared(lambda rows: np.full_like(rows, np.nan), 2, RATE)
