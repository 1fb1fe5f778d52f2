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
    from restorack.contract.processor import Processor
    from restorack.degrade.band_limit import BandLimit
    from restorack.degrade.codec_damage import CodecDamage
    from restorack.degrade.horn_resonance import HornResonance
    from restorack.degrade.neural_codec_damage import NeuralCodecDamage
    from restorack.degrade.phone_microphone import PhoneMicrophone
    from restorack.degrade.room import Room
    from restorack.degrade.tracing_distortion import TracingDistortion
    from restorack.degrade.tube_distortion import TubeDistortion
    from restorack.degrade.wow_flutter import WowFlutter
    from restorack.errors import (
        AudioError,
        AudioTypeError,
        ConfigError,
        CorpusError,
        DiskFullError,
        FileError,
        ParameterError,
        PluginError,
        PresetError,
        RegistryError,
        RenderError,
        RestorackError,
        TrainingError,
        WeightsError,
    )
    from restorack.hosting.stage import faust, lv2, vst3
    from restorack.plugins.air import Air
    from restorack.plugins.bandwidth import BandwidthExtender
    from restorack.plugins.declick import Declicker
    from restorack.plugins.dehum import Dehum
    from restorack.plugins.denoise import SpectralDenoiser
    from restorack.plugins.derumble import Derumble
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
    "restorack.contract.processor": ("Processor",),
    "restorack.degrade.band_limit": ("BandLimit",),
    "restorack.degrade.codec_damage": ("CodecDamage",),
    "restorack.degrade.horn_resonance": ("HornResonance",),
    "restorack.degrade.neural_codec_damage": ("NeuralCodecDamage",),
    "restorack.degrade.phone_microphone": ("PhoneMicrophone",),
    "restorack.degrade.room": ("Room",),
    "restorack.degrade.tracing_distortion": ("TracingDistortion",),
    "restorack.degrade.tube_distortion": ("TubeDistortion",),
    "restorack.degrade.wow_flutter": ("WowFlutter",),
    "restorack.errors": (
        "AudioError", "AudioTypeError", "ConfigError", "CorpusError", "DiskFullError",
        "FileError", "ParameterError", "PluginError", "PresetError", "RegistryError",
        "RenderError", "RestorackError", "TrainingError", "WeightsError",
    ),
    "restorack.hosting.stage": ("faust", "lv2", "vst3"),
    "restorack.plugins.air": ("Air",),
    "restorack.plugins.bandwidth": ("BandwidthExtender",),
    "restorack.plugins.declick": ("Declicker",),
    "restorack.plugins.dehum": ("Dehum",),
    "restorack.plugins.denoise": ("SpectralDenoiser",),
    "restorack.plugins.derumble": ("Derumble",),
    "restorack.plugins.dither": ("Dither",),
    "restorack.plugins.loudness": ("Loudness",),
    "restorack.plugins.shaper": ("SpectralShaper",),
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
    "CodecDamage",
    "ConfigError",
    "CorpusError",
    "Declicker",
    "Dehum",
    "Derumble",
    "DiskFullError",
    "Dither",
    "FileError",
    "HornResonance",
    "Loudness",
    "NeuralCodecDamage",
    "OutputSettings",
    "Parallel",
    "ParameterError",
    "PhoneMicrophone",
    "PluginError",
    "PresetError",
    "Processor",
    "RegistryError",
    "RenderError",
    "RestorackError",
    "Room",
    "SpectralDenoiser",
    "SpectralShaper",
    "TracingDistortion",
    "TrainingError",
    "TubeDistortion",
    "WeightsError",
    "WowFlutter",
    "__version__",
    "check_preset",
    "describe_preset",
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
