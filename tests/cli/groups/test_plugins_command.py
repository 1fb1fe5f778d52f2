"""``restorack plugins``: ours, pedalboard's and installed ones, described alike."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Cli
from native_plugins.bad_bundles import compile_bundle

from restorack.cli.catalogue import described
from restorack.core.registry import processor_names
from restorack.hosting import installed


def test_ours_are_listed_with_a_sentence_each(cli: Cli) -> None:
    found = cli("plugins", "list", "--kind", "restorack", "--json").document
    assert [entry["name"] for entry in found] == processor_names()
    assert all(entry["description"] for entry in found)


def test_pedalboards_effects_can_all_be_shown(cli: Cli) -> None:
    found = cli("plugins", "list", "--kind", "pedalboard", "--json").document
    names = [entry["name"] for entry in found]
    assert {"pedalboard.HighpassFilter", "pedalboard.Reverb", "pedalboard.Gain"} <= set(names)
    assert not {"pedalboard.Chain", "pedalboard.Plugin", "pedalboard.VST3Plugin"} & set(names)
    page = cli("plugins", "show", "pedalboard.LadderFilter", "--json").document
    by_name = {parameter["name"]: parameter for parameter in page["parameters"]}
    assert by_name["mode"]["default"] == "LPF12"
    assert "BPF24" in by_name["mode"]["range"]
    assert (by_name["cutoff_hz"]["default"], by_name["cutoff_hz"]["unit"]) == (200.0, "Hz")


def test_a_page_has_ranges_units_and_defaults(cli: Cli) -> None:
    page = cli("plugins", "show", "restorack.Loudness", "--json").document
    by_name = {parameter["name"]: parameter for parameter in page["parameters"]}
    assert by_name["mix"]["range"] == "a number from 0 to 1"
    assert by_name["mix"]["default"] == 1.0
    assert all(parameter["description"] for parameter in page["parameters"])
    text = cli("plugins", "show", "loudness").out
    assert "restorack.Loudness" in text
    assert "mix" in text


def test_an_unknown_name_gets_the_nearest(cli: Cli) -> None:
    ran = cli("plugins", "show", "restorack.Loudnes")
    assert (ran.code, "'restorack.Loudness'" in ran.err) == (2, True)


@pytest.fixture
def own_cache(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


@pytest.mark.usefixtures("own_cache")
def test_an_installed_vst3_is_described_by_itself(cli: Cli) -> None:
    before = cli("plugins", "list", "--kind", "vst3", "--json").document
    assert {entry["status"] for entry in before} == {"unknown"}
    page = cli("plugins", "show", "vst3=ZamCompX2", "--json").document
    names = [parameter["name"] for parameter in page["parameters"]]
    assert (page["inputs"], "threshold_db" in names) == (2, True)
    assert page["programs"] == ["Zero", "PoppySnare", "VocalLeveller"]
    assert "programs: Zero, PoppySnare" in cli("plugins", "show", "vst3=ZamCompX2").out


@pytest.mark.slow
@pytest.mark.usefixtures("own_cache")
def test_a_scan_is_remembered(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("vst3/ZamCompX2.vst3", "vst3/ZamGateX2.vst3", "lv2/ZamComp.lv2"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).symlink_to(Path("/usr/lib") / name)
    monkeypatch.setattr(installed, "VST3_FOLDERS", (str(tmp_path / "vst3"),))
    monkeypatch.setattr(installed, "LV2_FOLDERS", (str(tmp_path / "lv2"),))
    monkeypatch.setattr(installed, "CLAP_FOLDERS", ())
    scanned = cli("plugins", "scan", "--json").document
    assert [entry["status"] for entry in scanned] == ["usable"] * 3
    listed = [cli("plugins", "list", "--kind", kind, "--json").document for kind in ("vst3", "lv2")]
    assert sorted(entry["name"] for part in listed for entry in part) == sorted(
        entry["name"] for entry in scanned
    )
    assert "unknown" not in {entry["status"] for part in listed for entry in part}


@pytest.mark.usefixtures("own_cache")
def test_probe_measures_once_and_keeps_the_result(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("restorack.hosting.probe.RATES", ())
    first = cli("plugins", "probe", "/usr/lib/vst3/ZamCompX2.vst3", "--json")
    assert (first.code, first.document["kept"], first.document["deterministic"]) == (0, False, True)
    assert first.document["latency"][0]["measured"] == 0
    assert "determinism" in first.err
    again = cli("plugins", "probe", "/usr/lib/vst3/ZamCompX2.vst3")
    assert "kept result" in again.out
    assert "0 samples reported, 0 measured" in again.out
    assert "the same samples" in again.out
    refreshed = cli("plugins", "probe", "/usr/lib/vst3/ZamCompX2.vst3", "--refresh", "--json")
    assert refreshed.document["kept"] is False


@pytest.mark.usefixtures("own_cache")
def test_probe_ends_with_4_for_a_plugin_that_fails(cli: Cli, tmp_path: Path) -> None:
    bundle = compile_bundle(tmp_path, "Aborts")
    ran = cli("plugins", "probe", bundle, "--json")
    assert (ran.code, ran.document["faults"][0]["kind"]) == (4, "crash")
    assert "Aborts.vst3: loading" in ran.err
    assert "SIGABRT" in ran.err
    assert "FAILED" in cli("plugins", "probe", bundle).out
    assert cli("plugins", "probe", bundle, "--quiet").code == 4  # kept, and still a failure
    unknown = cli("plugins", "probe", "ZaMaximX3")
    assert (unknown.code, "'ZaMaximX2'" in unknown.err) == (2, True)


def test_the_list_says_what_the_stages_say_of_themselves(cli: Cli) -> None:
    """It reads their files; what it reads is what importing them gives."""
    for entry in cli("plugins", "list", "--kind", "restorack", "--json").document:
        assert entry["description"] == described(entry["name"])["description"]
        assert entry["description"]
