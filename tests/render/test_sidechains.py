"""Plugins that hear another strip: what they hear, when, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from native_plugins import clap_file
from sessions import RATE, read, write

from restorack.chains import Chain
from restorack.errors import PluginError, PresetError, RenderError
from restorack.hosting.sandbox import shared_sandbox
from restorack.hosting.spec import PluginSpec
from restorack.hosting.stage import HostedPlugin
from restorack.presets import chain_from_text, dump_preset
from restorack.render.session import SessionOptions, load_session, render_session
from restorack.render.session.report import SessionResult

FRAMES = 50_000

DUCK = "process(l, r, key) = l * (1.0 - key), r * (1.0 - key);"
"""What comes out tells exactly which sample of the key met which sample of the signal."""

COMPRESSOR = {"threshold": -40.0, "ratio": 20.0, "release": 20.0, "sidechain": "On"}


def noise(seed: int, channels: int = 2, frames: int = FRAMES) -> Any:
    return 0.3 * np.random.default_rng(seed).uniform(-1, 1, (channels, frames)).astype(np.float32)


def mix(folder: Path, body: str, *, stems: bool = False, engine: str = "auto") -> SessionResult:
    head = f"format: 1\nname: mix\nsample_rate: {RATE}\noutput: {{subtype: FLOAT}}\n"
    (folder / "session.yaml").write_text(head + body)
    options = SessionOptions(stems=stems, engine=engine, force=True)  # type: ignore[arg-type]
    return render_session(load_session(folder / "session.yaml"), folder / "out", options)


def duck(key: str) -> str:
    return f"{{faust: {{code: '{DUCK}'}}, sidechain: {key}}}"


@pytest.fixture
def parts(tmp_path: Path) -> dict[str, Any]:
    """Two stereo stems of noise, the second one louder."""
    made = {"bass": noise(1), "drums": noise(2) * np.float32(2)}
    for name, rows in made.items():
        write(tmp_path / f"{name}.wav", rows)
    return made


def test_a_bus_hears_a_muted_stem(tmp_path: Path, parts: dict[str, Any]) -> None:
    result = mix(
        tmp_path,
        "stems:\n- {file: bass.wav, output: low}\n- {file: drums.wav, mute: true, gain_db: -20}\n"
        f"buses:\n- {{name: low, stages: [{duck('drums')}]}}\n",
        stems=True,
    )
    expected = parts["bass"] * (1 - parts["drums"].mean(axis=0))
    np.testing.assert_allclose(read(tmp_path / "out" / "mix.wav"), expected, atol=1e-6)
    strips = {strip.name: strip for strip in result.strips}
    assert strips["low"].sidechains == [{"stage": "faust", "hears": "drums"}]
    assert (strips["drums"].heard, strips["drums"].export) == (False, None)
    assert sorted(p.name for p in (tmp_path / "out").rglob("*.wav")) == [
        "bass.wav", "low.wav", "mix.wav"
    ]  # fmt: skip


def test_a_stem_hears_a_later_one_at_its_place_and_rate(tmp_path: Path) -> None:
    bass, drums = write(tmp_path / "bass.wav", noise(1)), noise(2, 1)
    write(tmp_path / "drums.wav", drums)
    mix(
        tmp_path,
        f"stems:\n- {{file: bass.wav, start: 3000 samples, stages: [{duck('drums')}]}}\n"
        "- {file: drums.wav, start: 5000 samples, mute: true}\n",
    )
    key = np.pad(drums[0], (2000, 0))[:FRAMES]
    out = read(tmp_path / "out" / "mix.wav")[:, 3000 : 3000 + FRAMES]
    np.testing.assert_allclose(out, bass * (1 - key), atol=1e-6)
    # A stem of another rate works at its own: what it hears is brought to that.
    seconds = np.arange(24_000) / 48_000
    tone = np.stack([np.sin(2 * np.pi * 440 * seconds)] * 2).astype(np.float32)
    write(tmp_path / "bass.wav", tone, 48_000)
    slow = np.sin(2 * np.pi * 3 * np.arange(22_050) / RATE).astype(np.float32)
    write(tmp_path / "drums.wav", slow[np.newaxis])
    mix(
        tmp_path,
        f"stems:\n- {{file: bass.wav, stages: [{duck('drums')}]}}\n"
        "- {file: drums.wav, mute: true}\n",
    )
    seconds = np.arange(22_050) / RATE
    expected = np.sin(2 * np.pi * 440 * seconds) * (1 - np.sin(2 * np.pi * 3 * seconds))
    out = read(tmp_path / "out" / "mix.wav")[0]
    np.testing.assert_allclose(out[500:-500], expected[500:-500], atol=1e-3)  # two resamplings


def test_what_is_heard_is_aligned_whatever_stands_before_it(
    tmp_path: Path, parts: dict[str, Any]
) -> None:
    """The key comes through 480 samples of latency, the signal through none, and the reverse."""
    body = (
        "stems:\n- {file: bass.wav, output: low}\n- {file: drums.wav, output: kit}\n"
        "buses:\n- {name: kit, stages: [%s], sends: [{to: low, gain_db: -120}]}\n"
        "- {name: low, stages: [%s]}\n"
    )
    limiter = "{vst3: ZaMaximX2}"
    mix(tmp_path, body % (limiter, duck("kit")), stems=True)
    key = read(tmp_path / "out" / "buses" / "kit.wav").mean(axis=0)
    assert np.abs(key).max() > 0.1
    out = read(tmp_path / "out" / "buses" / "low.wav")
    np.testing.assert_allclose(out, parts["bass"] * (1 - key), atol=2e-6)
    mix(tmp_path, body % ("", limiter), stems=True)
    limited = read(tmp_path / "out" / "buses" / "low.wav")
    mix(tmp_path, body % ("", f"{limiter}, {duck('kit')}"), stems=True)
    out = read(tmp_path / "out" / "buses" / "low.wav")
    np.testing.assert_allclose(out, limited * (1 - parts["drums"].mean(axis=0)), atol=2e-6)


def test_a_compressor_ducks_the_bass_under_the_drums(tmp_path: Path, parts: dict[str, Any]) -> None:
    drums = parts["drums"].copy()
    drums[:, :20_000] = drums[:, 32_000:] = 0
    write(tmp_path / "drums.wav", drums)
    stage = f"{{lv2: 'urn:zamaudio:ZamCompX2', sidechain: drums, params: {COMPRESSOR}}}"
    spec = PluginSpec("lv2", "urn:zamaudio:ZamCompX2", COMPRESSOR, sidechain="drums")
    heard = drums.mean(axis=0, dtype=np.float32, keepdims=True)
    expected, _ = shared_sandbox().render([spec], parts["bass"], RATE, key=heard)

    def level(rows: Any, first: int, last: int) -> float:
        ratio = np.std(rows[:, first:last]) / np.std(parts["bass"][:, first:last])
        return 20 * float(np.log10(ratio))

    assert level(expected, 1000, 19_000) == pytest.approx(0, abs=0.5)
    assert level(expected, 25_000, 31_000) < -10
    assert level(expected, 45_000, 50_000) == pytest.approx(0, abs=1.5)
    stem = f"stems:\n- {{file: bass.wav, stages: [{stage}]}}\n- {{file: drums.wav, mute: true}}\n"
    mix(tmp_path, stem)
    assert np.array_equal(read(tmp_path / "out" / "mix.wav"), expected)
    bus = (
        "stems:\n- {file: bass.wav, output: low}\n- {file: drums.wav, mute: true}\n"
        f"buses:\n- {{name: low, stages: [{stage}]}}\n"
    )
    result = mix(tmp_path, bus)
    assert result.graphs == 1
    assert np.array_equal(read(tmp_path / "out" / "mix.wav"), expected)
    # Behind a stage of ours the bus is rendered on its own; a mono plugin takes side by side.
    mix(tmp_path, bus.replace("stages: [", "stages: [{restorack.Air: {amount_db: 0}}, "))
    np.testing.assert_allclose(read(tmp_path / "out" / "mix.wav"), expected, atol=1e-5)
    mix(tmp_path, bus.replace("ZamCompX2", "ZamComp"))
    mono = read(tmp_path / "out" / "mix.wav")
    assert level(mono, 25_000, 31_000) < -10
    assert level(mono, 1000, 19_000) == pytest.approx(0, abs=0.5)


@pytest.mark.parametrize("engine", ["auto", "dawdreamer"])
def test_a_clap_on_a_bus_hears_and_stays_outside_of_the_graph(
    tmp_path: Path, parts: dict[str, Any], monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    clap_file.compile_clap(tmp_path)
    monkeypatch.setenv("CLAP_PATH", str(tmp_path))
    body = (
        "stems:\n- {file: bass.wav, output: low}\n- {file: drums.wav, mute: true}\n"
        "buses:\n- name: low\n  stages:\n"
        "  - {clap: {path: Effects, name: Test Duck}, sidechain: drums}\n"
        "  - {faust: {code: 'process = *(0.5), *(0.5);'}}\n"
        "  - {clap: {path: Effects, name: Test Gain}, params: {gain: 2}}\n"
    )
    result = mix(tmp_path, body, engine=engine)
    expected = parts["bass"] * (1 - parts["drums"].mean(axis=0))
    np.testing.assert_allclose(read(tmp_path / "out" / "mix.wav"), expected, atol=1e-6)
    low = next(strip for strip in result.strips if strip.name == "low")
    engines = {report.engine for report in low.stages}
    assert engines == {"restorack, dawdreamer (child)"}


def test_solo_does_not_change_what_is_heard(tmp_path: Path, parts: dict[str, Any]) -> None:
    body = (
        "stems:\n- {file: bass.wav, output: low}\n- {file: drums.wav, output: kit}\n"
        f"buses:\n- {{name: kit}}\n- {{name: low, solo: true, stages: [{duck('kit')}]}}\n"
    )
    mix(tmp_path, body)
    expected = parts["bass"] * (1 - parts["drums"].mean(axis=0))
    np.testing.assert_allclose(read(tmp_path / "out" / "mix.wav"), expected, atol=1e-6)
    stages = body.replace("solo: true, ", "mute: true, ")
    mix(tmp_path, stages)  # nobody hears the plugin: nothing is rendered for it
    np.testing.assert_allclose(read(tmp_path / "out" / "mix.wav"), parts["drums"], atol=1e-6)


@pytest.mark.parametrize(
    ("stems", "buses", "words"),
    [
        (f", stages: [{duck('drumms')}]", "", "did you mean 'drums'"),
        (f", stages: [{duck('bass')}]", "", "hears another stem or a bus"),
        (f", stages: [{duck('low')}]", "{name: low}", "send the stem to a bus of its own"),
        (
            ", stages: [{vst3: ZamCompX2, sidechain: drums}]", "",
            "zamcompx2: has no side-chain that can be fed: the host offers 2 inputs for 2",
        ),
        ("", f"{{name: low, stages: [{duck('high')}]}}, "
         f"{{name: high, stages: [{duck('low')}]}}", "buses in a circle"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_before_anything_is_rendered(
    tmp_path: Path, parts: dict[str, Any], stems: str, buses: str, words: str
) -> None:
    del parts
    with pytest.raises(PresetError, match=r"session\.yaml:\d+") as caught:
        mix(
            tmp_path,
            f"stems:\n- {{file: bass.wav{stems}}}\n- {{file: drums.wav}}\nbuses: [{buses}]\n",
        )
    assert words in str(caught.value)
    assert ("may have one: urn:zamaudio:ZamCompX2 or clap=ZamCompX2" in str(caught.value)) == (
        "ZamCompX2" in stems
    )
    assert not (tmp_path / "out").exists()


def test_stems_in_a_circle_are_refused(tmp_path: Path, parts: dict[str, Any]) -> None:
    del parts
    with pytest.raises(PresetError, match="side-chains in a circle"):
        mix(
            tmp_path,
            f"stems:\n- {{file: bass.wav, stages: [{duck('drums')}]}}\n"
            f"- {{file: drums.wav, stages: [{duck('bass')}]}}\n",
        )
    with pytest.raises(RenderError, match="cannot be streamed"):
        mix(
            tmp_path,
            f"stems:\n- {{file: bass.wav, stages: [{duck('drums')}]}}\n- {{file: drums.wav}}\n",
            engine="stream",
        )


def test_outside_of_a_session_nothing_feeds_it() -> None:
    chain = chain_from_text(f"format: 1\nname: x\nstages:\n- {duck('drums')}\n")
    assert "sidechain: drums" in dump_preset(chain)
    with pytest.raises(PluginError, match="nothing feeds its side-chain 'drums'") as caught:
        chain(noise(1), RATE)
    assert "stems and buses of a session" in caught.value.rule
    plugin = HostedPlugin(PluginSpec("faust", DUCK, sidechain="drums"))
    plugin.feed_sidechain(lambda _, samples: np.full((2, samples), 0.25, np.float32))
    behind = Chain([HostedPlugin(PluginSpec("vst3", "ZamCompX2")), plugin])
    np.testing.assert_allclose(
        behind(noise(1), RATE), 0.75 * Chain([behind[0]])(noise(1), RATE), atol=1e-7
    )
