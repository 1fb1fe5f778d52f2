"""What a first render waits for: the child's start, which begins early and loads little."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from restorack.hosting.kept import proofs
from restorack.hosting.loading import load_plugin
from restorack.hosting.sandbox import Sandbox
from restorack.hosting.spec import PluginSpec

COMP = PluginSpec("vst3", "/usr/lib/vst3/ZamCompX2.vst3")
LATER = ("pydantic", "rdflib", "logging", "multiprocessing", "scipy", "pedalboard",
         "restorack.hosting.clap.abi", "restorack.hosting.faust.boxes",
         "restorack.hosting.engines.mixdown", "restorack.hosting.engines.probing",
         "restorack.hosting.kept.proofs", "restorack.hosting.parts")  # fmt: skip
"""What only some requests need, or only the parent."""


def test_the_child_imports_nothing_that_a_render_may_not_need() -> None:
    code = "import sys, restorack.hosting.confine.entry, restorack.hosting.child\n"
    ran = subprocess.run(
        [sys.executable, "-c", f"{code}print(*sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert not set(LATER) & set(ran.stdout.split())


def test_what_is_begun_early_is_what_the_first_request_gets(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(proofs, "_SEEN", {})
    sandbox.begin([COMP])
    child, questions = sandbox._child, list(sandbox._settling._pending.values())
    assert child is not None
    assert not child.ready  # nothing was waited for
    assert len(questions) == 1
    sandbox.begin([COMP])
    assert list(sandbox._settling._pending.values()) == questions
    assert sandbox.layout(COMP)["inputs"] == 2
    assert not sandbox.settled(COMP).settle
    assert sandbox._child is child
    assert not sandbox._settling._pending


def test_loading_a_plugin_begins_its_process(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[PluginSpec] = []

    def begin(self: Sandbox, specs: Sequence[PluginSpec]) -> None:
        begun.extend(specs)

    monkeypatch.setattr(Sandbox, "begin", begin)
    plugin = load_plugin(COMP.reference)
    assert begun == [plugin.spec]
