"""Advice: from figures to a preset with its reason, shipped and the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from restorack.errors import PresetError
from restorack.meters.findings import Findings, figure_names
from restorack.presets import advise, chain_from_text, dump_preset
from restorack.presets.advice.rules import holds, reason
from restorack.presets.finding import shipped_files

EMPTY: dict[str, Any] = {
    "restorack_version": "0",
    "recording": {
        "path": "", "format": "WAV", "subtype": "PCM_24", "is_lossy": False,
        "sample_rate_hz": 48_000.0, "channels": 1, "duration_seconds": 180.0,
        "examined_seconds": 180.0,
    },
    "level": {
        "sample_peak_dbfs": -3.0, "true_peak_dbtp": -3.0, "rms_dbfs": -20.0, "crest_db": 17.0,
        "integrated_lufs": -19.0, "loudness_range_lu": 6.0, "programme_peak_dbfs": -3.0,
        "dc_offset_dbfs": None,
    },
    "clicks": {
        "per_second": 0.0, "at_least_per_second": 0.0, "counted": 0, "follow_music": False,
        "peak_db": None, "width_ms": None, "interval_ms": None, "interval_variation": None,
        "energy_below_500_hz": None, "energy_500_to_2000_hz": None,
        "energy_above_2000_hz": None, "in_all_channels": None, "peak_histogram_db": None,
        "width_histogram_ms": None, "interval_histogram_ms": None,
    },
    "crackle": {"per_second": 0.0, "peak_db": None},
    "thumps": {"per_second": 0.0},
    "noise": {
        "found": False, "source": None, "snr_db": None, "level_dbfs": None,
        "hiss_below_music_db": None, "tilt_db_per_octave": None, "density_db_by_octave": {},
    },
    "band": {
        "edge_hz": None, "edge_drop_db": None, "edge_is_wall": None, "music_low_hz": 50,
        "music_high_hz": 16_000,
    },
    "spectrum": {
        "frequencies_hz": [], "quiet_db": [], "median_db": [], "loud_db": [], "noise_db": [],
    },
    "hum": {"frequency_hz": None, "level_dbfs": None, "below_music_db": None, "harmonics": []},
    "rumble": {"level_dbfs": None, "below_music_db": None},
    "clipping": {
        "full_scale_runs": 0, "full_scale_samples": 0, "plateau_dbfs": None, "plateau_runs": 0,
    },
    "stereo": {
        "kind": "mono", "correlation": None, "balance_db": None, "vertical_over_lateral_db": None,
    },
    "rotation": {"rpm": None, "nominal_rpm": None, "confidence": 0.0},
    "decoder": {"fundamental_hz": None, "peaks": 0, "over_spectrum_db": None, "confidence": 0.0},
    "content": {"speech": 0.0, "beat": 0.45},
    "condition": {"word": "clean", "reasons": []},
}  # fmt: skip


def findings(**changes: Any) -> Findings:
    """Return clean findings but for some figures, given as ``group__figure``."""
    values = {name: dict(part) if isinstance(part, dict) else part for name, part in EMPTY.items()}
    for name, value in changes.items():
        group, _, figure = name.partition("__")
        values[group][figure] = value
    return Findings.model_validate(values)


def clicky(rate: float, **more: Any) -> Findings:
    return findings(clicks__per_second=rate, clicks__at_least_per_second=0.9 * rate, **more)


def test_nothing_wrong_needs_nothing() -> None:
    advice = advise(findings())
    assert advice.preset is None
    assert "leave it as it is" in advice.reason


def test_silence_is_silent() -> None:
    assert advise(findings(level__sample_peak_dbfs=None)).reason == "it is silent"


@pytest.mark.parametrize(
    ("found", "preset"),
    [
        (clicky(1.5), "78rpm-light"),
        (clicky(6.0, stereo__kind="mono groove"), "78rpm"),
        (clicky(18.0, stereo__kind="dual mono"), "78rpm-heavy"),
        (clicky(6.0, stereo__kind="stereo"), "vinyl"),
        (clicky(2.0, rotation__nominal_rpm=33.333, rotation__rpm=33.3, rotation__confidence=0.8,
                condition__word="light"), "vinyl"),
        (findings(rotation__nominal_rpm=78.26, rotation__rpm=78.2, rotation__confidence=0.6,
                  noise__snr_db=32.0), "78rpm-light"),
        (findings(noise__snr_db=25.0), "hiss-only"),
        (findings(noise__snr_db=25.0, hum__below_music_db=30.0), "tape"),
        (findings(noise__snr_db=14.0, content__speech=0.9), "film-dialogue"),
        (findings(recording__sample_rate_hz=32_000.0), "musicgen-polish"),
        (findings(band__edge_hz=15_800.0, band__edge_is_wall=True), "musicgen-polish"),
        (findings(recording__sample_rate_hz=32_000.0, content__beat=0.1),
         "musicgen-polish-acoustic"),
        (findings(recording__sample_rate_hz=32_000.0, content__beat=0.8),
         "musicgen-polish-electronic"),
        (findings(band__edge_hz=15_800.0, band__edge_is_wall=True, content__beat=0.8),
         "musicgen-polish-electronic"),
        (findings(decoder__fundamental_hz=2_000.0, decoder__confidence=0.6), "musicgen-polish"),
        (findings(decoder__fundamental_hz=2_000.0, decoder__confidence=0.6, content__beat=0.1),
         "musicgen-polish-acoustic"),
        (findings(band__edge_hz=3_400.0, band__edge_is_wall=True), "phone-to-studio"),
        (findings(recording__sample_rate_hz=8_000.0, content__speech=0.9), "phone-to-studio"),
    ],
)  # fmt: skip
def test_material_gets_its_preset(found: Findings, preset: str) -> None:
    advice = advise(found)
    assert advice.preset == preset
    assert "{" not in advice.reason


def test_a_lossy_file_with_its_codecs_wall_is_not_generated_music() -> None:
    lossy = findings(band__edge_hz=15_900.0, band__edge_is_wall=True, recording__is_lossy=True)
    assert advise(lossy).preset is None


def test_reasons_hold_the_figures() -> None:
    assert "6 clicks a second" in advise(clicky(6.0)).reason


def test_others_that_fit_are_named() -> None:
    advice = advise(clicky(6.0, content__speech=0.9, noise__snr_db=20.0))
    assert advice.preset == "film-dialogue"
    assert [one.preset for one in advice.alternatives] == ["78rpm"]


def test_every_restoring_preset_says_when_it_fits() -> None:
    silent = {name for name, path in shipped_files().items() if "\nadvice:" not in path.read_text()}
    assert all(name.startswith(("degrade-", "master-")) for name in silent)


OWN = """\
format: 1
name: ours
stages:
  - restorack.Air: {}
