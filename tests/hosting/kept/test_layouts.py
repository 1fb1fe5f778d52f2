"""Layouts of plugins that are kept: asked once, until the plugin or what is set of it changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from restorack.errors import PluginError
from restorack.hosting.sandbox import Sandbox
from restorack.hosting.spec import PluginSpec
from restorack.hosting.stage import HostedPlugin


class Asked(Sandbox):
    """A sandbox that counts what it is asked, and loads nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.times = 0
        self.fails = False

    def layout(self, spec: PluginSpec, rate: float = 44_100.0, within: Any = None) -> Any:
        del within
        if self.fails:
            raise PluginError("cannot be loaded", where=spec.label)
        self.times += 1
        return {"inputs": 2, "outputs": 2, "latency_samples": round(rate / 100)}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache/restorack/layouts.json"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    path = tmp_path / "A.vst3"
    path.write_text("one")
    return path


def layout(sandbox: Asked, bundle: Path, rate: float = 44_100.0, **params: float) -> Any:
    """Return the layout that a new process would have of the plugin."""
    return HostedPlugin(PluginSpec("vst3", str(bundle), params), sandbox).layout(rate)


def test_a_plugin_is_asked_once_for_each_rate_and_setting(cache: Path, bundle: Path) -> None:
    sandbox = Asked()
    for _ in range(2):
        assert layout(sandbox, bundle)["latency_samples"] == 441
        assert layout(sandbox, bundle, 96_000.0)["latency_samples"] == 960
        layout(sandbox, bundle, x=1.0)
    assert sandbox.times == 3
    assert cache.exists()


def test_a_plugin_that_was_changed_is_asked_again(cache: Path, bundle: Path) -> None:
    sandbox = Asked()
    layout(sandbox, bundle)
    bundle.write_text("another")
    layout(sandbox, bundle)
    assert sandbox.times == 2
    assert len(json.loads(cache.read_text())["layouts"]) == 2


def test_the_mode_of_the_sandbox_matters(
    cache: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del cache
    sandbox = Asked()
    layout(sandbox, bundle)
    monkeypatch.setenv("RESTORACK_SANDBOX", "off")
    layout(sandbox, bundle)
    assert sandbox.times == 2


@pytest.mark.parametrize("damaged", [[2, 2], [2, 2, -1], [2, 2, True], "2", None, [2, 2, 1.5]])
def test_what_is_damaged_in_the_cache_is_asked_again(
    cache: Path, bundle: Path, damaged: Any
) -> None:
    sandbox = Asked()
    right = layout(sandbox, bundle)
    document = json.loads(cache.read_text())
    document["layouts"] = dict.fromkeys(document["layouts"], damaged)
    cache.write_text(json.dumps(document))
    assert layout(sandbox, bundle) == right
    assert sandbox.times == 2


def test_a_failure_is_not_kept(cache: Path, bundle: Path) -> None:
    sandbox = Asked()
    sandbox.fails = True
    with pytest.raises(PluginError, match="cannot be loaded"):
        layout(sandbox, bundle)
    assert not cache.exists()
