# The public names and where they live: read by type checkers, and by __init__.py at run time.
from restorack.chains import (
    Chain as Chain,
    ChainSettings as ChainSettings,
    OutputSettings as OutputSettings,
    Parallel as Parallel,
)
from restorack.core.processor import Processor as Processor
from restorack.degrade.additive.clicks import Clicks as Clicks
from restorack.degrade.additive.crackle import Crackle as Crackle
from restorack.degrade.additive.film_noise import FilmNoise as FilmNoise
from restorack.degrade.additive.hiss import Hiss as Hiss
from restorack.degrade.additive.hum import Hum as Hum
from restorack.degrade.additive.noise_folder import NoiseFolder as NoiseFolder
from restorack.degrade.additive.rumble import Rumble as Rumble
from restorack.degrade.additive.surface_noise import SurfaceNoise as SurfaceNoise
from restorack.degrade.additive.thumps import Thumps as Thumps
from restorack.degrade.channel.band_limit import BandLimit as BandLimit
from restorack.degrade.channel.horn_resonance import HornResonance as HornResonance
from restorack.degrade.channel.phone_microphone import PhoneMicrophone as PhoneMicrophone
from restorack.degrade.channel.room import Room as Room
from restorack.degrade.channel.tracing_distortion import TracingDistortion as TracingDistortion
from restorack.degrade.channel.tube_distortion import TubeDistortion as TubeDistortion
from restorack.degrade.channel.wow_flutter import WowFlutter as WowFlutter
from restorack.degrade.codecs.codec_damage import CodecDamage as CodecDamage
from restorack.degrade.codecs.neural_codec_damage import NeuralCodecDamage as NeuralCodecDamage
from restorack.degrade.degradation import (
    Damaged as Damaged,
    DamageEvent as DamageEvent,
    Degradation as Degradation,
)
from restorack.degrade.random_damage import (
    damage_excerpt as damage_excerpt,
    draw_damage as draw_damage,
)
from restorack.errors import (
    AudioError as AudioError,
    AudioTypeError as AudioTypeError,
    ConfigError as ConfigError,
    CorpusError as CorpusError,
    DiskFullError as DiskFullError,
    FileError as FileError,
    ParameterError as ParameterError,
    PluginCrashError as PluginCrashError,
    PluginError as PluginError,
    PluginHangError as PluginHangError,
    PresetError as PresetError,
    RegistryError as RegistryError,
    RenderError as RenderError,
    RestorackError as RestorackError,
    SandboxError as SandboxError,
    TrainingError as TrainingError,
    WeightsError as WeightsError,
)
from restorack.hosting.stage import (
    faust as faust,
    lv2 as lv2,
    vst3 as vst3,
)
from restorack.plugins.air import Air as Air
from restorack.plugins.bandwidth.extender import BandwidthExtender as BandwidthExtender
from restorack.plugins.declick.declicker import Declicker as Declicker
from restorack.plugins.declick.decrackler import Decrackler as Decrackler
from restorack.plugins.dehum import Dehum as Dehum
from restorack.plugins.denoise.learned_mask import LearnedMask as LearnedMask
from restorack.plugins.denoise.spectral import SpectralDenoiser as SpectralDenoiser
from restorack.plugins.denoise.unet import UNetDenoiser as UNetDenoiser
from restorack.plugins.derumble import Derumble as Derumble
from restorack.plugins.disc.azimuth import Azimuth as Azimuth
from restorack.plugins.disc.groove_walls import GrooveWalls as GrooveWalls
from restorack.plugins.disc.mono_below import MonoBelow as MonoBelow
from restorack.plugins.disc.playback_eq import PlaybackEq as PlaybackEq
from restorack.plugins.disc.speed_corrector import SpeedCorrector as SpeedCorrector
from restorack.plugins.disc.varispeed import Varispeed as Varispeed
from restorack.plugins.disc.wow_corrector import WowCorrector as WowCorrector
from restorack.plugins.dither import Dither as Dither
from restorack.plugins.loudness import Loudness as Loudness
from restorack.plugins.shaper import SpectralShaper as SpectralShaper
from restorack.presets import (
    check_preset as check_preset,
    describe_preset as describe_preset,
    dump_preset as dump_preset,
    load_preset as load_preset,
    preset_names as preset_names,
    save_preset as save_preset,
)
from restorack.render import render as render
from restorack.version import __version__ as __version__
