"""Every stage of restorack, by name. Written by scripts/stage_stubs.py; do not edit."""

from __future__ import annotations

from restorack.lazy_names import importer

_HOME_OF = {
    "Air": "restorack.plugins.air",
    "Azimuth": "restorack.plugins.disc.azimuth",
    "BandLimit": "restorack.degrade.channel.band_limit",
    "BandwidthExtender": "restorack.plugins.bandwidth.extender",
    "Clicks": "restorack.degrade.additive.clicks",
    "CodecDamage": "restorack.degrade.codecs.codec_damage",
    "Crackle": "restorack.degrade.additive.crackle",
    "DeEsser": "restorack.plugins.dynamics.deesser",
    "Declicker": "restorack.plugins.declick.declicker",
    "Declipper": "restorack.plugins.declip.declipper",
    "DecoderPeaks": "restorack.plugins.decoder_peaks",
    "DeconvolutionPeaks": "restorack.degrade.codecs.deconvolution_peaks",
    "Decrackler": "restorack.plugins.declick.decrackler",
    "Dehum": "restorack.plugins.dehum",
    "Dereverb": "restorack.plugins.room.dereverb",
    "Derumble": "restorack.plugins.derumble",
    "Dither": "restorack.plugins.dither",
    "FilmNoise": "restorack.degrade.additive.film_noise",
    "GrooveWalls": "restorack.plugins.disc.groove_walls",
    "Hiss": "restorack.degrade.additive.hiss",
    "HornResonance": "restorack.degrade.channel.horn_resonance",
    "Hum": "restorack.degrade.additive.hum",
    "LearnedMask": "restorack.plugins.denoise.learned_mask",
    "Limiter": "restorack.plugins.dynamics.limiter",
    "Loudness": "restorack.plugins.loudness",
    "Match": "restorack.plugins.matching.match",
    "MonoBelow": "restorack.plugins.disc.mono_below",
    "NeuralCodecDamage": "restorack.degrade.codecs.neural_codec_damage",
    "NoiseFolder": "restorack.degrade.additive.noise_folder",
    "PhoneMicrophone": "restorack.degrade.channel.phone_microphone",
    "PlaybackEq": "restorack.plugins.disc.playback_eq",
    "Room": "restorack.degrade.channel.room",
    "Rumble": "restorack.degrade.additive.rumble",
    "SpectralDenoiser": "restorack.plugins.denoise.spectral",
    "SpectralShaper": "restorack.plugins.shaper",
    "SpeedCorrector": "restorack.plugins.disc.speed_corrector",
    "SurfaceNoise": "restorack.degrade.additive.surface_noise",
    "Thumps": "restorack.degrade.additive.thumps",
    "TracingDistortion": "restorack.degrade.channel.tracing_distortion",
    "TubeDistortion": "restorack.degrade.channel.tube_distortion",
    "UNetDenoiser": "restorack.plugins.denoise.unet",
    "Varispeed": "restorack.plugins.disc.varispeed",
    "WowCorrector": "restorack.plugins.disc.wow_corrector",
    "WowFlutter": "restorack.degrade.channel.wow_flutter",
}

__getattr__ = importer(__name__, _HOME_OF)
