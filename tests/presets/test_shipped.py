"""The presets that come with the package."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.presets import chain_from_text, describe_preset, dump_preset, load_preset
from restorack.presets.finding import shipped_files
from restorack.testing.signals import worn_music

PROMISED = {
    "78rpm-light", "78rpm", "78rpm-heavy", "vinyl", "film-dialogue", "musicgen-polish",
    "musicgen-polish-acoustic", "musicgen-polish-electronic",
    "78rpm-transfer", "lp-side",
    "phone-to-studio", "hiss-only", "tape", "dialogue", "master-loud", "master-dynamic",
    "degrade-78rpm-light", "degrade-78rpm-default", "degrade-78rpm-heavy",
    "degrade-1920s-acoustic", "degrade-film", "degrade-phone", "degrade-musicgen",
}  # fmt: skip


def test_every_promised_preset_is_there() -> None:
    assert set(shipped_files()) >= PROMISED


@pytest.mark.parametrize("name", sorted(shipped_files()))
def test_a_shipped_preset_loads_describes_itself_and_survives_being_written(name: str) -> None:
    path = shipped_files()[name]
    chain = load_preset(path)
    assert chain.settings.name == name
    assert len(chain.settings.description) > 40
    text = dump_preset(chain)
    again = chain_from_text(text)
    assert dump_preset(again) == text
    assert again.settings == chain.settings
    assert again.names == chain.names
    assert describe_preset(path)["origin"] == "shipped"
    assert chain.skipped == []  # nothing that one has to install first


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(shipped_files()))
def test_a_shipped_preset_processes_stereo_at_its_rate(name: str) -> None:
    chain = load_preset(shipped_files()[name])
    rate = 44_100 if chain.settings.work_rate == "input" else int(chain.settings.work_rate)
    audio = worn_music(rate, 3.0, 2)
    out = chain(audio, rate)
    assert out.shape == audio.shape
    assert np.isfinite(out).all()
    assert not np.array_equal(out, audio)


POLISH = [
    "Declicker", "DecoderPeaks", "UNetDenoiser", "BandwidthExtender", "Loudness", "Compressor",
    "SpectralShaper", "Loudness",
]  # fmt: skip


def test_musicgen_polish_is_its_stages_also_per_material() -> None:
    names = ("musicgen-polish-acoustic", "musicgen-polish", "musicgen-polish-electronic")
    chains = [load_preset(shipped_files()[name]) for name in names]
    for chain in chains:
        assert [type(stage).__name__ for stage in chain] == POLISH
        output = chain.settings.output
        assert chain.settings.work_rate == output.sample_rate == 44_100
        assert (output.format, output.subtype, output.dither) == ("wav", "PCM_24", "triangular")
        assert chain["loudness"].mode == chain["programme"].mode == "lufs"
        assert chain["compressor"].threshold_db > chain["programme"].target  # peaks alone
        assert chain["loudness"].ceiling_dbtp < output.ceiling_dbtp == -1  # one gain, set once
    for stage, parameter in [
        ("unetdenoiser", "strength"), ("unetdenoiser", "max_attenuation_db"),
    ]:  # fmt: skip
        values = [getattr(chain[stage], parameter) for chain in chains]
        assert values == sorted(values, reverse=True)  # a loop's steady pads are no noise
    for stage, parameter in [
        ("compressor", "ratio"), ("bandwidthextender", "transient_emphasis"),
        ("loudness", "target"),
    ]:  # fmt: skip
        values = [getattr(chain[stage], parameter) for chain in chains]
        assert values == sorted(values)


def test_the_78rpm_presets_take_more_from_light_to_heavy() -> None:
    chains = [load_preset(shipped_files()[n]) for n in ("78rpm-light", "78rpm", "78rpm-heavy")]
    assert chains[0].names == chains[1].names
    assert [name for name in chains[2].names if name != "decrackler"] == chains[1].names
    assert chains[2].names.index("decrackler") == chains[2].names.index("declicker") + 1
    for stage, parameter in [
        ("declicker", "sensitivity"), ("derumble", "cutoff_hz"),
        ("unetdenoiser", "max_attenuation_db"),
    ]:  # fmt: skip
        values = [getattr(chain[stage], parameter) for chain in chains]
        assert values == sorted(set(values))
    longest = [chain["declicker"].max_click_ms for chain in chains]
    assert longest == sorted(longest)  # longer still, and attacks are taken for clicks
    for chain in chains:
        assert chain["declicker"].stereo == "mono_disc"  # both walls carry one signal
        assert chain.settings.work_rate == chain.settings.output.sample_rate == "input"


def test_the_damaging_presets_damage_more_from_light_to_heavy() -> None:
    names = ("degrade-78rpm-light", "degrade-78rpm-default", "degrade-78rpm-heavy")
    chains = [load_preset(shipped_files()[name]) for name in names]
    for stage, parameter in [
        ("surfacenoise", "level_db"), ("rumble", "level_db"), ("crackle", "rate_per_s"),
        ("clicks", "rate_per_s"), ("clicks", "amplitude_max"), ("wowflutter", "wow_percent"),
    ]:  # fmt: skip
        values = [getattr(chain[stage], parameter) for chain in chains]
        assert values == sorted(set(values))


@pytest.mark.parametrize("name", ["dialogue", "phone-to-studio"])
def test_speech_is_declipped_first_and_what_is_not_clipped_passes(name: str) -> None:
    chain = load_preset(shipped_files()[name])
    declipper = chain[0]
    assert chain.names[0] == "declipper"
    rate = 44_100
    noisy = worn_music(rate, 3.0, 1)
    assert np.array_equal(declipper(noisy, rate), noisy)
    time = np.arange(3 * rate) / rate
    swell = 0.6 + 0.3 * np.sin(2.0 * np.pi * 0.7 * time)
    tones = [np.sin(2.0 * np.pi * hertz * time) / hertz for hertz in (190.0, 410.0, 730.0)]
    voice = (100.0 * swell * np.sum(tones, axis=0))[np.newaxis].astype(np.float32)
    clipped = np.clip(voice, -0.5, 0.5)
    lost, left = (np.sum((one - voice) ** 2) for one in (clipped, declipper(clipped, rate)))
    assert left < 0.1 * lost
