"""YAML -> Chain -> YAML is the identity, and saving is careful."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pedalboard
import pytest
import soundfile
from hypothesis import given, settings, strategies as st
from preset_texts import STAGES, WHOLE
from ruamel.yaml import YAML

from restorack.chains import Chain, ChainSettings, OutputSettings, Parallel
from restorack.errors import FileError, PresetError, RegistryError
from restorack.hosting.stage import faust, vst3
from restorack.plugins.air import Air
from restorack.plugins.dither import Dither
from restorack.presets import apply_settings, chain_from_text, dump_preset, load_preset, save_preset


def test_text_to_chain_to_text_is_the_identity() -> None:
    assert dump_preset(chain_from_text(WHOLE)) == WHOLE


def test_what_was_given_survives_where_it_equals_the_default() -> None:
    text = f"{STAGES}- restorack.Air: {{mix: 1}}\n- pedalboard.Gain: {{gain_db: 1}}\n"
    chain = chain_from_text(text)
    assert dump_preset(chain) == text
    apply_settings(chain, ["air.residual=false"])
    assert "restorack.Air: {mix: 1, residual: false}" in dump_preset(chain)


def test_numbers_are_written_short() -> None:
    stages = [pedalboard.Gain(0.1), Air(amount_db=np.float64(2.0), mix=0.123456789)]
    text = dump_preset(Chain([*stages, vst3("ZamCompX2", threshold_db=np.float32(-18))]))
    assert "gain_db: 0.1}" in text
    assert "amount_db: 2, mix: 0.123456789}" in text
    assert "threshold_db: -18}" in text


def test_a_nested_chain_becomes_a_mix_of_one_branch_under_its_name() -> None:
    chain = Chain([Chain([Air(amount_db=2)]), Parallel([[Air()], []])])
    again = chain_from_text(dump_preset(chain))
    assert again.names == chain.names == ["chain", "parallel"]
    audio = np.random.default_rng(1).standard_normal((2, 4000)).astype(np.float32)
    assert np.array_equal(again(audio, 44_100), chain(audio, 44_100))


class Unregistered(Air):
    """A class that no package registers."""


@pytest.mark.parametrize(
    ("chain", "words"),
    [
        (Chain([pedalboard.Convolution(np.zeros((1, 8), np.float32), 1.0, 44_100.0)]), "no file"),
        (Chain(settings=ChainSettings("my chain")), "name = 'my chain'"),
        (Chain(settings=ChainSettings("x", output=OutputSettings(mix=3))), "mix = 3"),
        (Chain([Unregistered()]), "not registered"),
    ],
)  # fmt: skip
def test_what_no_preset_can_hold_is_refused(chain: Chain, words: str) -> None:
    with pytest.raises((PresetError, RegistryError), match=words):
        dump_preset(chain)


def test_a_stage_name_that_no_preset_can_hold_is_refused() -> None:
    chain = Chain()
    chain.add(Air(), "a=b")
    with pytest.raises(PresetError, match="name = 'a=b'"):
        dump_preset(chain)


def test_saving_is_atomic_and_careful(tmp_path: Path) -> None:
    chain = Chain([Air(amount_db=2), pedalboard.Compressor(-18, 3)])
    path = tmp_path / "mine.yaml"
    save_preset(chain, path)
    before = path.read_text()
    assert dump_preset(load_preset(path)) == before
    chain.pop()
    with pytest.raises(FileError, match="exists"):
        save_preset(chain, path)
    assert path.read_text() == before
    save_preset(chain, path, force=True)
    assert load_preset(path).names == ["air"]
    with pytest.raises(FileError, match="does not exist"):
        save_preset(chain, tmp_path / "none" / "mine.yaml")
    assert [p.name for p in tmp_path.iterdir()] == ["mine.yaml"]


HALF = "process = *(0.5), *(0.5);"


def test_states_and_imports_from_elsewhere_are_written_out(tmp_path: Path) -> None:
    xml = b"<VST3PluginState/>"
    state = tmp_path / "mine.state"
    state.write_bytes(b"VC2!" + len(xml).to_bytes(4, "little") + xml)
    (tmp_path / "my.lib").write_text("g = 0.25;")
    chain = Chain([
        vst3("ZamCompX2", state=str(state)),
        faust('import("my.lib"); process = *(g);', folder=str(tmp_path)),
    ])  # fmt: skip
    (tmp_path / "other").mkdir()
    save_preset(chain, tmp_path / "other" / "moved.yaml")
    (tmp_path / "my.lib").unlink()
    state.unlink()
    moved = load_preset(tmp_path / "other" / "moved.yaml")
    assert moved["zamcompx2"].spec.state_base64 is not None
    assert "g = 0.25;" in moved["faust"].spec.reference


def test_paths_are_saved_relative_to_the_preset_where_they_lie_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    soundfile.write(tmp_path / "hall.wav", np.array([1.0, 0.5]), 44_100)
    (tmp_path / "half.dsp").write_text(HALF)
    path = tmp_path / "paths.yaml"
    path.write_text(
        "format: 1\nname: paths\nstages:\n"
        "- pedalboard.Convolution: {impulse_response_filename: hall.wav, mix: 0.5}\n"
        "- faust: {file: half.dsp}\n"
        "- restorack.SpectralDenoiser: {noise_profile: hiss.wav}\n"
    )
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.chdir(tmp_path)
    for location in (path, Path("paths.yaml")):
        chain = load_preset(location)
        save_preset(chain, tmp_path / "copy.yaml", force=True)
        assert (tmp_path / "copy.yaml").read_text() == path.read_text()
        save_preset(chain, other / "moved.yaml", force=True)
        moved = load_preset(other / "moved.yaml")
        # No preset may name a program elsewhere: it is written out.
        assert (moved["half"].spec.file, moved["half"].spec.reference) == (None, HALF)


def texts(longest: int) -> st.SearchStrategy[str]:
    letters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    return st.text(letters, max_size=longest)


def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high) | st.integers(math.ceil(low), math.floor(high))


def tracks(name: str, low: float, high: float) -> st.SearchStrategy[dict[str, Any]]:
    times = st.lists(st.floats(0, 1e5), min_size=1, max_size=3, unique=True).map(sorted)
    points = times.flatmap(
        lambda at: st.tuples(*[numbers(low, high).map(lambda v, t=t: [t, v]) for t in at])
    )
    return st.fixed_dictionaries({name: points.map(list)})


def stage(reference: str, params: dict[str, Any], moving: tuple[str, float, float] | None) -> Any:
    long = st.fixed_dictionaries(
        {"stage": st.just(reference)},
        optional={
            "params": st.fixed_dictionaries({}, optional=params),
            "enabled": st.booleans(),
            **({"automation": tracks(*moving)} if moving else {}),
        },
    )
    return st.fixed_dictionaries({}, optional=params).map(lambda p: {reference: p}) | long


SIMPLE = st.one_of(
    stage(
        "restorack.Air",
        {"amount_db": numbers(0, 12), "mix": numbers(0, 1), "residual": st.booleans()},
        ("amount_db", 0, 12),
    ),
    stage("restorack.Dither", {"seed": st.integers(0, 1000)}, ("mix", 0, 1)),
    stage(
        "pedalboard.Compressor",
        {"threshold_db": numbers(-60, 0), "ratio": numbers(1, 20)},
        ("threshold_db", -60, 0),
    ),
    stage("pedalboard.LadderFilter", {"mode": st.sampled_from(["LPF12", "BPF24"])}, None),
    st.builds(lambda p: {"vst3": "Not Installed 2", "optional": True, "params": p},
              st.dictionaries(st.sampled_from("abc"), numbers(-1, 1) | texts(5))),
    st.just({"faust": {"code": "process = _;"}}),
)  # fmt: skip
STAGE_LISTS = st.recursive(
    st.lists(SIMPLE, max_size=3),
    lambda inner: st.lists(
        SIMPLE | st.lists(inner, min_size=1, max_size=3).map(lambda b: {"parallel": b}), max_size=3
    ),
    max_leaves=4,
)
DOCUMENTS = st.fixed_dictionaries(
    {"format": st.just(1), "stages": STAGE_LISTS,
     "name": st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,8}", fullmatch=True)},
    optional={
        "description": texts(60),
        "work_rate": st.just("input") | numbers(1000, 768_000),
        "output": st.fixed_dictionaries(
            {},
            optional={
                "sample_rate": st.just("input") | st.sampled_from([44_100, 48_000.0]),
                "format": st.sampled_from(["wav", "FLAC", "aiff"]),
                "subtype": st.sampled_from(["PCM_16", "pcm_24"]),
                "dither": st.sampled_from(["none", "triangular"]),
                "ceiling_dbtp": numbers(-60, 0),
                "mix": numbers(0, 1),
                "gain_db": numbers(-60, 60),
            },
        ),
    },
)  # fmt: skip


def named(entries: list[Any]) -> list[Any]:
    """Give every second entry in its long form a name of its own."""
    for number, entry in enumerate(entries):
        if number % 2 and not any("." in key for key in entry):
            entry["name"] = f"part {number}"
        for branch in entry.get("parallel", []):
            named(branch)
    return entries


def same_stages(first: Chain, second: Chain) -> None:
    assert first.names == second.names
    for one, other in zip(first.slots, second.slots, strict=True):
        assert (one.enabled, one.missing, one.given) == (other.enabled, other.missing, other.given)
        assert type(one.stage) is type(other.stage)
        if isinstance(one.stage, Parallel):
            for branch, twin in zip(one.stage.branches, other.stage.branches, strict=True):
                same_stages(branch, twin)
        elif isinstance(one.stage, (Air, Dither)):
            assert one.stage.values() == other.stage.values()
            assert one.stage.automation == other.stage.automation


@settings(max_examples=80, deadline=None)
@given(DOCUMENTS)
def test_any_preset_survives_being_loaded_and_written(document: dict[str, Any]) -> None:
    document = json.loads(json.dumps(document))  # its parts may be one object, so far
    named(document["stages"])
    stream = io.StringIO()
    YAML(typ="safe", pure=True).dump(document, stream)
    chain = chain_from_text(stream.getvalue())
    text = dump_preset(chain)
    again = chain_from_text(text)
    assert dump_preset(again) == text
    assert again.settings == chain.settings
    same_stages(chain, again)
    written = YAML(typ="safe", pure=True).load(text)
    assert len(written["stages"]) == len(document["stages"])
    for given_entry, entry in zip(document["stages"], written["stages"], strict=True):
        for reference, params in given_entry.items():
            if "." in reference:  # the short form stays the short form, nothing given is lost
                assert set(entry[reference]) == set(params)


programmed = st.one_of(
    st.builds(lambda v: Air(amount_db=v), st.floats(0, 12)),
    st.builds(lambda s, m: Dither(seed=s, mix=m), st.integers(0, 1000), st.floats(0, 1)),
    st.builds(pedalboard.Compressor, st.floats(-60, 0), st.floats(1, 20)),
    st.builds(pedalboard.Gain, st.floats(-40, 40)),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(programmed, max_size=5), st.lists(st.booleans(), min_size=5, max_size=5))
def test_any_chain_survives_its_text(stages: list[Any], enabled: list[bool]) -> None:
    chain = Chain(stages)
    for slot, on in zip(chain.slots, enabled, strict=False):
        slot.enabled = on
    text = dump_preset(chain)
    again = chain_from_text(text)
    assert dump_preset(again) == text
    for before, after in zip(chain.slots, again.slots, strict=True):
        assert (before.name, before.enabled) == (after.name, after.enabled)
        if hasattr(before.stage, "values"):
            assert after.stage.values() == before.stage.values()
