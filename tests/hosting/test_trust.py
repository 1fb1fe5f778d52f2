"""Which plugins a preset may name by path."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from restorack.errors import ConfigError, PluginError
from restorack.hosting.spec import PluginSpec
from restorack.hosting.trust import (
    distrust,
    is_allowed,
    names_allowed,
    require_allowed,
    trust,
    trust_file,
    trusted_plugins,
)


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a bundle, with an empty configuration and a plugin folder of the test's own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("VST3_PATH", str(tmp_path / "installed"))
    (tmp_path / "installed").mkdir()
    inside = tmp_path / "mail" / "Nice.vst3" / "Contents" / "x86_64-linux"
    inside.mkdir(parents=True)
    (inside / "Nice.so").write_bytes(b"code")
    return tmp_path / "mail" / "Nice.vst3"


def test_trust_ends_when_a_byte_of_the_bundle_changes(bundle: Path) -> None:
    assert not is_allowed(bundle)
    entry = trust(bundle)
    assert (is_allowed(bundle), entry.status) == (True, "trusted")
    assert json.loads(trust_file().read_text())["plugins"][0]["path"] == str(bundle)
    binary = next(bundle.rglob("*.so"))
    before = binary.stat()
    binary.write_bytes(b"CODE")
    os.utime(binary, ns=(before.st_atime_ns, before.st_mtime_ns))  # as an attacker would
    assert (is_allowed(bundle), entry.status) == (False, "changed")
    trust(bundle)
    (bundle / "Contents" / "more").write_bytes(b"")
    assert not is_allowed(bundle)
    trust(bundle)
    assert len(trusted_plugins()) == 1
    distrust(bundle)
    assert not is_allowed(bundle)
    with pytest.raises(PluginError, match="is not trusted"):
        distrust(bundle)


def test_plugins_in_a_plugin_folder_need_no_trust(bundle: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    (installed / "Linked.vst3").symlink_to(bundle)
    assert is_allowed(installed / "Linked.vst3")
    assert not is_allowed(installed / ".." / "mail" / "Nice.vst3")
    assert not is_allowed(installed / "Linked.vst3" / ".." / "Nice.vst3")
    assert not is_allowed(installed)


def test_a_bundle_with_a_folder_from_elsewhere_is_not_trusted(bundle: Path, tmp_path: Path) -> None:
    trust(bundle)
    (tmp_path / "other").mkdir()
    (bundle / "Contents" / "more").symlink_to(tmp_path / "other")
    assert not is_allowed(bundle)
    with pytest.raises(PluginError, match="no folder is a link"):
        trust(bundle)


def test_a_damaged_list_trusts_nothing(bundle: Path) -> None:
    trust(bundle)
    for text in ("{", "[]", '{"format": 2, "plugins": []}', '{"format": 1, "plugins": [{}]}'):
        trust_file().write_text(text)
        with pytest.raises(ConfigError, match=r"trusted-plugins\.json"):
            is_allowed(bundle)


def test_only_what_a_preset_names_by_path_needs_leave(bundle: Path) -> None:
    require_allowed(PluginSpec("vst3", str(bundle)))
    with pytest.raises(PluginError, match=f"restorack plugins trust {bundle}"):
        require_allowed(PluginSpec("vst3", str(bundle), from_preset=True))
    assert names_allowed(str(bundle), [bundle.parent / "." / bundle.name])
    assert not names_allowed(str(bundle), ())
    assert names_allowed(str(bundle), True)
    assert not names_allowed(str(bundle), False)
