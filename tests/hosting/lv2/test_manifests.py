"""LV2 manifests are Turtle in any of its forms; one that is none is named with the reason."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from restorack.hosting import installed
from restorack.hosting.lv2 import manifests

CORE = "http://lv2plug.in/ns/lv2core#"
FORMS = {
    "usual": f"@prefix lv2: <{CORE}> .\n<urn:t:usual> a lv2:Plugin ; lv2:binary <a.so> .",
    "empty prefix": f"@prefix : <{CORE}> .\n@prefix own: <urn:t:> .\nown:empty a :Plugin .",
    "sparql": (
        f"PREFIX l: <{CORE}>\nBASE <http://t.example/base/>\n"
        "<sparql> a l:AmplifierPlugin , l:Plugin ."
    ),
    "no prefix": f"<urn:t:long> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{CORE}Plugin>.",
    "escapes": (
        f"@prefix l: <{CORE}> . # <urn:t:comment> a l:Plugin .\n"
        r'''<urn:t:\u00e9> a l:Plugin ; l:name """a . "quoted" ; <urn:t:no> a l:Plugin ."""@en .'''
    ),
    "a list": f"@prefix l: <{CORE}> .\n<urn:t:l> l:x ( 1 2.5e0 true [ a l:Port ] ) ; a l:Plugin .",
    "another class": f"@prefix l: <{CORE}> .\n<urn:t:spec> a l:Specification .",
}
FOUND = {
    "urn:t:usual", "urn:t:empty", "http://t.example/base/sparql", "urn:t:long", "urn:t:é", "urn:t:l"
}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(installed, "LV2_FOLDERS", (str(tmp_path / "lv2"),))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "lv2"


def put(home: Path, name: str, text: str) -> Path:
    bundle = home / f"{name}.lv2"
    bundle.mkdir(parents=True, exist_ok=True)
    (bundle / "manifest.ttl").write_text(text, "utf-8")
    return bundle


def test_every_form_of_turtle_is_read(home: Path) -> None:
    bundles = {name: put(home, name, text) for name, text in FORMS.items()}
    found = installed.installed_lv2()
    assert set(found) == FOUND
    assert found["urn:t:empty"] == bundles["empty prefix"]
    assert installed.unreadable_lv2() == {}


def test_what_is_no_turtle_is_named_and_the_others_stay(home: Path) -> None:
    put(home, "usual", FORMS["usual"])
    broken = put(home, "broken", f"@prefix l: <{CORE}> .\n<urn:t:x> a l:Plugin ;; . }}")
    undeclared = put(home, "undeclared", "<urn:t:y> a lv2:Plugin .")
    assert set(installed.installed_lv2()) == {"urn:t:usual"}
    faults = installed.unreadable_lv2()
    assert set(faults) == {broken, undeclared}
    assert "manifest.ttl is no Turtle: line" in faults[broken]
    assert "lv2:" in faults[undeclared]


def test_manifests_are_read_once_for_as_long_as_they_stay(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []
    real = manifests._declared
    monkeypatch.setattr(manifests, "_declared", lambda path: read.append(path) or real(path))
    bundle = put(home, "usual", FORMS["usual"])
    put(home, "long", FORMS["no prefix"])
    assert len(installed.installed_lv2()) == len(read) == 2
    installed.installed_lv2()
    monkeypatch.setattr(manifests, "_SEEN", {})  # as another process begins
    monkeypatch.setattr(manifests, "_RECALLED", set())
    assert len(installed.installed_lv2()) == len(read) == 2
    (bundle / "manifest.ttl").write_text(FORMS["empty prefix"])
    os.utime(bundle / "manifest.ttl", ns=(1, 1))
    assert "urn:t:empty" in installed.installed_lv2()
    assert len(read) == 3


@pytest.mark.parametrize(
    "text", ["{broken", "[]", '{"format": 1, "manifests": {"a": {"uris": 3}}}']
)
def test_a_damaged_cache_is_no_error(
    home: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    put(home, "usual", FORMS["usual"])
    monkeypatch.setattr(manifests, "_SEEN", {})
    monkeypatch.setattr(manifests, "_RECALLED", set())
    place = manifests._file()
    place.parent.mkdir(parents=True)
    place.write_text(text)
    assert set(installed.installed_lv2()) == {"urn:t:usual"}
