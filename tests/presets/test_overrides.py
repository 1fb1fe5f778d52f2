"""Parameters and stages from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from preset_texts import STAGES, WHOLE

from restorack.chains import Chain, Parallel
from restorack.errors import ParameterError, PresetError
from restorack.plugins.air import Air
from restorack.presets import apply_settings, chain_from_stages, chain_from_text


def test_settings_reach_stages_of_every_kind() -> None:
    chain = chain_from_text(WHOLE)
    apply_settings(
        chain,
        [
            "air.amount_db=2.5",
            "air.residual=true",
            "rumble.cutoff_frequency_hz=1e2",
            "compressor.ratio=8",
            "zamcompx2.threshold_db=-30",
            "parallel.1.air.amount_db=7",
        ],
    )
    assert chain["air"].amount_db == 2.5
    assert chain["air"].residual is True
    assert chain["rumble"].cutoff_frequency_hz == 100
    assert chain["compressor"].ratio == 8
    assert chain["zamcompx2"].spec.params["threshold_db"] == -30
    assert chain["parallel"].branches[0]["air"].amount_db == 7


def test_settings_reach_into_nested_chains_and_past_dots_in_names() -> None:
    chain = Chain([Chain([Parallel([[], [Air()]])])])
    chain.add(Air(), "v1.2 air")
    apply_settings(chain, ["chain.parallel.2.air.amount_db=4", "v1.2 air.amount_db=5"])
    assert chain[0][0].branches[1]["air"].amount_db == 4
    assert chain["v1.2 air"].amount_db == 5


def test_words_that_yaml_reads_otherwise_stay_words() -> None:
    chain = chain_from_text(f"{STAGES}- restorack.SpectralDenoiser: {{}}\n")
    apply_settings(chain, ["spectraldenoiser.noise_profile=0.5-1.5"])
    assert chain[0].noise_profile == "0.5-1.5"
    apply_settings(chain, ["spectraldenoiser.noise_profile=[a] & *b: c=d.wav"])
    assert chain[0].noise_profile == "[a] & *b: c=d.wav"


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("aire.amount_db=1", "no stage 'aire'; did you mean 'air'?"),
        ("air.amount=1", "did you mean 'amount_db'?"),
        ("air.amount_db=x", "a number from 0 to 12 dB"),
        ("air.amount_db=99", "a number from 0 to 12 dB"),
        ("air.amount_db=", "a number from 0 to 12 dB"),
        ("air.amount_db=.nan", "a number from 0 to 12 dB"),
        ("air.values=1", "no parameter 'values'"),
        ("compressor.ration=1", "did you mean 'ratio'?"),
        ("compressor.attack_s=1", "did you mean 'attack_ms'? (in ms)"),
        ("compressor.ratio=0.5", ">= 1"),
        ("compressor.ratio=true", "a number"),
        ("compressor.is_effect=true", "no parameter 'is_effect'"),
        ("zamcompx2.treshold_db=1", "did you mean 'threshold_db'?"),
        ("parallel.mix=1", "parallel.1.air.mix"),
        ("parallel.3.air.mix=1", "no branch '3'"),
        ("parallel.1.aire.mix=1", "did you mean 'air'?"),
        ("nonsense", "stage.param=value"),
        ("air=1", "stage.param=value"),
        (".mix=1", "stage.param=value"),
    ],
)
def test_settings_that_mean_nothing_say_what_was_meant(setting: str, words: str) -> None:
    with pytest.raises(ParameterError) as caught:
        apply_settings(chain_from_text(WHOLE), [setting])
    assert str(caught.value).startswith(f"--set {setting}")
    assert words in str(caught.value)


def test_stages_from_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dsp").mkdir()
    (tmp_path / "dsp" / "half.dsp").write_text("process = *(0.5), *(0.5);")
    monkeypatch.chdir(tmp_path)
    chain = chain_from_stages(
        [
            "restorack.Air",
            "pedalboard.Gain",
            "vst3=ZamCompX2",
            "lv2=urn:zamaudio:ZamEQ2",
            "faust=dsp/half.dsp",
            "restorack.Air",
        ]
    )
    assert chain.names == ["air", "gain", "zamcompx2", "zameq2", "half", "air_2"]
    assert chain["half"].spec.reference == "process = *(0.5), *(0.5);"


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("restorack.Aire", "did you mean 'restorack.Air'?"),
        ("gian", "did you mean 'pedalboard.Gain'?"),
        ("vst3=ZamCompX3", "did you mean 'ZamCompX2'?"),
        ("faust=gone.dsp", "cannot be read"),
        ("pedalboard.Convolution", "no impulse_response_filename"),
    ],
)
def test_stages_that_are_not_there_say_what_was_meant(reference: str, words: str) -> None:
    with pytest.raises(PresetError) as caught:
        chain_from_stages([reference])
    assert str(caught.value).startswith(f"--stage {reference}: ")
    assert words in str(caught.value)
