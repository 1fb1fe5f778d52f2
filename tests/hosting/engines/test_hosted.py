"""Hosted plugins: aligned, the same in both hosts, for every split; real ones from zam-plugins."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pedalboard
import pytest

from restorack.chains import Chain
from restorack.errors import ParameterError, PluginError
from restorack.hosting.engines.vst3 import restore_float_environment
from restorack.hosting.run import HostedRun
from restorack.hosting.stage import faust, lv2, vst3
from restorack.testing.checks import stream
from restorack.testing.signals import worn_music

RATE = 44_100
AUDIO = worn_music(RATE, 0.8, 2)
HALF = 'process = par(i, 2, *(hslider("level[unit:x]", 0.5, 0, 1, 0.001)));'
LAG = "process = par(i, 2, @(480));"


def graph(*stages: object) -> HostedRun:
    """Return the stages as a run that DawDreamer renders."""
    run = Chain(stages).runs()[0].stage  # type: ignore[arg-type]
    assert isinstance(run, HostedRun)
    run.whole = True
    return run


@pytest.mark.parametrize("name", ["ZamCompX2", "ZaMaximX2", "ZamComp", "ZamEQ2", "ZamGateX2"])
def test_both_hosts_give_the_same_bits_for_every_split(name: str) -> None:
    plugin = vst3(name)
    whole = graph(plugin)(AUDIO, RATE)
    assert whole.shape == AUDIO.shape
    for sizes in ([1 << 30], [977, 31, 12_000], [100]):
        assert np.array_equal(stream(Chain([plugin]), AUDIO, RATE, sizes), whole)


def test_parameters_reach_the_plugin_in_both_hosts() -> None:
    plugin = vst3("ZamCompX2", threshold_db=-30, ratio=4.0, makeup_db="6 dB")
    real = pedalboard.load_plugin("/usr/lib/vst3/ZamCompX2.vst3")
    restore_float_environment()
    real.threshold_db, real.ratio, real.makeup_db = -30, 4, 6
    restore_float_environment()  # loaded in this very process, it disturbs the other tests
    expected = real(AUDIO, RATE)
    assert np.array_equal(plugin(AUDIO, RATE), expected)
    assert np.array_equal(graph(plugin)(AUDIO, RATE), expected)
    assert not np.array_equal(vst3("ZamCompX2")(AUDIO, RATE), expected)


def test_latency_is_taken_off() -> None:
    plugin = vst3("ZaMaximX2")
    quiet = AUDIO * np.float32(0.01)
    out = plugin(quiet, RATE)
    spectrum = np.fft.rfft(out[0]) * np.conj(np.fft.rfft(quiet[0]))
    assert int(np.argmax(np.abs(np.fft.irfft(spectrum)))) == 0
    assert plugin.layout()["latency_samples"] == 480
    assert plugin.predict_latency(RATE) == 480 + 511


def test_a_mono_plugin_gets_every_channel() -> None:
    six = np.concatenate([AUDIO, AUDIO * np.float32(0.5), -AUDIO])
    out = vst3("ZamComp", threshold_db=-20)(six, RATE)
    for channel, expected in zip(six, out, strict=True):
        mono = vst3("ZamComp", threshold_db=-20)(channel, RATE)
        assert np.array_equal(mono, expected)


def test_a_stereo_plugin_gets_a_mono_signal_on_both_sides() -> None:
    mono = vst3("ZamCompX2", threshold_db=-20)(AUDIO[0], RATE)
    both = vst3("ZamCompX2", threshold_db=-20)(np.stack([AUDIO[0], AUDIO[0]]), RATE)
    assert mono.ndim == 1
    assert np.array_equal(mono, both[0])
    assert np.array_equal(mono, both[1])


def test_a_mixed_run_is_one_session() -> None:
    chain = Chain([vst3("ZaMaximX2"), vst3("ZamComp"), lv2("urn:zamaudio:ZamCompX2"), faust(HALF)])
    runs = chain.runs()
    assert [run.label for run in runs] == ["stage 1-4 (zamaximx2, zamcomp, zamcompx2, faust)"]
    expected = AUDIO
    for stage in chain:
        expected = stage(expected, RATE)
    assert np.array_equal(chain(AUDIO, RATE), expected)
    found = chain.findings()
    assert [found[name]["latency_samples"] for name in chain.names] == [480, 0, 0, 0]
    assert [found[name]["channels"] for name in chain.names][:2] == ["together", "each on its own"]
    assert {found[name]["engine"] for name in chain.names} == {"dawdreamer"}


def test_faust_computes_what_its_code_says() -> None:
    assert np.array_equal(faust(HALF, level=0.25)(AUDIO, RATE), AUDIO * np.float32(0.25))
    late = faust(LAG)(AUDIO, RATE)
    assert np.array_equal(late[:, 480:], AUDIO[:, :-480])
    assert not late[:, :480].any()


def test_lv2_parameters_are_in_their_units() -> None:
    flat = lv2("urn:zamaudio:ZamEQ2")(AUDIO[0], RATE)
    boosted = lv2("urn:zamaudio:ZamEQ2", boost_cut_1=12, frequency_1=1000)(AUDIO[0], RATE)
    at = round(1000 / RATE * len(AUDIO[0]))
    power = [np.sum(np.abs(np.fft.rfft(x))[at - 60 : at + 60] ** 2) for x in (flat, boosted)]
    assert 10 * np.log10(power[1] / power[0]) == pytest.approx(12, abs=2.5)


def test_automation_moves_on_the_grid_in_both_hosts() -> None:
    plugin = vst3("ZamCompX2", threshold_db=0)
    plugin.automate("makeup_db", [(0.1, 0.0), (0.6, 20.0)])
    whole = graph(plugin)(AUDIO, RATE)
    assert np.array_equal(stream(Chain([plugin]), AUDIO, RATE, [333, 5000]), whole)
    gain = 20 * np.log10(np.abs(whole[:, -4000:]).max() / np.abs(AUDIO[:, -4000:]).max())
    assert gain == pytest.approx(20, abs=1.5)
    moving = faust(HALF)
    moving.automate("level", [(0.0, 0.0), (0.5, 1.0)])
    out = moving(np.ones((2, RATE // 2), np.float32), RATE)
    steps = (np.arange(RATE // 2) // 64) * 64 / RATE / 0.5
    assert np.abs(out - steps).max() < 2e-3  # the slider's own step is 0.001


def test_behind_latency_automation_meets_the_same_samples() -> None:
    moving = faust(HALF)
    moving.automate("level", [(0.2, 0.0), (0.2001, 1.0)])
    alone = moving(AUDIO, RATE)
    behind = graph(vst3("ZaMaximX2"), moving)(AUDIO, RATE)
    first = int(np.flatnonzero(alone.any(axis=0))[0])
    assert abs(int(np.flatnonzero(behind.any(axis=0))[0]) - first) <= 64


def test_mistakes_are_named() -> None:
    with pytest.raises(PluginError, match="did you mean 'ZamCompX2'"):
        vst3("ZamCompX3")
    with pytest.raises(ParameterError, match="did you mean 'threshold_db'"):
        vst3("ZamCompX2", treshold_db=-3)(AUDIO, RATE)
    with pytest.raises(ParameterError, match="from -80 to 0 dB"):
        vst3("ZamCompX2", threshold_db=-300)(AUDIO, RATE)
    with pytest.raises(ParameterError, match="did you mean 'level'"):
        faust(HALF, levle=1)(AUDIO, RATE)
    with pytest.raises(PluginError, match="syntax error"):
        faust("process = (;")(AUDIO, RATE)
    with pytest.raises(PluginError, match=r"is not installed.*did you mean 'urn:zamaudio:Zam"):
        lv2("urn:zamaudio:ZamEQ3")
    with pytest.raises(ParameterError, match="did you mean 'ratio'"):
        vst3("ZamCompX2").set_parameter("ration", 3)
    with pytest.raises(PluginError, match="takes 3 channels"):
        faust("process = _,_,_;")(AUDIO, RATE)


def test_empty_and_short_signals() -> None:
    for plugin in (vst3("ZaMaximX2"), faust(HALF)):
        for length in (0, 1, 100):
            assert plugin(AUDIO[:, :length], RATE).shape == (2, length)


def test_the_float_environment_survives_plugins() -> None:
    vst3("ZamEQ2")(AUDIO, RATE)  # built with -ffast-math: Faust's compiler would abort after it
    assert np.isfinite(
        faust('import("stdfaust.lib"); process = par(i,2,fi.lowpass(4,900));')(AUDIO, RATE)
    ).all()


def test_states_load_in_both_hosts_before_the_parameters(tmp_path: Path) -> None:
    real = pedalboard.load_plugin("/usr/lib/vst3/ZamCompX2.vst3")
    restore_float_environment()
    real.threshold_db, real.makeup_db = -40, 10
    real(AUDIO, RATE)  # before the first block a plugin's state is stale
    (tmp_path / "a.raw").write_bytes(real.raw_state)
    (tmp_path / "a.vstpreset").write_bytes(real.preset_data)
    expected = real(AUDIO, RATE)
    for name in ("a.raw", "a.vstpreset"):
        plugin = vst3("ZamCompX2", state=str(tmp_path / name))
        assert np.array_equal(plugin(AUDIO, RATE), expected)
        assert np.array_equal(graph(plugin)(AUDIO, RATE), expected)
        current = {p["name"]: p["current"] for p in plugin.describe()["parameters"]}
        assert float(current["threshold_db"]) == -40
    louder = vst3("ZamCompX2", state=str(tmp_path / "a.raw"), makeup_db=20)
    real.makeup_db = 20
    assert np.array_equal(louder(AUDIO, RATE), real(AUDIO, RATE))
    (tmp_path / "broken.vstpreset").write_bytes(b"no preset")
    with pytest.raises(PluginError, match="is no state of a VST3"):
        vst3("ZamCompX2", state=str(tmp_path / "broken.vstpreset"))(AUDIO, RATE)
    with pytest.raises(PluginError, match="no such file"):
        vst3("ZamCompX2", state=str(tmp_path / "none.raw"))
    with pytest.raises(PluginError, match="is no state of an LV2 plugin"):
        lv2("urn:zamaudio:ZamCompX2", state=str(tmp_path / "a.raw"))


def test_values_are_read_in_the_parameters_unit() -> None:
    plain = vst3("ZamEQ2", frequency_1_hz=2000, boost_cut_1_db=12)(AUDIO, RATE)
    for frequency in ("2000 Hz", "2kHz", "2000", np.float32(2000), np.int64(2000)):
        written = vst3("ZamEQ2", frequency_1_hz=frequency, boost_cut_1_db="12 dB")
        assert np.array_equal(written(AUDIO, RATE), plain)
    for wrong in ("2000 dB", "much", True, float("nan")):
        with pytest.raises(ParameterError, match="frequency_1_hz is a number from"):
            vst3("ZamEQ2", frequency_1_hz=wrong)(AUDIO, RATE)


def test_setting_a_parameter_checks_it_at_once() -> None:
    plugin = vst3("ZamCompX2")
    with pytest.raises(ParameterError, match="from -80 to 0 dB"):
        plugin.set_parameter("threshold_db", 3)
    with pytest.raises(ParameterError, match="from -80 to 0 dB"):
        plugin.automate("threshold_db", [(0, -10), (1, 10)])
    assert dict(plugin.spec.params) == dict(plugin.spec.automation) == {}
    with pytest.raises(ParameterError, match="did you mean 'ratio'"):
        vst3("ZamCompX2", ration=2).check()


def test_descriptions_have_numbers() -> None:
    found = {p["name"]: p for p in vst3("ZamCompX2", ratio=8).describe()["parameters"]}
    ratio = found["ratio"]
    assert (ratio["minimum"], ratio["maximum"]) == (1, 20)
    assert float(ratio["current"]) == pytest.approx(8, abs=0.02)  # the plugin's own rounding
    assert float(ratio["default"]) != pytest.approx(8, abs=0.02)
    assert "current_program" not in found


def test_faust_has_as_many_outputs_as_inputs() -> None:
    with pytest.raises(PluginError, match="takes 1 channel and gives 2"):
        faust("process = _ <: _, _;")(AUDIO, RATE)


def test_both_hosts_live_in_one_child() -> None:
    plugin = vst3("ZamCompX2")
    expected = plugin(AUDIO, RATE)
    for _ in range(3):  # pedalboard's last plugin must not take DawDreamer's ground away
        assert np.array_equal(graph(vst3("ZamCompX2"))(AUDIO, RATE), expected)
        assert np.array_equal(vst3("ZamCompX2")(AUDIO, RATE), expected)


CARRY_STATE = {"ZamTube", "ZamHeadX2"}
"""These keep what they heard before a reset, which pedalboard's own probing at loading shows."""

LOADS_LONG = {"ZamVerb"}
"""Seconds each time, and at every value that is set: its defaults do here."""

ZAM = {path.stem for path in Path("/usr/lib/vst3").glob("Za*.vst3")}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(ZAM - CARRY_STATE))
def test_every_zam_plugin_is_the_same_in_both_hosts(name: str) -> None:
    assert len(ZAM) == 17
    audio = AUDIO[:, :6000]
    cases = [(vst3(name), audio[0])]
    if name not in LOADS_LONG:
        moved = {
            parameter["name"]: 0.4 * parameter["minimum"] + 0.6 * parameter["maximum"]
            for parameter in vst3(name).describe()["parameters"]
            if parameter["minimum"] is not None
        }
        cases.append((vst3(name, **moved), audio))
    for plugin, signal in cases:
        streamed = stream(plugin, signal, RATE, [1000, 7, 513])
        assert np.array_equal(graph(plugin)(signal, RATE), streamed)
