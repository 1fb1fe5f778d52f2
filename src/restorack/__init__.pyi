# The public names and where they live: read by type checkers, and by __init__.py at run time.
from restorack.analysis import analyze as analyze
from restorack.chains import (
    Chain as Chain,
    ChainSettings as ChainSettings,
    OutputSettings as OutputSettings,
    Parallel as Parallel,
    Pedalboard as Pedalboard,
)
from restorack.core.processor import Processor as Processor
from restorack.core.registry import register as register
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
    ChecksumError as ChecksumError,
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
    StreamWarning as StreamWarning,
    TrainingError as TrainingError,
    TransferError as TransferError,
    UnknownAttributeError as UnknownAttributeError,
    WeightsError as WeightsError,
)
from restorack.hosting.loading import load_plugin as load_plugin
from restorack.hosting.stage import (
    faust as faust,
    lv2 as lv2,
    vst3 as vst3,
)
from restorack.matching.match import match as match
from restorack.merging.merge import merge as merge
from restorack.metrics.signals import evaluate as evaluate
from restorack.presets import (
    check_preset as check_preset,
    describe_preset as describe_preset,
    dump_preset as dump_preset,
    list_presets as list_presets,
    load_preset as load_preset,
    preset_names as preset_names,
    save_preset as save_preset,
)
from restorack.render import render as render
from restorack.render.batch.simple import batch as batch
from restorack.render.session import load_session as load_session
from restorack.separation.separate import separate as separate
from restorack.splitting.split import split as split
from restorack.stages import (
    Air as Air,
    Azimuth as Azimuth,
    BandLimit as BandLimit,
    BandwidthExtender as BandwidthExtender,
    Clicks as Clicks,
    CodecDamage as CodecDamage,
    Crackle as Crackle,
    Declicker as Declicker,
    Declipper as Declipper,
    DecoderPeaks as DecoderPeaks,
    DeconvolutionPeaks as DeconvolutionPeaks,
    Decrackler as Decrackler,
    DeEsser as DeEsser,
    Dehum as Dehum,
    Dereverb as Dereverb,
    Derumble as Derumble,
    Dither as Dither,
    FilmNoise as FilmNoise,
    GrooveWalls as GrooveWalls,
    Hiss as Hiss,
    HornResonance as HornResonance,
    Hum as Hum,
    LearnedMask as LearnedMask,
    Limiter as Limiter,
    Loudness as Loudness,
    Match as Match,
    MonoBelow as MonoBelow,
    NeuralCodecDamage as NeuralCodecDamage,
    NoiseFolder as NoiseFolder,
    PhoneMicrophone as PhoneMicrophone,
    PlaybackEq as PlaybackEq,
    Room as Room,
    Rumble as Rumble,
    SpectralDenoiser as SpectralDenoiser,
    SpectralShaper as SpectralShaper,
    SpeedCorrector as SpeedCorrector,
    SurfaceNoise as SurfaceNoise,
    Thumps as Thumps,
    TracingDistortion as TracingDistortion,
    TubeDistortion as TubeDistortion,
    UNetDenoiser as UNetDenoiser,
    Varispeed as Varispeed,
    WowCorrector as WowCorrector,
    WowFlutter as WowFlutter,
)
from restorack.tuning.tune import TuneOptions as TuneOptions, tune as tune
from restorack.version import __version__ as __version__
