"""restorack: a restoration rack for audio.

Restoration stages as pedalboard-compatible processors, chained with pedalboard's effects and
third-party plugins in YAML presets, rendered offline.

The public names are loaded when they are first used, so that ``import restorack`` is quick:
``Chain``, ``Parallel``, ``load_preset``, ``save_preset``, ``preset_names``, ``render``,
``Processor``, ``vst3``, ``lv2``, ``faust``, the errors and every stage that comes with the
package.

``restorack.render`` is a package that can be called: ``restorack.render(...)`` renders a file, and
``restorack.render.api`` stays reachable, whichever comes first.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from restorack.version import __version__

if TYPE_CHECKING:
    from restorack.chains import Chain, ChainSettings, OutputSettings, Parallel
    from restorack.core.processor import Processor
    from restorack.degrade.additive.clicks import Clicks
    from restorack.degrade.additive.crackle import Crackle
    from restorack.degrade.additive.film_noise import FilmNoise
    from restorack.degrade.additive.hiss import Hiss
    from restorack.degrade.additive.hum import Hum
    from restorack.degrade.additive.noise_folder import NoiseFolder
    from restorack.degrade.additive.rumble import Rumble
    from restorack.degrade.additive.surface_noise import SurfaceNoise
    from restorack.degrade.additive.thumps import Thumps
    from restorack.degrade.channel.band_limit import BandLimit
    from restorack.degrade.channel.horn_resonance import HornResonance
    from restorack.degrade.channel.phone_microphone import PhoneMicrophone
    from restorack.degrade.channel.room import Room
    from restorack.degrade.channel.tracing_distortion import TracingDistortion
    from restorack.degrade.channel.tube_distortion import TubeDistortion
    from restorack.degrade.channel.wow_flutter import WowFlutter
    from restorack.degrade.codecs.codec_damage import CodecDamage
    from restorack.degrade.codecs.neural_codec_damage import NeuralCodecDamage
    from restorack.degrade.degradation import Damaged, DamageEvent, Degradation
    from restorack.degrade.random_damage import damage_excerpt, draw_damage
    from restorack.errors import (
        AudioError,
        AudioTypeError,
        ConfigError,
        CorpusError,
        DiskFullError,
        FileError,
        ParameterError,
        PluginCrashError,
        PluginError,
        PluginHangError,
        PresetError,
        RegistryError,
        RenderError,
        RestorackError,
        SandboxError,
        TrainingError,
        WeightsError,
    )
    from restorack.hosting.stage import faust, lv2, vst3
    from restorack.plugins.air import Air
    from restorack.plugins.bandwidth.extender import BandwidthExtender
    from restorack.plugins.declick.declicker import Declicker
    from restorack.plugins.declick.decrackler import Decrackler
    from restorack.plugins.dehum import Dehum
    from restorack.plugins.denoise.learned_mask import LearnedMask
    from restorack.plugins.denoise.spectral import SpectralDenoiser
    from restorack.plugins.denoise.unet import UNetDenoiser
    from restorack.plugins.derumble import Derumble
    from restorack.plugins.disc.playback_eq import PlaybackEq
    from restorack.plugins.dither import Dither
    from restorack.plugins.loudness import Loudness
    from restorack.plugins.shaper import SpectralShaper
    from restorack.presets import (
        check_preset,
        describe_preset,
        dump_preset,
        load_preset,
        preset_names,
        save_preset,
    )
    from restorack.render import render

_HOMES = {
    "restorack.chains": ("Chain", "ChainSettings", "OutputSettings", "Parallel"),
    "restorack.core.processor": ("Processor",),
    "restorack.degrade.channel.band_limit": ("BandLimit",),
    "restorack.degrade.additive.clicks": ("Clicks",),
    "restorack.degrade.codecs.codec_damage": ("CodecDamage",),
    "restorack.degrade.additive.crackle": ("Crackle",),
    "restorack.degrade.degradation": ("Damaged", "DamageEvent", "Degradation"),
    "restorack.degrade.additive.film_noise": ("FilmNoise",),
    "restorack.degrade.additive.hiss": ("Hiss",),
    "restorack.degrade.channel.horn_resonance": ("HornResonance",),
    "restorack.degrade.additive.hum": ("Hum",),
    "restorack.degrade.codecs.neural_codec_damage": ("NeuralCodecDamage",),
    "restorack.degrade.additive.noise_folder": ("NoiseFolder",),
    "restorack.degrade.channel.phone_microphone": ("PhoneMicrophone",),
    "restorack.degrade.random_damage": ("damage_excerpt", "draw_damage"),
    "restorack.degrade.channel.room": ("Room",),
    "restorack.degrade.additive.rumble": ("Rumble",),
    "restorack.degrade.additive.surface_noise": ("SurfaceNoise",),
    "restorack.degrade.additive.thumps": ("Thumps",),
    "restorack.degrade.channel.tracing_distortion": ("TracingDistortion",),
    "restorack.degrade.channel.tube_distortion": ("TubeDistortion",),
    "restorack.degrade.channel.wow_flutter": ("WowFlutter",),
    "restorack.errors": (
        "AudioError", "AudioTypeError", "ConfigError", "CorpusError", "DiskFullError",
        "FileError", "ParameterError", "PluginCrashError", "PluginError", "PluginHangError",
        "PresetError", "RegistryError", "RenderError", "RestorackError", "SandboxError",
        "TrainingError",
        "WeightsError",
    ),
    "restorack.hosting.stage": ("faust", "lv2", "vst3"),
    "restorack.plugins.air": ("Air",),
    "restorack.plugins.bandwidth.extender": ("BandwidthExtender",),
    "restorack.plugins.declick.declicker": ("Declicker",),
    "restorack.plugins.declick.decrackler": ("Decrackler",),
    "restorack.plugins.dehum": ("Dehum",),
    "restorack.plugins.denoise.spectral": ("SpectralDenoiser",),
    "restorack.plugins.derumble": ("Derumble",),
    "restorack.plugins.disc.playback_eq": ("PlaybackEq",),
    "restorack.plugins.dither": ("Dither",),
    "restorack.plugins.denoise.learned_mask": ("LearnedMask",),
    "restorack.plugins.loudness": ("Loudness",),
    "restorack.plugins.shaper": ("SpectralShaper",),
    "restorack.plugins.denoise.unet": ("UNetDenoiser",),
    "restorack.presets": (
        "check_preset", "describe_preset", "dump_preset", "load_preset", "preset_names",
        "save_preset",
    ),
}  # fmt: skip
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Air",
    "AudioError",
    "AudioTypeError",
    "BandLimit",
    "BandwidthExtender",
    "Chain",
    "ChainSettings",
    "Clicks",
    "CodecDamage",
    "ConfigError",
    "CorpusError",
    "Crackle",
    "DamageEvent",
    "Damaged",
    "Declicker",
    "Decrackler",
    "Degradation",
    "Dehum",
    "Derumble",
    "DiskFullError",
    "Dither",
    "FileError",
    "FilmNoise",
    "Hiss",
    "HornResonance",
    "Hum",
    "LearnedMask",
    "Loudness",
    "NeuralCodecDamage",
    "NoiseFolder",
    "OutputSettings",
    "Parallel",
    "ParameterError",
    "PhoneMicrophone",
    "PlaybackEq",
    "PluginCrashError",
    "PluginError",
    "PluginHangError",
    "PresetError",
    "Processor",
    "RegistryError",
    "RenderError",
    "RestorackError",
    "Room",
    "Rumble",
    "SandboxError",
    "SpectralDenoiser",
    "SpectralShaper",
    "SurfaceNoise",
    "Thumps",
    "TracingDistortion",
    "TrainingError",
    "TubeDistortion",
    "UNetDenoiser",
    "WeightsError",
    "WowFlutter",
    "__version__",
    "check_preset",
    "damage_excerpt",
    "describe_preset",
    "draw_damage",
    "dump_preset",
    "faust",
    "load_preset",
    "lv2",
    "preset_names",
    "render",
    "save_preset",
    "vst3",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name == "render":  # the package itself: importing it binds the name
        return import_module("restorack.render")
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
