"""What plugins can do in each mode is what the page of the documentation says."""

from __future__ import annotations

import ctypes
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from native_plugins import prying_plugin
from native_plugins.prying_plugin import Targets

from restorack.errors import PluginError, SandboxError
from restorack.hosting.confine import landlock
from restorack.hosting.confine.policy import missing_parts
from restorack.hosting.sandbox import Sandbox
from restorack.hosting.spec import PluginSpec

ROOT = Path(__file__).parents[3]
MARK = 0x600DF00D
TRACING = {"trace the parent", "write into the parent by call", "write into the parent by file"}


def documented() -> dict[str, dict[str, bool]]:
    """Return what the page says that a plugin can do, by mode."""
    text = (ROOT / "docs" / "reference" / "security.md").read_text()
    table = text.partition("| a plugin can | off | auto | strict |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| ([^|]+) \| (yes|no) \| (yes|no) \| (yes|no) \|$", table, re.MULTILINE)
    modes = ("off", "auto", "strict")
    return {mode: {row[0]: row[at + 1] == "yes" for row in rows} for at, mode in enumerate(modes)}


@dataclass
class Scene:
    targets: Targets
    by_call: ctypes.c_uint32
    by_file: ctypes.c_uint32

    def untouched(self) -> bool:
        """Return whether nothing of the parent or its user was changed."""
        files = [self.targets.home / "touched", self.targets.outside]
        return (self.by_call.value, self.by_file.value) == (0, 0) and not any(
            file.exists() for file in files
        )


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """Make a home with things worth having, and someone who listens."""
    home = tmp_path / "home"
    for name in (".ssh/id_test", ".config/vendor/licence", ".config/gh/hosts.yml", "letter.txt"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("secret")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TEST_SECRET", "token")
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    with ExitStack() as closing:
        tcp = closing.enter_context(socket.create_server(("127.0.0.1", 0)))
        port = tcp.getsockname()[1]
        local = closing.enter_context(socket.socket(socket.AF_UNIX))
        local.bind(str(tmp_path / "s"))
        local.listen()
        nameless = closing.enter_context(socket.socket(socket.AF_UNIX))
        nameless.bind(f"\0restorack-test-{os.getpid()}")
        nameless.listen()
        secret = os.open(home / "letter.txt", os.O_RDONLY)
        closing.callback(os.close, secret)
        os.dup2(secret, 77, inheritable=True)
        closing.callback(os.close, 77)
        words = (ctypes.c_uint32(0), ctypes.c_uint32(0))
        targets = Targets(
            home, tmp_path / "outside", port, tmp_path / "s", f"restorack-test-{os.getpid()}",
            ctypes.addressof(words[0]), ctypes.addressof(words[1]), 77,
        )  # fmt: skip
        yield Scene(targets, *words)


def reported(sandbox: Sandbox) -> dict[str, bool]:
    """Return what the plugin could do, from the report in its private folder."""
    child = sandbox._child
    assert child is not None
    lines = (child._folder.path / "report").read_text().splitlines()
    return {name: value == "1" for name, _, value in (line.rpartition(" ") for line in lines)}


def pried(mode: str, scene: Scene, kind: str, folder: Path) -> dict[str, bool]:
    sandbox = Sandbox(mode=mode)  # type: ignore[arg-type]
    try:
        if kind == "lv2":
            prying_plugin.install_lv2(scene.targets.home, scene.targets)
            rows = np.ones((1, 100), np.float32)
            spec = PluginSpec("lv2", prying_plugin.URI)
            assert np.array_equal(sandbox.render([spec], rows, 44_100)[0], rows)  # and it works
        else:
            bundle = prying_plugin.build_vst3(folder, scene.targets)
            with pytest.raises(PluginError, match="cannot be loaded"):
                sandbox.layout(PluginSpec("vst3", str(bundle)))
        return reported(sandbox)
    finally:
        sandbox.close()


def is_tracing_held_by_the_system() -> bool:
    scope = Path("/proc/sys/kernel/yama/ptrace_scope")
    return scope.exists() and scope.read_text().strip() != "0"


def may_lift_limits() -> bool:
    """Return whether this process has CAP_SYS_RESOURCE."""
    status = Path("/proc/self/status").read_text()
    found = re.search(r"^CapEff:\s*([0-9a-f]+)$", status, re.MULTILINE)
    return found is not None and bool(int(found.group(1), 16) >> 24 & 1)


@pytest.mark.parametrize("kind", ["lv2", "vst3"])
def test_without_a_sandbox_a_plugin_can_do_what_the_page_says(
    scene: Scene, tmp_path: Path, kind: str
) -> None:
    """What the other tests find held off is so for no other reason."""
    could = pried("off", scene, kind, tmp_path)
    expected = documented()["off"]
    if not may_lift_limits():
        expected["lift limits"] = False
    for name in TRACING if is_tracing_held_by_the_system() else ():
        expected[name] = could[name]
    assert could == expected
    assert scene.by_call.value == (MARK if could["write into the parent by call"] else 0)
    assert scene.by_file.value == (MARK if could["write into the parent by file"] else 0)


@pytest.mark.parametrize("kind", ["lv2", "vst3"])
def test_auto_holds_off_what_the_page_says(scene: Scene, tmp_path: Path, kind: str) -> None:
    could = pried("auto", scene, kind, tmp_path)
    missing = missing_parts()
    if not missing:
        assert could == documented()["auto"]
        assert scene.untouched()
        return
    # Then what needs no kernel holds, and what is missing is said.
    for name in ("read secrets of the environment", "read open files", "shrink shared memory"):
        assert not could[name]


@pytest.mark.parametrize("kind", ["lv2", "vst3"])
def test_strict_holds_off_what_the_page_says(scene: Scene, tmp_path: Path, kind: str) -> None:
    missing = missing_parts()
    if missing:
        with pytest.raises(SandboxError) as caught:
            pried("strict", scene, kind, tmp_path)
        assert all(part in caught.value.what for part in missing)
        return
    could = pried("strict", scene, kind, tmp_path)
    assert could == documented()["strict"]
    assert scene.untouched()
    assert (scene.targets.home / "letter.txt").read_text() == "secret"


def test_each_part_is_reported_by_what_the_kernel_offers(tmp_path: Path) -> None:
    sandbox = Sandbox(mode="auto")
    try:
        sandbox.layout(PluginSpec("faust", "process = _;"))
        found = sandbox.confinement
    finally:
        sandbox.close()
    abi = landlock.kernel_abi()
    assert found.pop("mode") == "auto"
    assert found["files"] == ("enforced" if abi >= 1 else "not offered")
    assert found["network"] == ("enforced" if abi >= 4 else "not offered")
    assert found["scopes"] == ("enforced" if abi >= 6 else "not offered")
    expected = "not offered" if "system_calls" in missing_parts() else "enforced"
    assert found["system_calls"] == expected
    always = ("environment", "descriptors", "limits", "privileges")
    assert {found[part] for part in always} == {"enforced"}


AS_ANOTHER_USER = """
import ctypes, os, sys, tempfile
folder = tempfile.mkdtemp(prefix="restorack-test-", dir="/tmp")
os.chown(folder, 65534, 65534)
libc = ctypes.CDLL(None, use_errno=True)
# Nobody may read the interpreter where root keeps it at home: that power alone is kept.
libc.prctl(8, 1, 0, 0, 0)
os.setgroups([]); os.setgid(65534); os.setuid(65534)
reading = 1 << 2
header = (ctypes.c_uint32 * 2)(0x20080522, 0)
assert libc.capset(header, (ctypes.c_uint32 * 6)(reading, reading, reading, 0, 0, 0)) == 0
assert libc.prctl(47, 2, 2, 0, 0) == 0
libc.prctl(4, 1, 0, 0, 0)  # as any user's own process: the change of user has closed its memory
os.environ["PYTEST_DEBUG_TEMPROOT"] = os.environ["TMPDIR"] = folder
os.environ["HOME"] = folder
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
import pytest
sys.exit(pytest.main([*sys.argv[1:], "-q", "-p", "no:cacheprovider", "-o", "addopts=", "-n0",
                      "--import-mode=importlib", "-k", "holds_off or without_a_sandbox"]))
"""


@pytest.mark.slow
def test_another_user_is_confined_as_root_is() -> None:
    if os.geteuid() != 0:
        assert os.geteuid() != 0  # the tests above were run by another user
        return
    command = [sys.executable, "-c", AS_ANOTHER_USER, str(Path(__file__))]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-2000:]
    assert "6 passed" in ended.stdout
