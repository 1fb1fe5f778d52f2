"""The parts of the sandbox, each for itself: modes, environment, paths, limits, refusals."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from restorack.errors import ParameterError, SandboxError
from restorack.hosting.confine import landlock, paths, policy, seccomp
from restorack.hosting.confine.allowed import Allowed
from restorack.hosting.confine.environment import reduced_environment
from restorack.hosting.confine.modes import (
    VARIABLE,
    kept_sandbox_mode,
    sandbox_mode,
    set_sandbox_mode,
)
from restorack.hosting.confine.paths import is_within, needed_by, readable
from restorack.hosting.process import ChildProcess
from restorack.hosting.sandbox import Sandbox
from restorack.hosting.spec import PluginSpec


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "home"
    for name in (".config/vendor", ".config/gh", ".local/share/keyrings", ".lv2", ".ssh"):
        (made / name).mkdir(parents=True)
    monkeypatch.setenv("HOME", str(made))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "VST3_PATH", "LV2_PATH", "CLAP_PATH"):
        monkeypatch.delenv(name, raising=False)
    return made


def test_the_mode_is_the_environments_or_auto(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert sandbox_mode() == "auto"
    with kept_sandbox_mode():
        set_sandbox_mode("strict")
        assert sandbox_mode() == os.environ[VARIABLE] == "strict"  # workers inherit it
    assert sandbox_mode() == "auto"
    monkeypatch.setenv(VARIABLE, "off")
    assert sandbox_mode() == "off"
    monkeypatch.setenv(VARIABLE, "some")
    with pytest.raises(ParameterError, match="RESTORACK_SANDBOX some; one of off, auto, strict"):
        sandbox_mode()
    with pytest.raises(ParameterError, match="one of off"):
        set_sandbox_mode("none")


def test_plugins_see_no_variable_but_those_they_need() -> None:
    given = {
        "HOME": "/home/me", "LC_ALL": "C", "PATH": "/usr/bin", "TOKEN": "t", "SSH_AUTH_SOCK": "s",
        "AWS_SECRET_ACCESS_KEY": "k", "DISPLAY": ":0", "LD_PRELOAD": "x.so", "VENDOR_SERVER": "v",
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/user/1/bus",
    }  # fmt: skip
    assert set(reduced_environment(given)) == {"HOME", "LC_ALL", "PATH"}
    more = reduced_environment(given | {"RESTORACK_SANDBOX_ENV": "VENDOR_SERVER, DISPLAY"})
    assert set(more) == {"HOME", "LC_ALL", "PATH", "VENDOR_SERVER", "DISPLAY"}


@pytest.mark.parametrize("mode", ["auto", "strict"])
def test_the_home_folder_is_never_readable_as_a_whole(
    home: Path, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A script in the home folder puts it into sys.path; users put anything into these variables.
    monkeypatch.setattr(sys, "path", [str(home), *sys.path])
    (home / "numpy").mkdir()
    (home / ".config" / "link").symlink_to(home)
    (home / ".lv2" / "link").symlink_to(home)
    for name in ("VST3_PATH", "LD_LIBRARY_PATH"):
        monkeypatch.setenv(name, f"{home}:{home.parent}:/")
    found = readable(mode, [str(home), str(home.parent), "/"])  # type: ignore[arg-type]
    for secret in (".ssh/id", ".config/gh/hosts.yml", ".local/share/keyrings/x", "letter.txt"):
        assert not is_within(str(home / secret), found), secret
    assert is_within(str(home / ".lv2" / "x.lv2"), found)
    settings = is_within(str(home / ".config" / "vendor" / "licence"), found)
    assert settings == (mode == "auto")
    assert "/etc" not in found
    assert not is_within("/etc/shadow", found)


def test_a_home_folder_inside_a_system_folder_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = tmp_path / "opt"
    for name in ("vendor/plugin", "homes/me/.ssh", "homes/you"):
        (system / name).mkdir(parents=True)
    monkeypatch.setattr(paths, "SYSTEM", (str(system),))
    monkeypatch.setenv("HOME", str(system / "homes" / "me"))
    found = readable("strict")
    assert not is_within(str(system / "homes" / "me" / ".ssh"), found)
    assert is_within(str(system / "vendor" / "plugin"), found)
    assert is_within(str(system / "homes" / "you"), found)


def test_more_can_be_made_readable(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "licence").write_text("")
    monkeypatch.setenv("RESTORACK_SANDBOX_READ", f"~/licence:{home}/none")
    assert str(home / "licence") in readable("strict")


def test_what_a_plugin_needs_is_its_bundle_and_no_folder_in_its_place(home: Path) -> None:
    bundle = home / "work" / "Some.vst3"
    bundle.mkdir(parents=True)
    (home / "Link.vst3").symlink_to(bundle)
    for reference in (bundle, home / "Link.vst3"):
        assert str(bundle) in needed_by(PluginSpec("vst3", str(reference)))
    (home / "Home.vst3").symlink_to(home)
    for reference in (home, home / "Home.vst3", home.parent):
        needed = needed_by(PluginSpec("vst3", str(reference)))
        assert not is_within(str(home / "letter.txt"), needed)


def test_links_in_plugin_folders_lead_to_what_may_be_read(home: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.lv2").mkdir()
    (home / ".lv2" / "x.lv2").symlink_to(tmp_path / "elsewhere.lv2")
    assert str(tmp_path / "elsewhere.lv2") in readable("strict")


def test_what_a_child_may_read_is_known_by_identity(tmp_path: Path) -> None:
    bundle = tmp_path / "x.vst3"
    bundle.mkdir()
    allowed = Allowed("strict", [str(bundle)])
    assert allowed.covers("strict", [str(bundle), str(bundle / "Contents")])
    assert not allowed.covers("auto", [])
    assert not allowed.covers("strict", [str(tmp_path)])
    bundle.rename(tmp_path / "y.vst3")
    bundle.mkdir()
    assert not allowed.covers("strict", [str(bundle)])


@pytest.mark.parametrize(
    ("abi", "missing"),
    [(0, {"files", "network", "scopes"}), (2, {"files", "network", "scopes"}),
     (3, {"network", "scopes"}), (5, {"scopes"}), (6, set()), (99, set())],
)  # fmt: skip
def test_strict_refuses_and_names_what_a_kernel_lacks(
    abi: int, missing: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landlock, "kernel_abi", lambda: abi)
    monkeypatch.setattr(seccomp, "is_offered", lambda: True)
    assert set(policy.missing_parts()) == missing
    policy.require_all("auto")
    policy.require_all("off")
    if not missing:
        policy.require_all("strict")
        return
    with pytest.raises(SandboxError) as caught:
        Sandbox(mode="strict").layout(PluginSpec("faust", "process = _;"))
    for part in missing:
        assert f"{part}: Landlock ABI" in caught.value.what
    monkeypatch.setattr(seccomp, "is_offered", lambda: False)
    with pytest.raises(SandboxError, match="system_calls: seccomp"):
        policy.require_all("strict")


def test_strict_refuses_a_child_that_could_not_lay_it_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The parent asks the kernel, but only the child knows how it went."""
    monkeypatch.setattr("restorack.hosting.process.require_all", lambda _: None)
    parts = dict.fromkeys(policy.PARTS, "enforced") | {"scopes": "not offered"}
    monkeypatch.setattr("restorack.hosting.exchange.answers.check_ready", lambda _: parts)
    with pytest.raises(SandboxError, match="scopes"):
        ChildProcess("strict").await_ready()