advice:
  - when: {recording.format: WAV, clicks.per_second: {below: 0.5}, stereo.kind: [mono, stereo]}
    because: "a WAV at {recording.sample_rate_hz} Hz, {clicks.per_second:.1f} clicks"
    weight: 99
"""


def test_the_users_own_presets_advise_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "restorack" / "presets"
    folder.mkdir(parents=True)
    (folder / "ours.yaml").write_text(OWN)
    (folder / "broken.yaml").write_text("format: 1\nname: broken\nadvice: [{when: 3}]\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    advice = advise(findings())
    assert (advice.preset, advice.reason) == ("ours", "a WAV at 48000 Hz, 0.0 clicks")


def test_advice_survives_loading_and_writing() -> None:
    text = dump_preset(chain_from_text(OWN))
    chain = chain_from_text(text)
    assert chain.settings.advice == chain_from_text(OWN).settings.advice
    assert holds(chain.settings.advice[0], findings())
    assert "WAV at" in reason(chain.settings.advice[0], findings())


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("{when: {clicks.per_secnd: {below: 1}}, because: x}", "did you mean 'clicks.per_second'"),
        ("{when: {clicks.per_second: {under: 1}}, because: x}", "when"),
        ("{when: {}, because: '{nonsense}'}", "no figure 'nonsense'"),
        ("{when: {}, because: 'a { b'}", "braces hold a figure"),
        ("{because: x}", "'when' is missing"),
        ("{when: {}, because: x, weight: 200}", "a number from 0 to 100"),
    ],
)
def test_mistakes_name_line_and_rule(rule: str, said: str) -> None:
    text = f"format: 1\nname: x\nstages: []\nadvice:\n  - {rule}\n"
    with pytest.raises(PresetError) as caught:
        chain_from_text(text, "x.yaml")
    assert said in str(caught.value)
    assert "x.yaml:5" in str(caught.value)


def test_ranges_want_a_figure_that_was_found() -> None:
    rule = chain_from_text(
        OWN.replace("clicks.per_second: {below: 0.5}", "noise.snr_db: {below: 50}")
    )
    assert not holds(rule.settings.advice[0], findings())
    assert holds(rule.settings.advice[0], findings(noise__snr_db=40.0))


def test_figures_have_names() -> None:
    names = figure_names()
    assert len(names) == len(set(names))
    for name in names:
        findings().figure(name)
    with pytest.raises(KeyError):
        findings().figure("clicks.nonsense")


def test_a_clipped_recording_is_declipped_first() -> None:
    assert advise(findings()).steps == advise(findings(clipping__full_scale_runs=4)).steps == ()
    (step,) = advise(findings(clipping__full_scale_runs=5)).steps
    assert (step.topic, step.stage) == ("clipping", "restorack.Declipper")
    assert "5 crests are cut off at full scale" in step.reason
    found = findings(clipping__plateau_dbfs=-3.1, clipping__plateau_runs=12)
    assert "12 crests are cut off at -3.1 dBFS" in advise(found).steps[0].reason


def test_harsh_speech_is_de_essed() -> None:
    speech = {"content__speech": 0.5, "content__beat": 0.49}
    for level, words in ((-2.0, "2 dB below the voice"), (3.4, "3 dB above the voice")):
        (step,) = advise(findings(content__sibilance_db=level, **speech)).steps
        assert (step.topic, step.stage) == ("sibilance", "restorack.DeEsser")
        assert words in step.reason


@pytest.mark.parametrize(
    "changed",
    [
        {"content__sibilance_db": None},
        {"content__sibilance_db": -2.1},
        {"content__speech": 0.49},
        {"content__beat": 0.5},
    ],
)
def test_no_other_sound_is_de_essed(changed: dict[str, Any]) -> None:
    harsh = {"content__sibilance_db": 6.0, "content__speech": 1.0, "content__beat": 0.0}
    assert advise(findings(**harsh)).steps
    assert advise(findings(**{**harsh, **changed})).steps == ()
