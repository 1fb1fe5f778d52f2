"""Where DawDreamer is not offered, sound is restored all the same: streamed, with VST3 plugins."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

from restorack.errors import PluginError
from restorack.hosting.engines import dawdreamer
from restorack.render import plan
from restorack.testing.signals import worn_music

REFUSED = "import sys\nsys.modules['dawdreamer'] = None\n"
PROGRAM = """
import sys
import restorack
from restorack import Chain, lv2, vst3
from restorack.errors import PluginError
from restorack.hosting.sandbox import shared_sandbox
from restorack.hosting.spec import PluginSpec

source, target = sys.argv[1:]
chain = Chain([restorack.Dehum(), vst3("ZamDelay")])
done = restorack.render(source, target, chain, force=True)
print(done.engine, done.frames_out)
for name in ("ZamDelay", "ZaMaximX2"):
    found = shared_sandbox().describe(PluginSpec("vst3", f"/usr/lib/vst3/{name}.vst3"))
    print(found["name"], found["inputs"], found["outputs"], found["latency_samples"],
          len(found["parameters"]) > 2)
for refused in (lambda: restorack.render(source, target, Chain(), engine="dawdreamer", force=True),
                lambda: restorack.render(source, target, Chain([lv2("urn:zamaudio:ZamGate")]),
                                         force=True)):
    try:
        refused()
    except PluginError as error:
        print(error.what)
assert sys.modules["dawdreamer"] is None
"""


@pytest.mark.slow
def test_a_render_without_dawdreamer_streams(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(REFUSED)  # the sandbox's child reads it too
    soundfile.write(tmp_path / "in.wav", worn_music(44_100, 0.5, 2).T, 44_100)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "in.wav"), str(tmp_path / "out.wav")],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    refused = "DawDreamer is not installed"
    assert done.stdout.splitlines() == [
        "stream 22050",
        "ZamDelay 1 1 0 True",
        "ZaMaximX2 2 2 480 True",
        refused,
        refused,
    ]


def test_the_engine_follows_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert plan.available("auto") == "auto"
    assert plan.available("dawdreamer") == "dawdreamer"
    monkeypatch.setitem(sys.modules, "dawdreamer", None)
    assert not dawdreamer.has_dawdreamer()
    assert plan.available("auto") == plan.available("stream") == "stream"
    for needing in (lambda: plan.available("dawdreamer"), dawdreamer.load_dawdreamer):
        with pytest.raises(PluginError, match="DawDreamer is not installed"):
            needing()