LAY_DOWN = """
import json, sys
from restorack.hosting.confine import landlock, seccomp
from restorack.hosting.confine.policy import Policy, lay_down
abi, filters = int(sys.argv[1]), sys.argv[2] == "1"
real, landlock.kernel_abi = landlock.kernel_abi(), lambda: min(abi, real)
if not filters:
    seccomp.is_offered = lambda: False
    def refuse(found): raise OSError("no")
    seccomp.install = refuse
assert not [name for name in sys.modules if name.split(".")[0] in ("numpy", "pedalboard")]
print(json.dumps(lay_down(Policy("auto", ["/usr"], [], []))), flush=True)
"""


@pytest.mark.parametrize(("abi", "filters"), [(0, True), (1, True), (3, False), (99, True)])
def test_auto_takes_what_there_is_and_says_so(abi: int, filters: bool) -> None:
    """Older kernels, as far as this one offers their parts."""
    command = [sys.executable, "-c", LAY_DOWN, str(abi), str(int(filters))]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    found, offered = json.loads(ended.stdout), min(abi, landlock.kernel_abi())
    assert set(found) == set(policy.PARTS)
    for part, needed in (("files", 1), ("network", 4), ("scopes", 6)):
        assert found[part] == ("enforced" if offered >= needed else "not offered"), part
    works = filters and seccomp.is_offered()
    assert found["system_calls"] == ("enforced" if works else "not offered")
