"""Every stage of restorack, by name. Written by scripts/stage_stubs.py; do not edit."""

from typing import Literal

from restorack.degrade.additive.clicks import Clicks as _Clicks
from restorack.degrade.additive.crackle import Crackle as _Crackle
from restorack.degrade.additive.film_noise import FilmNoise as _FilmNoise
from restorack.degrade.additive.hiss import Hiss as _Hiss
from restorack.degrade.additive.hum import Hum as _Hum
from restorack.degrade.additive.noise_folder import NoiseFolder as _NoiseFolder
from restorack.degrade.additive.rumble import Rumble as _Rumble
from restorack.degrade.additive.surface_noise import SurfaceNoise as _SurfaceNoise
from restorack.degrade.additive.thumps import Thumps as _Thumps
from restorack.degrade.channel.band_limit import BandLimit as _BandLimit
from restorack.degrade.channel.horn_resonance import HornResonance as _HornResonance
from restorack.degrade.channel.phone_microphone import PhoneMicrophone as _PhoneMicrophone
from restorack.degrade.channel.room import Room as _Room
from restorack.degrade.channel.tracing_distortion import TracingDistortion as _TracingDistortion
from restorack.degrade.channel.tube_distortion import TubeDistortion as _TubeDistortion
from restorack.degrade.channel.wow_flutter import WowFlutter as _WowFlutter
from restorack.degrade.codecs.codec_damage import CodecDamage as _CodecDamage
from restorack.degrade.codecs.deconvolution_peaks import DeconvolutionPeaks as _DeconvolutionPeaks
from restorack.degrade.codecs.neural_codec_damage import NeuralCodecDamage as _NeuralCodecDamage
from restorack.plugins.air import Air as _Air
from restorack.plugins.bandwidth.extender import BandwidthExtender as _BandwidthExtender
from restorack.plugins.declick.declicker import Declicker as _Declicker
from restorack.plugins.declick.decrackler import Decrackler as _Decrackler
from restorack.plugins.declip.declipper import Declipper as _Declipper
from restorack.plugins.decoder_peaks import DecoderPeaks as _DecoderPeaks
from restorack.plugins.dehum import Dehum as _Dehum
from restorack.plugins.denoise.learned_mask import LearnedMask as _LearnedMask
from restorack.plugins.denoise.spectral import SpectralDenoiser as _SpectralDenoiser
from restorack.plugins.denoise.unet import UNetDenoiser as _UNetDenoiser
from restorack.plugins.derumble import Derumble as _Derumble
from restorack.plugins.disc.azimuth import Azimuth as _Azimuth
from restorack.plugins.disc.groove_walls import GrooveWalls as _GrooveWalls
from restorack.plugins.disc.mono_below import MonoBelow as _MonoBelow
from restorack.plugins.disc.playback_eq import PlaybackEq as _PlaybackEq
from restorack.plugins.disc.speed_corrector import SpeedCorrector as _SpeedCorrector
from restorack.plugins.disc.varispeed import Varispeed as _Varispeed
from restorack.plugins.disc.wow_corrector import WowCorrector as _WowCorrector
from restorack.plugins.dither import Dither as _Dither
from restorack.plugins.dynamics.deesser import DeEsser as _DeEsser
from restorack.plugins.dynamics.limiter import Limiter as _Limiter
from restorack.plugins.loudness import Loudness as _Loudness
from restorack.plugins.matching.match import Match as _Match
from restorack.plugins.room.dereverb import Dereverb as _Dereverb
from restorack.plugins.shaper import SpectralShaper as _SpectralShaper

class Air(_Air):
    """Lift the top by a linear-phase shelf or bell.

    The output is the input plus the band above ``frequency_hz`` times a gain, so that the gain
    can move without clicks; with ``amount_db = 0`` the input passes bit for bit.

    Parameters
    ----------
    amount_db : a number from 0 to 12 dB, default 1.2
        Lift of the band; 0 returns the input bit for bit. Can be automated.
    frequency_hz : a number from 2000 to 40000 Hz, default 10000.0
        The lift is whole from here up; it begins half an octave below.
    shape : one of shelf, bell, default 'shelf'
        A shelf lifts all above; a bell ends at 1.6 times the frequency (10 to 16 kHz) and is
        gone half an octave higher, which spares the hiss there.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    Between two points of the automation grid the gain runs in a straight line; a value that is
    set by hand during a stream is reached over 64 samples.
    """

    def __init__(
        self,
        *,
        amount_db: float = 1.2,
        frequency_hz: float = 10000.0,
        shape: Literal["shelf", "bell"] = "shelf",
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class Azimuth(_Azimuth):
    """Correct the time between two channels, to a hundredth of a sample, also where it drifts.

    A head or stylus that stands askew reads one track or wall earlier than the other, and their
    sum loses its top. The right channel is moved; the left one stays bit for bit. The delay is
    measured in a first pass, every second. Where it is below 0.02 samples, the segments do not
    agree on it, or the channels are not one signal (a correlation under 0.88), the input passes bit
    for bit, and so does what does not have two channels. ``delay_ms`` sets it for those.

    Parameters
    ----------
    delay_ms : auto, or a number from -1 to 1 ms, default 'auto'
        How late the right channel is; auto measures it in a first pass.
    drift : true or false, default True
        Follow the delay through the file; else one for all.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    Measured by the generalised cross-correlation with maximum-likelihood weights (Knapp and Carter
    1976), corrected by a sinc of 128 points in a Kaiser window: errors below -100 dB up to 0.45 of
    the sample rate.
    """

    def __init__(
        self,
        *,
        delay_ms: float | Literal["auto"] = "auto",
        drift: bool = True,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class BandLimit(_BandLimit):
    """Limit the band, with the slopes of many carriers.

    The default is an acoustic record's, 200 Hz to 3.5 kHz. Butterworth, Bessel, Chebyshev (0.5 dB
    of ripple), inverse Chebyshev and elliptic filters (50 dB in the stop band), ``telephone`` and
    the top of ``am_radio`` are 3 dB down at their edges (a telephone's before the 3 dB an octave
    of its carbon transmitter); ``brickwall`` and ``soft`` (two octaves wide) 6 dB; ``mp3`` keeps
    a shelf at -24 dB from its edge to 19/16 of it.

    Parameters
    ----------
    seed : a whole number from 0 to 2147483647, default 0
        Another seed, other damage of the same kind.
    low_hz : a number from 0 to 8000 Hz, default 200.0
        Lower edge; 0 leaves that side open.
    high_hz : a number from 0 to 96000 Hz, default 3500.0
        Upper edge; 0 leaves that side open.
    shape : one of butterworth, bessel, chebyshev, inverse_chebyshev, elliptic, brickwall, soft, telephone, am_radio, mp3, random, default 'butterworth'
        How the band ends; random draws shape and order by the seed and moves the edges by up to
        a third of an octave.
    order : a whole number from 1 to 12, default 4
        Order of each slope, for the first five shapes.
    phase : one of zero, minimum, default 'zero'
        zero moves nothing in time; minimum has the phase of the circuit.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    Both phases have the same magnitude. ``zero`` moves nothing in time; ``minimum`` has the phase
    of the circuit, which delays the band's edges. Edges above half the sample rate do nothing.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        low_hz: float = 200.0,
        high_hz: float = 3500.0,
        shape: Literal["butterworth", "bessel", "chebyshev", "inverse_chebyshev", "elliptic", "brickwall", "soft", "telephone", "am_radio", "mp3", "random"] = "butterworth",
        order: int = 4,
        phase: Literal["zero", "minimum"] = "zero",
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class BandwidthExtender(_BandwidthExtender):
    """Add the missing top to a recording whose band ends at a wall or a steep slope.

    A first pass finds where the band ends, every three seconds anew where that changes; a full
    band comes back bit for bit. Above the edge the octave below it is copied upwards under an
    envelope predicted from the frames around it, by a straight fall, a trained network, or the
    mean of both. Below the edge nothing changes: what is added passes a linear-phase high-pass at
    the edge first.

    Parameters
    ----------
    mode : one of auto, classical, neural, default 'auto'
        What predicts the envelope: a fall in dB per octave, a trained network, or the mean of
        both.
    amount_db : a number from -24 to 12 dB, default 0.0
        Level of what is added; 0 is the predicted one. Can be automated.
    max_frequency_hz : a number from 2000 to 384000 Hz, default 20000.0
        Nothing is added above it, nor above the Nyquist frequency.
    transient_emphasis : a number from 0 to 1, default 0.4
        How much onsets stand out in what is added. Can be automated.
    edge_hz : a number from 0 to 384000 Hz, default 0.0
        Where the recorded band ends; 0 finds it.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.
    """

    def __init__(
        self,
        *,
        mode: Literal["auto", "classical", "neural"] = "auto",
        amount_db: float = 0.0,
        max_frequency_hz: float = 20000.0,
        transient_emphasis: float = 0.4,
        edge_hz: float = 0.0,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class Clicks(_Clicks):
    """Add clicks as a stylus makes them: asymmetric pulses, ringing, short scuffs.

    Isolated ones fall anywhere (events of the kind ``click``); scratches recur once a turn, drift
    along the groove, change a little in level and shape, and end after some turns (``scratch``).
    Peak and length of every click are within the set ranges, a scratch's length within 1.5 times.

    Parameters
    ----------
    seed : a whole number from 0 to 2147483647, default 0
        Another seed, other damage of the same kind.
    relative_to : one of programme, full_scale, default 'programme'
        What levels count from: the programme's own RMS (noise) and peak (impulses) over all
        channels, or full scale (an RMS of 1, a peak of 1).
    rate_per_s : a number from 0 to 50 per second, default 10.0
        Impulses per second, all together; 5 to 20 is ordinary.
    amplitude_min : a number from 0.001 to 4, default 0.1
        Peak of the quietest impulses, as a part of the programme's peak (or of 1); peaks are
        drawn evenly in dB between both.
    amplitude_max : a number from 0.001 to 4, default 0.5
        Peak of the loudest impulses, as a part of the programme's peak (or of 1).
    recurring : a number from 0 to 1, default 0.3
        The part of the impulses that comes from scratches, once a turn.
    rpm : a number from 10 to 120 rpm, default 78.26
        Speed of the record: 78.26, 33.33, 45, ...
    stereo : one of mixed, same, one, default 'mixed'
        Where impulses fall with several channels: the same on all, on one, or mixed as in a
        groove (in phase, out of phase, one wall alone).
    length_min_ms : a number from 0.02 to 20 ms, default 0.1
        The shortest clicks; lengths are drawn evenly over their logarithm.
    length_max_ms : a number from 0.02 to 20 ms, default 3.0
        The longest clicks.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    A click is the response of a damped mechanical system to a short push: a swing of 0.07 to
    0.3 ms, there and back as pickups of velocity make it, or a slower bump; then the ringing of
    two resonances of stylus and groove that one record's clicks have in common; scuffs are rough.
    Looked up on real vinyl: swings of 0.1 to 0.3 ms whose halves are about as high, then 1 to 2 ms
    of ringing near 4 kHz, 10 to 25 dB lower. Lengths as in Godsill and Rayner, Digital Audio
    Restoration (1998), chapter 5.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        relative_to: Literal["programme", "full_scale"] = "programme",
        rate_per_s: float = 10.0,
        amplitude_min: float = 0.1,
        amplitude_max: float = 0.5,
        recurring: float = 0.3,
        rpm: float = 78.26,
        stereo: Literal["mixed", "same", "one"] = "mixed",
        length_min_ms: float = 0.1,
        length_max_ms: float = 3.0,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class CodecDamage(_CodecDamage):
    """Code and decode the sound as MP3, AAC or a GSM telephone would.

    Bits are counted per channel: 64 kbit/s are an MP3's 128 in stereo. GSM has 13 kbit/s and a
    rate of 8 kHz, which leaves nothing above 4 kHz.

    Parameters
    ----------
    seed : a whole number from 0 to 2147483647, default 0
        Changes nothing: the stage draws nothing at random.
    codec : one of mp3, aac, gsm, default 'mp3'
        What is modelled.
    kbps_per_channel : a number from 12 to 320 kbit/s, default 64.0
        Bit rate of one channel, for mp3 and aac.
    bandwidth_hz : a number from 0 to 24000 Hz, default 0.0
        What mp3 and aac keep of the band; 0 for what is usual at the bit rate.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    Models of the codecs, not the codecs: see
    :class:`~restorack.degrade.codecs.transform_codec.TransformCodec` and
    :class:`GsmCodec`. They have the transforms, block switching, masking,
    quantisers and bit budgets, and so their quantisation noise, pre-echo, holes and band limits;
    they need no other program, add no delay and give the same for every split.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        codec: Literal["mp3", "aac", "gsm"] = "mp3",
        kbps_per_channel: float = 64.0,
        bandwidth_hz: float = 0.0,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class Crackle(_Crackle):
    """Add hundreds of small impulses per second, whose levels have a heavy tail.

    They are 0.03 to 0.4 ms long and fall more densely in some parts of the turn than in others.

    Parameters
    ----------
    seed : a whole number from 0 to 2147483647, default 0
        Another seed, other damage of the same kind.
    relative_to : one of programme, full_scale, default 'programme'
        What levels count from: the programme's own RMS (noise) and peak (impulses) over all
        channels, or full scale (an RMS of 1, a peak of 1).
    rate_per_s : a number from 0 to 4000 per second, default 400.0
        Impulses per second.
    level_db : a number from -90 to 0 dB, default -36.0
        Median peak of the impulses over the programme's peak (or over 1). Can be automated.
    spread_db : a number from 0 to 12 dB, default 6.0
        Standard deviation of the impulses' peaks.
    swing_db : a number from 0 to 8 dB, default 2.5
        Standard deviation of the density around a turn.
    rpm : a number from 10 to 120 rpm, default 78.26
        Speed of the record: 78.26, 33.33, 45, ...
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    Levels are log-normal: Gaussian in dB, within three deviations. Density follows a pattern
    around the turn (:class:`TurnPattern`); its mean is the set rate.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        relative_to: Literal["programme", "full_scale"] = "programme",
        rate_per_s: float = 400.0,
        level_db: float = -36.0,
        spread_db: float = 6.0,
        swing_db: float = 2.5,
        rpm: float = 78.26,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class DeEsser(_DeEsser):
    """Lower the sibilance of a voice where it stands out, and nothing else.

    A frame of 12 ms is a sibilant where the energy from 3.5 to 12 kHz exceeds that of the vowels'
    band. It is lowered by ``amount`` of what it has above ``threshold_db`` over the voice's own
    level, in the band around the centre of the sibilance: both are followed, so that neither
    level nor speaker matter. Everywhere else the input passes bit for bit. Hiss that fills much of
    the time, as of cymbals, is no sibilance.

    Parameters
    ----------
    amount : a number from 0 to 1, default 0.7
        The part of the excess that is taken off; 0 returns the input bit for bit. Can be
        automated.
    max_reduction_db : a number from 0 to 24 dB, default 10.0
        Sibilance is lowered by at most this. Can be automated.
    threshold_db : a number from -40 to 20 dB, default -10.0
        Level of sibilance over that of the voice from which it is too much. Can be automated.
    frequency_hz : auto, or a number from 1500 to 16000 Hz, default 'auto'
        What lies above is lowered; auto follows the sibilance.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    The band is split by short-time spectra with linear phase; what is taken away is subtracted.
    The voice's level is known once a vowel was heard. In a dense mix, whose other parts fill the
    vowels' band, hardly anything counts as a sibilant: de-ess the voice before it is mixed.
    """

    def __init__(
        self,
        *,
        amount: float = 0.7,
        max_reduction_db: float = 10.0,
        threshold_db: float = -10.0,
        frequency_hz: float | Literal["auto"] = "auto",
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class Declicker(_Declicker):
    """Take out clicks, pops and ticks, channel by channel.

    A click is a run of samples that an autoregressive model of the music around it cannot
    explain, while it explains what comes before and after. Such runs are candidates; a network
    that has heard many clicks, and many drums, consonants and brass, says which are clicks. They
    are interpolated from both sides by least squares; every other sample passes bit for bit.

    Of doubtful candidates those are clicks that have clear ones near them: a first pass finds the
    candidates of the whole file. A stream without one goes by what it has heard.

    Parameters
    ----------
    repairs_file : empty, or the path of a JSON file, default ''
        A report with a list of repairs: nothing is looked for, what is listed is repaired, and
        where keep is false the input comes back bit for bit.
    mode : one of dual, neural, analytical, default 'dual'
        Who decides: the network given the classical evidence, the network from waveform,
        residual and levels alone, or the classical evidence alone.
    sensitivity : a number from 0 to 1, default 0.5
        How many false alarms a minute of hard undamaged audio may have: 0.16 at 0, 0.8 at 0.25,
        4 at 0.5, 20 at 0.75, 100 at 1 (analytical: prominence of 23 to 5 dB instead). Higher
        finds fainter clicks.
    clicks_per_second : auto, or a number from 0 to 1000, default 'auto'
        Clear clicks a second that are expected: the more, the fainter ones are believed. auto:
        learned from the whole file in a first pass; a number needs none.
    max_click_ms : a number from 0.1 to 10 ms, default 3.5
        Longest click that is looked for; clicks that touch are repaired as one.
    stereo : one of independent, mono_disc, default 'independent'
        independent: each channel is a signal of its own. mono_disc: two channels are the walls
        of one mono groove; clicks are looked for in their difference too, where the music
        cancels, and mended with what the other wall has.
    thumps : true or false, default True
        Whether the slow swing of the tone arm after a click is taken off too, where there
        clearly is one: up to 0.22 s of the low band.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    Candidates: likelihood ratio of runs under models of order 2.9 ms (at 44 to 48 kHz) and 11.6 ms
    (at 11 kHz), estimated anew without the suspected click. After Godsill and Rayner, Digital
    Audio Restoration, Springer 1998, chapters 5, 9 and 10.
    """

    def __init__(
        self,
        *,
        repairs_file: str = "",
        mode: Literal["dual", "neural", "analytical"] = "dual",
        sensitivity: float = 0.5,
        clicks_per_second: float | Literal["auto"] = "auto",
        max_click_ms: float = 3.5,
        stereo: Literal["independent", "mono_disc"] = "independent",
        thumps: bool = True,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class Declipper(_Declipper):
    """Restore clipped samples: crests that ran into a limit, and were cut off flat.

    Clipping is found by its levels: flat tops that the signal enters and leaves at a slope gather
    at one level, at full scale or below it where the gain was lowered later, for each channel and
    polarity; where resampling, dither or a codec left no flat tops, samples pile up there. Clipped
    samples become what makes short-time spectra sparse, and lie at the clipping level or beyond it;
    every other sample passes bit for bit. The level is not changed: restored peaks may lie over
    full scale, where float files keep them, and others need a lower gain.

    A first pass finds the levels of the whole file; a stream without one goes by what it has
    heard.

    Parameters
    ----------
    threshold_db : auto, or a number from -60 to 24 dBFS, default 'auto'
        Level from which samples are clipped, in all channels and both polarities. auto: found,
        for each of them and over time, in a first pass; a number needs none.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    After Siedenburg, Kowalski and Doerfler, "Audio declipping with social sparsity", ICASSP 2014,
    and Zaviska, Rajmic, Ozerov and Rencker, "A survey and an extensive evaluation of popular audio
    declipping methods", IEEE JSTSP 15 (1), 2021.
    """

    def __init__(
        self,
        *,
        threshold_db: float | Literal["auto"] = "auto",
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class DecoderPeaks(_DecoderPeaks):
    """Take off peaks at multiples of one frequency, which decoders of generated music leave.

    A first pass looks for the comb: at every frequency that a decoder's rate and strides can
    give, places are ranked by how far the mean spectrum stands out there. A test tone, a drone
    and the buzz of mains are not taken for one. Where none is found the input passes bit for bit.

    Of every peak that stands out, what is above the spectrum around it is subtracted, as loud as
    it is from moment to moment, and no more than it usually has: a note on the same frequency
    stays. Nothing rings and no phase turns: a tone is subtracted, of zero phase by windows that
    end after 0.19 s; a recursive notch as narrow would ring for as long, and turn the phase.

    Parameters
    ----------
    fundamental_hz : a number from 0 to 6000 Hz, default 0.0
        Take the multiples of this frequency where they stand out; 0 to look for a comb.
    depth_db : a number from 0 to 60 dB, default 40.0
        How far a peak is lowered at most, and not below what is around it. Can be automated.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    Afchar et al., A Fourier explanation of AI-music artifacts (ISMIR 2025): transposed
    convolutions repeat the mean of their input at multiples of the rate over the strides.
    """

    def __init__(
        self,
        *,
        fundamental_hz: float = 0.0,
        depth_db: float = 40.0,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class DeconvolutionPeaks(_DeconvolutionPeaks):
    """Add peaks at multiples of one frequency, whose level follows the music's.

    A decoder raises its rate by transposed convolutions: zeros between samples, then a short
    kernel. What the samples have in common, their mean, becomes a pulse train with the period of
    the stride. The peaks lie where rate and stride put them, whatever is played, and are as loud
    as the layer is active.

    Parameters
    ----------
    seed : a whole number from 0 to 2147483647, default 0
        Another seed, other damage of the same kind.
    level_db : a number from -90 to 0 dB, default -35.0
        RMS of all peaks over the signal's RMS of the moment (50 ms). Can be automated.
    fundamental_hz : a number from 20 to 12000 Hz, default 2000.0
        The decoder's rate over its last strides: 2000 is 32 kHz over 4 times 4 (EnCodec),
        689.0625 is 44.1 kHz over 2, 4 and 8 (DAC).
    slope_db_per_octave : a number from -12 to 0 dB per octave, default -4.0
        How the peaks fall with frequency.
    spread_db : a number from 0 to 12 dB, default 3.0
        Standard deviation of the peaks from the slope.
    highest_hz : a number from 1000 to 24000 Hz, default 16000.0
        The last peak lies below: half the decoder's rate.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    Afchar et al., A Fourier explanation of AI-music artifacts (ISMIR 2025). The mean activation
    is modelled by the level of the signal, channel by channel, and the kernel by a slope and
    seeded deviations from it. A decoder with several layers has several combs: use one stage for
    each.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        level_db: float = -35.0,
        fundamental_hz: float = 2000.0,
        slope_db_per_octave: float = -4.0,
        spread_db: float = 3.0,
        highest_hz: float = 16000.0,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class Decrackler(_Decrackler):
    """Take out crackle: impulses shorter than half a millisecond, hundreds a second.

    The Declicker's search at the full rate alone, with the network's odds lowered: among many
    impulses one more is likely. Best after a Declicker, which takes what is larger.

    Parameters
    ----------
    repairs_file : empty, or the path of a JSON file, default ''
        A report with a list of repairs: nothing is looked for, what is listed is repaired, and
        where keep is false the input comes back bit for bit.
    strength : a number from 0 to 1, default 0.5
        How faint an impulse may be to be repaired. At 1 fine noise of the music goes too.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.
    """

    def __init__(
        self,
        *,
        repairs_file: str = "",
        strength: float = 0.5,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class Dehum(_Dehum):
    """Subtract mains hum: 50 or 60 Hz and those of its harmonics that are really there.

    A first pass measures the frequency over the file, and amplitude and phase of every line.
    Only lines that are steady through the file, pauses included, are taken for hum; they are
    synthesised and subtracted. There is no filter, so nothing rings, and a note on the same
    frequency stays.

    Parameters
    ----------
    mains : one of auto, 50, 60, default 'auto'
        Mains frequency in Hz, or auto for either.
    frequency_hz : a number from 0 to 500 Hz, default 0.0
        Fundamental to look for within 1.5 %, instead of the mains; 0 for mains.
    harmonics : a whole number from 1 to 60, default 16
        Highest harmonic that is looked for.
    depth_db : a number from 0 to 60 dB, default 60.0
        How far the lines are lowered. Can be automated.
    width_hz : a number from 0.02 to 2 Hz, default 0.25
        How fast the lines may be followed; wider takes more of notes with them.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.
    """

    def __init__(
        self,
        *,
        mains: Literal["auto", "50", "60"] = "auto",
        frequency_hz: float = 0.0,
        harmonics: int = 16,
        depth_db: float = 60.0,
        width_hz: float = 0.25,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class Dereverb(_Dereverb):
    """Take the late reverberation of a room off a recording.

    What the frames from 35 to 221 ms before predict of a frame is subtracted (weighted prediction
    error, WPE); of the rest, what the measured reverberation time leaves of the sound 50 ms before
    is lowered. Direct sound and early reflections stay. A recording that is dry, or whose held
    notes hide the room, passes bit for bit, and so does a stream without a first pass.

    Parameters
    ----------
    strength : a number from 0 to 1, default 1.0
        Strength: 0 = bypass, 1 = all that is predicted.
    max_attenuation_db : a number from 0 to 30 dB, default 12.0
        What is left by the prediction is lowered by at most this.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    Written here rather than taken from nara_wpe, which needs the whole file in memory or bends its
    filter from frame to frame: windows of 8 s, half overlapping, each with the one before in its
    statistics, stream within bounded memory. More channels of one room make a better prediction.
    """

    def __init__(
        self,
        *,
        strength: float = 1.0,
        max_attenuation_db: float = 12.0,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class Derumble(_Derumble):
    """Linear-phase high-pass for groove and motor rumble, with a mono option for vertical rumble.

    The filter is a Kaiser-windowed sinc (Kaiser 1974), its delay taken out: everything from
    ``cutoff_hz`` up keeps its phase, and its level within 0.01 dB; 80 dB are off at
    ``80 / slope_db_per_octave`` octaves below.

    Parameters
    ----------
    cutoff_hz : a number from 5 to 200 Hz, default 25.0
        Lowest frequency that keeps its level.
    slope_db_per_octave : a number from 20 to 160 dB/octave, default 80.0
        Steepness below the cut-off; gentle slopes ring less.
    vertical_below_hz : a number from 0 to 500 Hz, default 0.0
        Below it stereo becomes mono, for lateral records; 0 leaves stereo alone.
    adaptive : true or false, default False
        Measure steady rumble first and lower it to -96 dBFS, not further.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.
    """

    def __init__(
        self,
        *,
        cutoff_hz: float = 25.0,
        slope_db_per_octave: float = 80.0,
        vertical_below_hz: float = 0.0,
        adaptive: bool = False,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class Dither(_Dither):
    """Shorten the word with triangular dither two steps wide; leave alone what is short enough.

    ``shape`` moves the error to where the ear hears least, above 15 kHz; in all it then has more
    power. It is for the last word of a file: what is processed again gets none.

    A sample passes untouched where it belongs to a run of at least 32 that the target word holds
    exactly (what lies before and after the stream counts as such): digital silence stays silent,
    a file that has the target's word already stays as it is, and so do the stretches of it that
    the stages before did not touch.

    Parameters
    ----------
    type : one of triangular, none, default 'triangular'
        Triangular dither before rounding, or rounding alone (halves to even).
    subtype : one of PCM_S8, PCM_U8, PCM_16, PCM_24, default 'PCM_24'
        The word that samples are shortened to.
    shape : one of none, light, strong, default 'none'
        Noise shaping for the rate: light lowers the error by 16 dB at 3.5 kHz (44.1 kHz) and
        has 6 dB more in all, strong by 23 and 13 dB.
    seed : a whole number from 0 to 2147483647, default 0
        Another seed, other noise.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    The noise depends on seed, channel and position in the stream alone. Where a renderer knows
    which samples changed, :func:`restorack.dsp.dither.dither_rows` takes that as a mask.
    """

    def __init__(
        self,
        *,
        type: Literal["triangular", "none"] = "triangular",
        subtype: Literal["PCM_S8", "PCM_U8", "PCM_16", "PCM_24"] = "PCM_24",
        shape: Literal["none", "light", "strong"] = "none",
        seed: int = 0,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class FilmNoise(_FilmNoise):
    """Add the noise of an optical sound track: grain noise, frame flutter, dust and dirt.

    The noise is on the track ``noise``; dust passing the slit makes ticks that mostly go one way,
    since dirt only takes light away (track and events ``dust``).

    Parameters
    ----------
    seed : a whole number from 0 to 2147483647, default 0
        Another seed, other damage of the same kind.
    relative_to : one of programme, full_scale, default 'programme'
        What levels count from: the programme's own RMS (noise) and peak (impulses) over all
        channels, or full scale (an RMS of 1, a peak of 1).
    level_db : a number from -120 to 20 dB, default -30.0
        RMS over the programme's RMS (minus the signal-to-noise ratio), or over an RMS of 1. Can
        be automated.
    width : a number from 0 to 1, default 1.0
        0: the same noise in all channels, 1: noise of its own in each.
    tilt_db_per_octave : a number from -12 to 12 dB per octave, default -3.0
        Slope of the noise's spectrum: 0 white, -3 pink, -6 brown.
    tilt_spread_db_per_octave : a number from 0 to 6 dB per octave, default 0.0
        The seed draws the slope from the tilt plus or minus this.
    ripple_db : a number from 0 to 12 dB, default 0.0
        Standard deviation of a smooth random curve over octaves that the seed draws.
    low_hz : a number from 20 to 5000 Hz, default 20.0
        Lower edge of the noise (-3 dB, 12 dB per octave); at 20 Hz there is none.
    high_hz : a number from 500 to 40000 Hz, default 8000.0
        Upper edge of the noise (-3 dB, 24 dB per octave); none beyond half the rate.
    frame_hz : a number from 8 to 60 Hz, default 24.0
        Frames per second.
    flutter_db : a number from 0 to 8 dB, default 1.5
        Standard deviation of the noise's level within and between frames.
    grain : a number from 0 to 1, default 0.5
        0: smooth Gaussian noise; more: single grains stand out of it.
    dust_per_s : a number from 0 to 200 per second, default 12.0
        Ticks of dust per second.
    dust_min : a number from 0.001 to 4, default 0.01
        Peak of the quietest ticks, as a part of the programme's peak (or of 1).
    dust_max : a number from 0.001 to 4, default 0.2
        Peak of the loudest ticks, as a part of the programme's peak (or of 1).
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    The grain's level follows a pattern of the frame and its harmonics (the fourth is the sprocket
    holes') that changes from frame to frame. Its spectrum falls towards the slit's loss near
    8 kHz.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        relative_to: Literal["programme", "full_scale"] = "programme",
        level_db: float = -30.0,
        width: float = 1.0,
        tilt_db_per_octave: float = -3.0,
        tilt_spread_db_per_octave: float = 0.0,
        ripple_db: float = 0.0,
        low_hz: float = 20.0,
        high_hz: float = 8000.0,
        frame_hz: float = 24.0,
        flutter_db: float = 1.5,
        grain: float = 0.5,
        dust_per_s: float = 12.0,
        dust_min: float = 0.01,
        dust_max: float = 0.2,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class GrooveWalls(_GrooveWalls):
    """Make one signal of the two walls of a mono groove; both channels get it.

    ``bands`` takes, in every band and at every moment, the mix of both walls whose noise is
    least: the sum where both are alike, the better wall where one is worn or clicks. ``better``
    takes the wall whose noise is lower over the whole file, ``sum`` the mean of both. What
    both walls have in common is kept as it is, whatever the mix: equal channels pass bit for
    bit, and so does what does not have two channels. Correct :class:`Azimuth` first.

    Parameters
    ----------
    take : one of bands, better, sum, left, right, default 'bands'
        The best of both in each band and moment, the better wall of the file, their mean, or
        one of them.
    balance_db : auto, or a number from -12 to 12 dB, default 'auto'
        Level of the left wall over the right one; auto measures it in a first pass.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    Never for stereo: the difference of the channels is taken for noise.
    """

    def __init__(
        self,
        *,
        take: Literal["bands", "better", "sum", "left", "right"] = "bands",
        balance_db: float | Literal["auto"] = "auto",
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class Hiss(_Hiss):
    """Add steady Gaussian noise with a set spectrum: tape, amplifiers, microphones.

    Parameters
    ----------
    seed : a whole number from 0 to 2147483647, default 0
        Another seed, other damage of the same kind.
    relative_to : one of programme, full_scale, default 'programme'
        What levels count from: the programme's own RMS (noise) and peak (impulses) over all
        channels, or full scale (an RMS of 1, a peak of 1).
    level_db : a number from -120 to 20 dB, default -30.0
        RMS over the programme's RMS (minus the signal-to-noise ratio), or over an RMS of 1. Can
        be automated.
    width : a number from 0 to 1, default 1.0
        0: the same noise in all channels, 1: noise of its own in each.
    tilt_db_per_octave : a number from -12 to 12 dB per octave, default 0.0
        Slope of the noise's spectrum: 0 white, -3 pink, -6 brown.
    tilt_spread_db_per_octave : a number from 0 to 6 dB per octave, default 0.0
        The seed draws the slope from the tilt plus or minus this.
    ripple_db : a number from 0 to 12 dB, default 0.0
        Standard deviation of a smooth random curve over octaves that the seed draws.
    low_hz : a number from 20 to 5000 Hz, default 20.0
        Lower edge of the noise (-3 dB, 12 dB per octave); at 20 Hz there is none.
    high_hz : a number from 500 to 40000 Hz, default 40000.0
        Upper edge of the noise (-3 dB, 24 dB per octave); none beyond half the rate.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    White noise through a filter of 46 ms, so that the spectrum is resolved to about 60 Hz. Below
    50 Hz the tilt is flat.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        relative_to: Literal["programme", "full_scale"] = "programme",
        level_db: float = -30.0,
        width: float = 1.0,
        tilt_db_per_octave: float = 0.0,
        tilt_spread_db_per_octave: float = 0.0,
        ripple_db: float = 0.0,
        low_hz: float = 20.0,
        high_hz: float = 40000.0,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class HornResonance(_HornResonance):
    """Colour the sound by a few strong resonances between 300 Hz and 3 kHz, as a horn did.

    The frequencies are drawn by the seed, or set. Behind them lie the cone, in which sound runs to
    and fro between mouth and diaphragm, and the first echoes of a small, boxy room. The whole has
    the loudness of what went in (pink noise from 200 Hz to 4 kHz).

    Parameters
    ----------
    seed : a whole number from 0 to 2147483647, default 0
        Another seed, other damage of the same kind.
    resonances : a whole number from 1 to 8, default 4
        How many resonances are drawn.
    strength_db : a number from 0 to 24 dB, default 12.0
        Height of the strongest; the others have half of it or more.
    quality : a number from 1 to 20, default 6.0
        Sharpness: frequency over width; drawn ones vary by half an octave.
    frequencies_hz : frequencies in Hz with blanks between them, 20 to 20000, or nothing to draw them, default ''
        Resonances that are set rather than drawn, the strongest first.
    cone_m : a number from 0 to 4 m, default 1.2
        Length of the horn, whose echoes colour the sound; 0 leaves it out.
    room : a number from 0 to 1, default 0.3
        Level of the room's first echoes; 0 leaves them out.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    Peaks of minimum phase, as in the air: nothing sounds before its time, and the direct sound
    stays where it is. An acoustic recording also lacks the band outside of about 200 Hz to
    3.5 kHz, which :class:`~restorack.degrade.channel.band_limit.BandLimit` takes off.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        resonances: int = 4,
        strength_db: float = 12.0,
        quality: float = 6.0,
        frequencies_hz: str = "",
        cone_m: float = 1.2,
        room: float = 0.3,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class Hum(_Hum):
    """Add mains hum: a fundamental that drifts a little, and its harmonics.

    The same on all channels. The seed draws the phases, how each harmonic deviates from the slope,
    and the drift.

    Parameters
    ----------
    seed : a whole number from 0 to 2147483647, default 0
        Another seed, other damage of the same kind.
    relative_to : one of programme, full_scale, default 'programme'
        What levels count from: the programme's own RMS (noise) and peak (impulses) over all
        channels, or full scale (an RMS of 1, a peak of 1).
    level_db : a number from -120 to 20 dB, default -30.0
        RMS over the programme's RMS (minus the signal-to-noise ratio), or over an RMS of 1. Can
        be automated.
    mains_hz : a number from 15 to 480 Hz, default 50.0
        The fundamental: 50 or 60 Hz, or what a wrong speed made of it.
    harmonics : a whole number from 1 to 60, default 10
        Number of partials, with the fundamental.
    slope_db_per_octave : a number from -24 to 0 dB per octave, default -6.0
        How the harmonics fall: -6 hum of transformers, -2 buzz of dimmers.
    spread_db : a number from 0 to 12 dB, default 5.0
        Standard deviation of the harmonics from the slope.
    drift_hz : a number from 0 to 2 Hz, default 0.05
        The fundamental wanders by up to so much, over seconds to a minute.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    The phase has a closed form: ``2 pi f0 t`` plus the integral of four slow sines, whose sum
    stays within ``drift_hz``.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        relative_to: Literal["programme", "full_scale"] = "programme",
        level_db: float = -30.0,
        mains_hz: float = 50.0,
        harmonics: int = 10,
        slope_db_per_octave: float = -6.0,
        spread_db: float = 5.0,
        drift_hz: float = 0.05,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class LearnedMask(_LearnedMask):
    """Take noise off with a small network that you can train for the noise you have.

    Parameters
    ----------
    strength : a number from 0 to 1, default 1.0
        Strength: 0 = bypass, 1 = full.
    max_attenuation_db : a number from 0 to 60 dB, default 20.0
        Noise is lowered by at most this.
    floor_offset_db : a number from -12 to 12 dB, default 0.0
        Raises or lowers the noise floor that was found. Can be automated.
    noise_profile : auto, a region START-END in seconds (at least 0.1 s, as in 0.05-0.95), or the name of an audio file with its ending, default 'auto'
        Where the noise is learned: from the music, a region of noise, or a file.
    floor_estimate : one of steady, read, learned, gathered, default 'steady'
        How a blind floor is found: from what stays steady while the music moves and what a
        network says, by one that reads what bands show of noise, by one that sees counts of
        levels, or where noise-like levels gather.
    expect_noise : true or false, default False
        The recording is known to be noisy, as an old record is: faint noise is lowered that
        could as well be the bottom of a clean recording (steady and read alone).
    long_frames : true or false, default True
        Second pass with 4x longer frames, to preserve partials.
    weights : a name of weights, or the path of a .safetensors file, default 'tiny-hiss'
        The network: a name that comes with the package, or the path of your own.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Raises
    ------
    WeightsError
        When a stream begins, for weights that are missing, damaged, or of another architecture.

    Notes
    -----
    The gains of a bin come from its level over the noise floor and from its neighbours in time
    and frequency. The network was trained at 44.1 kHz; bins are as far apart at every rate, and
    frames as long. Channels share their gains. Where no floor is found the input passes bit for
    bit.
    """

    def __init__(
        self,
        *,
        strength: float = 1.0,
        max_attenuation_db: float = 20.0,
        floor_offset_db: float = 0.0,
        noise_profile: str = "auto",
        floor_estimate: Literal["steady", "read", "learned", "gathered"] = "steady",
        expect_noise: bool = False,
        long_frames: bool = True,
        weights: str = "tiny-hiss",
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class Limiter(_Limiter):
    """Keep true peaks below a ceiling.

    Peaks are measured at 8 times the rate (ITU-R BS.1770-5, Annex 2). The gain begins to move
    ``lookahead_ms`` before a peak, without a corner, and returns fast after a single peak, more
    slowly after a loud passage, so that bass is not distorted. Where nothing passes the ceiling
    the signal passes bit for bit.

    Parameters
    ----------
    ceiling_dbtp : a number from -40 to 0 dBTP, default -1.0
        The highest true peak of the output.
    gain_db : a number from -24 to 36 dB, default 0.0
        Gain before the limiter: what is louder, and is limited more.
    lookahead_ms : a number from 0.5 to 10 ms, default 5.0
        Time in which the gain reaches a peak; the latency is a little longer. Shorter is louder
        and distorts more.
    release_ms : a number from 1 to 1000 ms, default 15.0
        Time constant after a single peak; after a loud passage it is 13 times longer.
    link : a number from 0 to 1, default 1.0
        1: all channels have the same gain, and the image stays; 0: each has its own.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    Where there is sound beyond 0.45 of the rate, meters differ by some tenths of a dB. The highest
    of three interpolators counts (64, 24 and 10 samples to each side). Loud noise that fills the
    whole band may still be read higher by others: up to 0.3 dB by an FFT over the whole file.
    """

    def __init__(
        self,
        *,
        ceiling_dbtp: float = -1.0,
        gain_db: float = 0.0,
        lookahead_ms: float = 5.0,
        release_ms: float = 15.0,
        link: float = 1.0,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class Loudness(_Loudness):
    """Bring a file to a target level by one gain, from a first pass over the whole.

    Parameters
    ----------
    mode : one of peak, true_peak, lufs, default 'peak'
        What is brought to the target: the largest sample, the true peak between samples, or the
        integrated loudness.
    target : a number from -70 to 0 dB, default -1.0
        In dBFS for peak, dBTP for true_peak, LUFS for lufs.
    ceiling_dbtp : a number from -60 to 24 dBTP, default -1.0
        In mode lufs the gain stays so low that no true peak passes this; 24 is as good as none.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    Loudness is gated by ITU-R BS.1770-5, the true peak is oversampled by its Annex 2. Silence
    (below -144 dBFS) is left as it was, and so is, in mode ``lufs``, what is shorter than 400 ms
    or lies below -70 LUFS.

    A stream without a first pass cannot know how loud it will become. It is only ever lowered:
    from one tenth of a second to the next the gain runs in a straight line to what all samples
    before that tenth ask for. Peaks that come without warning then pass the target.
    """

    def __init__(
        self,
        *,
        mode: Literal["peak", "true_peak", "lufs"] = "peak",
        target: float = -1.0,
        ceiling_dbtp: float = -1.0,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class Match(_Match):
    """Bring tone, width and dynamics towards those of reference recordings.

    A first pass measures the recording. What has to change is computed in third octaves from 25 Hz
    to 20 kHz and in two speeds of level, bounded, and applied by one linear-phase filter on mid and
    side and one slow gain. The loudness is kept but for what dynamics change; where nothing has to
    change the input passes bit for bit, and so does a stream without a first pass.

    Parameters
    ----------
    reference : the path of an audio file or of a folder of them, or empty for no matching, default ''
        What is matched; of several recordings the mean, in dB.
    strength : a number from 0 to 1, default 1.0
        Strength: 0 = bypass, 1 = all the way, within the bounds.
    tone : true or false, default True
        Match the balance of third octaves.
    width : true or false, default True
        Match side over mid of third octaves; two channels.
    dynamics : true or false, default True
        Match the spread of slow and fast levels.
    max_tone_db : a number from 0 to 24 dB, default 12.0
        No third octave is raised or lowered by more.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Raises
    ------
    FileError
        In the first pass, for a reference that cannot be read, or a folder without audio.
    """

    def __init__(
        self,
        *,
        reference: str = "",
        strength: float = 1.0,
        tone: bool = True,
        width: bool = True,
        dynamics: bool = True,
        max_tone_db: float = 12.0,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class MonoBelow(_MonoBelow):
    """Make two channels mono below a frequency: what a lateral groove holds there is noise.

    The difference of the channels is taken away by a filter of linear phase: 6 dB at
    ``below_hz``, 80 dB half an octave below it, and nothing (0.001 dB) from 1.3 times it on. What
    the left channel loses the right one gains, so that their sum stays as it was; equal channels
    pass bit for bit, and so does what does not have two channels.

    Parameters
    ----------
    below_hz : a number from 20 to 4000 Hz, default 150.0
        Middle of the transition: 100 to 200 for stereo records, 1000 for mono ones before their
        walls are summed.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    A windowed sinc (Kaiser 1974) in float64, its delay taken out.
    """

    def __init__(
        self,
        *,
        below_hz: float = 150.0,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class NeuralCodecDamage(_NeuralCodecDamage):
    """Damage as EnCodec at 32 kHz does, which MusicGen's tokens are decoded by.

    The band ends near 15.5 kHz; noise follows the signal in frames of 20 ms; transients smear over
    a frame; the bass keeps its wave form, the top only its energy: its phase is lost and its tones
    warble. With 4 codebooks, as in MusicGen, noise lies about 11 dB below the music up to 1 kHz,
    6 dB up to 4 kHz, 2 dB up to 8 kHz, and above it the wave form is all but lost.

    Parameters
    ----------
    seed : a whole number from 0 to 2147483647, default 0
        Another seed, other damage of the same kind.
    codebooks : a whole number from 1 to 16, default 4
        Rounds of quantisation: more keep more of the wave form.
    bandwidth_hz : a number from 1000 to 24000 Hz, default 15500.0
        Where the band ends (6 dB down, 300 Hz wide).
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    Defossez et al., High fidelity neural audio compression (2022), and Copet et al., Simple and
    controllable music generation (2023): 50 frames a second, residual vector quantisation. Here a
    lapped transform takes the place of the network and seeded codebooks that of the learned ones;
    vectors grow from 400 Hz to 3.2 kHz, so that fidelity falls with frequency. Bit rates
    are not comparable: learned codebooks know music, these do not.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        codebooks: int = 4,
        bandwidth_hz: float = 15500.0,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class NoiseFolder(_NoiseFolder):
    """Mix in real noise: random excerpts of the audio files in a folder and its sub-folders.

    Every excerpt is freed of DC and brought to the set level; one follows the other with
    cross-fades of 50 ms. Without a folder nothing is added.

    Parameters
    ----------
    seed : a whole number from 0 to 2147483647, default 0
        Another seed, other damage of the same kind.
    relative_to : one of programme, full_scale, default 'programme'
        What levels count from: the programme's own RMS (noise) and peak (impulses) over all
        channels, or full scale (an RMS of 1, a peak of 1).
    level_db : a number from -120 to 20 dB, default -20.0
        RMS over the programme's RMS (minus the signal-to-noise ratio), or over an RMS of 1. Can
        be automated.
    folder : the path of a folder with audio files, or empty for no noise, default ''
        Folder of recordings of noise.
    excerpt_s : a number from 0.1 to 600 s, default 10.0
        How long an excerpt lasts before the next one; shorter files are looped.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Raises
    ------
    FileError
        When a stream begins and the folder does not exist or holds no audio file; when a file
        cannot be read.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        relative_to: Literal["programme", "full_scale"] = "programme",
        level_db: float = -20.0,
        folder: str = "",
        excerpt_s: float = 10.0,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class PhoneMicrophone(_PhoneMicrophone):
    """Record as a telephone does.

    In this order: a narrow band with two resonances of the case, drawn by the seed; automatic gain
    control, which evens levels out and pulls quiet sound up; noise suppression, which is too eager
    for music; overload, if ``clip_dbfs`` is lower than the peaks; and, on request, a codec.

    Parameters
    ----------
    seed : a whole number from 0 to 2147483647, default 0
        Another seed, other damage of the same kind.
    low_hz : a number from 50 to 1000 Hz, default 300.0
        Lower edge of the band (Butterworth, 24 dB an octave).
    high_hz : a number from 1500 to 16000 Hz, default 3400.0
        Upper edge of the band: 3400 narrow, 7000 wide, 12000 a phone's recorder.
    resonance_db : a number from 0 to 18 dB, default 6.0
        Height of the case's resonances; 0 leaves them out.
    level_control : a number from 0 to 1, default 0.7
        How far levels are evened out, towards -12 dBFS, by up to 24 dB; 0 is off.
    suppression_db : a number from 0 to 40 dB, default 12.0
        The most that noise suppression takes off; 0 is off.
    clip_dbfs : a number from -30 to 0 dBFS, default -3.0
        Level at which the converter overloads.
    codec : one of none, narrow, wide, default 'none'
        none, GSM at 8 kHz, or 16 kHz.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    The microphone is a filter of minimum phase, whose largest tap counts as its middle. Overload
    is made at eight times the rate, as ahead of a converter. ``narrow`` is GSM full rate at 8 kHz
    (:class:`GsmCodec`), ``wide`` a transform codec at 16 kHz and 24 kbit/s
    (:class:`~restorack.degrade.codecs.transform_codec.TransformCodec`).
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        low_hz: float = 300.0,
        high_hz: float = 3400.0,
        resonance_db: float = 6.0,
        level_control: float = 0.7,
        suppression_db: float = 12.0,
        clip_dbfs: float = -3.0,
        codec: Literal["none", "narrow", "wide"] = "none",
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class PlaybackEq(_PlaybackEq):
    """Play a disc by its recording curve: bass up, treble down, 0 dB at 1 kHz.

    The corners of the curve are those of the analogue circuit, within 0.1 dB from 20 Hz to
    20 kHz. ``undo`` takes off a curve that was already applied, such as RIAA by the phono stage
    that a 78 was played through; where both are the same, the input passes bit for bit.

    Parameters
    ----------
    curve : a curve's name, turnover, shelf and roll-off (500R-13.7), or a label and a year ('Columbia (American) 1940'); see restorack curves list, default 'RIAA'
        The curve that the disc was cut with.
    undo : a curve as above, or none, default 'none'
        A curve that was applied in playing it, to be taken off.
    phase : one of minimum, linear, default 'minimum'
        Minimum, as of the circuits that cut and play; or linear.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    A bass without a shelf (the notation's N) rises down to 2 Hz: remove rumble first. FIR filters
    in float64, from the magnitude: of minimum phase by its cepstrum, as a circuit has it, or of
    linear phase.
    """

    def __init__(
        self,
        *,
        curve: str = "RIAA",
        undo: str = "none",
        phase: Literal["minimum", "linear"] = "minimum",
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class Room(_Room):
    """Put the sound into a room: early reflections of a box, then a decaying diffuse tail.

    The direct sound stays as it is, at its time and its level; reverberation is added to it, the
    louder the farther the microphone. Room and places are drawn by the seed, and every channel has
    a microphone of its own.

    Parameters
    ----------
    seed : a whole number from 0 to 2147483647, default 0
        Another seed, other damage of the same kind.
    rt60_s : a number from 0.05 to 8 s, default 0.4
        Time in which reverberation falls by 60 dB, below 1 kHz.
    distance_m : a number from 0.1 to 20 m, default 0.8
        From source to microphone; twice the distance is 6 dB more reverberation.
    volume_m3 : a number from 5 to 20000 m3, default 80.0
        Size of the room: a cell 5, a living room 80, a studio 300, a hall 15000.
    damping : a number from 0 to 0.9, default 0.5
        How much shorter the top decays: by this share at 8 kHz, none below 1 kHz.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    Allen and Berkley, Image method for efficiently simulating small-room acoustics, JASA 65
    (1979), 943-950, to the third order of reflection. The tail is Gaussian noise whose energy
    relative to the direct sound's is that of a diffuse field, ``4 pi c d^2 / V`` per second at its
    begin (Kuttruff, Room Acoustics, 5.1): at the critical distance both are equal.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        rt60_s: float = 0.4,
        distance_m: float = 0.8,
        volume_m3: float = 80.0,
        damping: float = 0.5,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class Rumble(_Rumble):
    """Add a turntable's rumble: bearing noise, the motor's line, the warp of the record.

    Parameters
    ----------
    seed : a whole number from 0 to 2147483647, default 0
        Another seed, other damage of the same kind.
    relative_to : one of programme, full_scale, default 'programme'
        What levels count from: the programme's own RMS (noise) and peak (impulses) over all
        channels, or full scale (an RMS of 1, a peak of 1).
    level_db : a number from -120 to 20 dB, default -30.0
        RMS over the programme's RMS (minus the signal-to-noise ratio), or over an RMS of 1. Can
        be automated.
    width : a number from 0 to 1, default 1.0
        0: the same noise in all channels, 1: noise of its own in each.
    high_hz : a number from 15 to 300 Hz, default 50.0
        Upper edge of the bearing's noise.
    motor_hz : a number from 10 to 130 Hz, default 28.0
        The motor's line: 24 to 30 Hz with idler drive, 100 or 120 Hz from its poles.
    motor : a number from 0 to 1, default 0.2
        Power of the motor's line against the bearing's noise at 1.
    warp : a number from 0 to 1, default 0.1
        Power of the warp against the bearing's noise at 1.
    swing_db : a number from 0 to 10 dB, default 2.0
        Standard deviation of the level around a turn.
    rpm : a number from 10 to 120 rpm, default 78.26
        Speed of the record: 78.26, 33.33, 45, ...
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    Bearings: noise from 6 Hz to ``high_hz`` (Butterworth, 12 dB per octave each side); motor: a
    resonance 1.5 Hz wide; both swing with the turn. Warp: harmonics of the turn's frequency,
    falling as 1 / order^2.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        relative_to: Literal["programme", "full_scale"] = "programme",
        level_db: float = -30.0,
        width: float = 1.0,
        high_hz: float = 50.0,
        motor_hz: float = 28.0,
        motor: float = 0.2,
        warp: float = 0.1,
        swing_db: float = 2.0,
        rpm: float = 78.26,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class SpectralDenoiser(_SpectralDenoiser):
    """Take stationary broadband noise (hiss, surface noise, hum's haze) off a recording.

    Parameters
    ----------
    strength : a number from 0 to 1, default 1.0
        Strength: 0 = bypass, 1 = full. Can be automated.
    max_attenuation_db : a number from 0 to 60 dB, default 15.0
        Noise is lowered by at most this. Can be automated.
    floor_offset_db : a number from -12 to 12 dB, default 0.0
        Raises or lowers the noise floor that was found. Can be automated.
    noise_profile : auto, a region START-END in seconds (at least 0.1 s, as in 0.05-0.95), or the name of an audio file with its ending, default 'auto'
        Where the noise is learned: from the music, a region of noise, or a file.
    floor_estimate : one of steady, read, learned, gathered, default 'steady'
        How a blind floor is found: from what stays steady while the music moves and what a
        network says, by one that reads what bands show of noise, by one that sees counts of
        levels, or where noise-like levels gather.
    expect_noise : true or false, default False
        The recording is known to be noisy, as an old record is: faint noise is lowered that
        could as well be the bottom of a clean recording (steady and read alone).
    long_frames : true or false, default True
        Second pass with 4x longer frames, to preserve partials.
    mode : one of logmmse, gate, subtract, wiener, median, default 'logmmse'
        How gains follow from the signal-to-noise ratio.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    Channels share one gain, so that the stereo image stays. Where no floor is found, or one
    more than 50 dB below the music, the input passes bit for bit.

    A stream without a first pass works from what it has heard so far: it learns anew about
    every one and a half seconds.
    """

    def __init__(
        self,
        *,
        strength: float = 1.0,
        max_attenuation_db: float = 15.0,
        floor_offset_db: float = 0.0,
        noise_profile: str = "auto",
        floor_estimate: Literal["steady", "read", "learned", "gathered"] = "steady",
        expect_noise: bool = False,
        long_frames: bool = True,
        mode: Literal["logmmse", "gate", "subtract", "wiener", "median"] = "logmmse",
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class SpectralShaper(_SpectralShaper):
    """Limit the band, tilt the spectrum, lift 10 to 16 kHz.

    One linear-phase filter, aligned with the input, computed as the input plus a change: with
    nothing to change the input passes bit for bit.

    Parameters
    ----------
    low_hz : a number from 0 to 500 Hz, default 20.0
        The band is whole from here up (-0.1 dB) and 28 dB down an octave below; 0 leaves the
        bottom.
    high_hz : a number from 1000 to 384000 Hz, default 20000.0
        The band is whole up to here and gone half an octave above, or at half the sample rate
        if that is nearer; from half the sample rate on it leaves the top.
    tilt_db_per_octave : a number from -6 to 6 dB/octave, default 0.0
        Slope of the whole spectrum around 1 kHz, from 20 Hz to 20 kHz; above 0 is brighter.
    air_percent : a number from 0 to 100 %, default 0.0
        Lift of 10 to 16 kHz as a gain: 15 is 1.15, or 1.21 dB.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    ``air_percent`` is a gain: 15 means 1.15, that is +1.21 dB, over the whole of 10 to 16 kHz.
    """

    def __init__(
        self,
        *,
        low_hz: float = 20.0,
        high_hz: float = 20000.0,
        tilt_db_per_octave: float = 0.0,
        air_percent: float = 0.0,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class SpeedCorrector(_SpeedCorrector):
    """Correct a constant error of speed: by rpm, by cents, by the mains hum, or by the tuning.

    The recording becomes longer or shorter, and its pitch follows. Where the speed is right, or
    what is asked for is not found, the input passes bit for bit. Renders move cue points,
    regions, loops and chapters with the sound.

    Parameters
    ----------
    method : one of rpm, cents, hum, tuning, default 'rpm'
        What the speed is found by; hum and tuning are measured in a first pass.
    rpm_played : a number from 10 to 200 rpm, default 78.26
        Speed of the transfer: as set, or as analyze measures it.
    rpm_recorded : a number from 10 to 200 rpm, default 78.26
        Speed of the recording: 78.26, 77.92 (mains of 50 Hz), 76.59, 80, 33.333...
    cents : a number from -1200 to 1200 cents, default 0.0
        How much the pitch is to rise; below 0 it falls.
    hum_hz : a number from 10 to 100 Hz, default 50.0
        What the mains hum of the recording is to be at: 50 or 60.
    tuning_hz : a number from 380 to 480 Hz, default 440.0
        What A4 is to be at; the nearest speed is taken, half a semitone at most.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    soxr at its best quality; the ratio is exact, the length rounded to a sample.
    """

    def __init__(
        self,
        *,
        method: Literal["rpm", "cents", "hum", "tuning"] = "rpm",
        rpm_played: float = 78.26,
        rpm_recorded: float = 78.26,
        cents: float = 0.0,
        hum_hz: float = 50.0,
        tuning_hz: float = 440.0,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class SurfaceNoise(_SurfaceNoise):
    """Add the noise of a record's surface, whose level and spectrum swing with every turn.

    Part of the pattern recurs from turn to turn, and it drifts slowly, as the groove passes over
    a disc that is worn and pressed unevenly. Single grains of the material stand out of the noise.

    Parameters
    ----------
    seed : a whole number from 0 to 2147483647, default 0
        Another seed, other damage of the same kind.
    relative_to : one of programme, full_scale, default 'programme'
        What levels count from: the programme's own RMS (noise) and peak (impulses) over all
        channels, or full scale (an RMS of 1, a peak of 1).
    level_db : a number from -120 to 20 dB, default -22.0
        RMS over the programme's RMS (minus the signal-to-noise ratio), or over an RMS of 1. Can
        be automated.
    width : a number from 0 to 1, default 1.0
        0: the same noise in all channels, 1: noise of its own in each.
    tilt_db_per_octave : a number from -12 to 12 dB per octave, default -2.0
        Slope of the noise's spectrum: 0 white, -3 pink, -6 brown.
    tilt_spread_db_per_octave : a number from 0 to 6 dB per octave, default 0.0
        The seed draws the slope from the tilt plus or minus this.
    ripple_db : a number from 0 to 12 dB, default 0.0
        Standard deviation of a smooth random curve over octaves that the seed draws.
    low_hz : a number from 20 to 5000 Hz, default 20.0
        Lower edge of the noise (-3 dB, 12 dB per octave); at 20 Hz there is none.
    high_hz : a number from 500 to 40000 Hz, default 40000.0
        Upper edge of the noise (-3 dB, 24 dB per octave); none beyond half the rate.
    rpm : a number from 10 to 120 rpm, default 78.26
        Speed of the record: 78.26, 33.33, 45, ...
    swing_db : a number from 0 to 10 dB, default 2.0
        Standard deviation of the level around a turn.
    recurrence : a number from 0 to 1, default 0.85
        How much of a turn's pattern the next turn repeats.
    grain : a number from 0 to 1, default 0.4
        0: smooth Gaussian noise; more: single grains stand out of it.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    Two noises, below and above 1.5 kHz, each with a level of its own around the turn
    (:class:`TurnPattern`); half of each pattern is common to both.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        relative_to: Literal["programme", "full_scale"] = "programme",
        level_db: float = -22.0,
        width: float = 1.0,
        tilt_db_per_octave: float = -2.0,
        tilt_spread_db_per_octave: float = 0.0,
        ripple_db: float = 0.0,
        low_hz: float = 20.0,
        high_hz: float = 40000.0,
        rpm: float = 78.26,
        swing_db: float = 2.0,
        recurrence: float = 0.85,
        grain: float = 0.4,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class Thumps(_Thumps):
    """Add thumps: the tone arm swings after a deep scratch or a crack struck it.

    Each is a damped swing of half to three cycles whose frequency falls, on the track ``thumps``
    (events ``thump``). A part of them begins with the pop that caused them, on the track
    ``clicks`` (events ``pop``).

    Parameters
    ----------
    seed : a whole number from 0 to 2147483647, default 0
        Another seed, other damage of the same kind.
    relative_to : one of programme, full_scale, default 'programme'
        What levels count from: the programme's own RMS (noise) and peak (impulses) over all
        channels, or full scale (an RMS of 1, a peak of 1).
    rate_per_s : a number from 0 to 20 per second, default 0.7
        Thumps per second.
    amplitude_min : a number from 0.001 to 4, default 0.05
        Peak of the quietest thumps, as a part of the programme's peak (or of 1); peaks are
        drawn evenly in dB between both.
    amplitude_max : a number from 0.001 to 4, default 0.3
        Peak of the loudest thumps, as a part of the programme's peak (or of 1).
    recurring : a number from 0 to 1, default 0.6
        The part of the thumps that comes back once a turn.
    rpm : a number from 10 to 120 rpm, default 78.26
        Speed of the record: 78.26, 33.33, 45, ...
    stereo : one of mixed, same, one, default 'mixed'
        Where impulses fall with several channels: the same on all, on one, or mixed as in a
        groove (in phase, out of phase, one wall alone).
    length_min_ms : a number from 2 to 400 ms, default 10.0
        The shortest tails; lengths are drawn evenly over their logarithm.
    length_max_ms : a number from 2 to 400 ms, default 80.0
        The longest tails.
    pops : a number from 0 to 1, default 0.7
        The part of the thumps that begins with a pop.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    Scratch pulses as in Vaseghi and Frayling-Cork, Restoration of old gramophone recordings,
    JAES 40 (1992), 791-801: a short burst, and the low-frequency response of the pickup to it.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        relative_to: Literal["programme", "full_scale"] = "programme",
        rate_per_s: float = 0.7,
        amplitude_min: float = 0.05,
        amplitude_max: float = 0.3,
        recurring: float = 0.6,
        rpm: float = 78.26,
        stereo: Literal["mixed", "same", "one"] = "mixed",
        length_min_ms: float = 10.0,
        length_max_ms: float = 80.0,
        pops: float = 0.7,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class TracingDistortion(_TracingDistortion):
    """Distort as a stylus of some radius does: more for loud, for high and for inner grooves.

    A stylus touches a sloping wall not under its middle but ahead or behind: what it plays at a
    time is what was cut at another, ``u = t + (r / V) m / sqrt(1 + m^2)``, where ``r`` is the
    stylus radius, ``V`` the groove's speed and ``m`` its slope at the point of contact, velocity
    over groove speed. So the signal modulates its own phase: a sine of the velocity ``v`` gets a
    second harmonic of ``pi f r v / V^2`` of itself (small values).

    Parameters
    ----------
    seed : a whole number from 0 to 2147483647, default 0
        Changes nothing: the stage draws nothing at random.
    cut : one of vertical, lateral, default 'vertical'
        vertical: hill-and-dale cuts, and each wall of a stereo groove; lateral: mono records,
        on which the walls' even harmonics cancel.
    stylus_um : a number from 2 to 100 um, default 18.0
        Radius of the tip: LP 18, elliptical 8, shellac 65.
    velocity_cm_s : a number from 0.5 to 60 cm/s, default 15.0
        Groove velocity of full scale.
    rpm : a number from 16 to 160 rpm, default 33.333
        Turns per minute.
    radius_mm : a number from 48 to 200 mm, default 80.0
        Radius of the groove at the first sample: LP 146 to 60, shellac 120 to 48.
    inward_mm_per_min : a number from 0 to 60 mm/min, default 0.0
        How fast the groove runs inwards, to 48 mm at most: LP 4, shellac 22.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    Lewis and Hunt, A theory of tracing distortion in sound reproduction from phonograph records,
    JASA 12 (1941), 348-365; Corrington, Tracing distortion in phonograph records, RCA Review 10
    (1949), 241-253. The curve that the stylus' middle runs along is parallel to the groove, so its
    slope is that at the point of contact. Where the groove curves more sharply than the stylus,
    which then rests on two points, the contact is where six rounds of the secant method lead. The
    input is taken for the velocity as cut: put the recording curve's treble before it, and its
    opposite behind, to have that counted. Made at four times the rate (of 44.1 kHz).
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        cut: Literal["vertical", "lateral"] = "vertical",
        stylus_um: float = 18.0,
        velocity_cm_s: float = 15.0,
        rpm: float = 33.333,
        radius_mm: float = 80.0,
        inward_mm_per_min: float = 0.0,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class TubeDistortion(_TubeDistortion):
    """Saturate softly, the two half waves unlike.

    With ``v = 10^(drive_db / 20) x`` and ``t = tanh v``, the output is
    ``((1 - odd) v + odd t + even t^2 / 2) 10^(-drive_db / 20)``: quiet sound passes at its level,
    loud sound bends. The curve always rises. A sine of small amplitude ``A`` gets a second harmonic
    of ``even g A / 4`` and a third of ``odd (g A)^2 / 12`` of itself, ``g`` being the drive.

    Parameters
    ----------
    seed : a whole number from 0 to 2147483647, default 0
        Changes nothing: the stage draws nothing at random.
    drive_db : a number from -20 to 24 dB, default 9.0
        How far into the bend full scale reaches: its knee lies at -drive_db dBFS.
    even : a number from 0 to 1, default 0.5
        Lopsidedness: second, fourth, ... harmonics, as of a single triode.
    odd : a number from 0 to 1, default 1.0
        Saturation: third, fifth, ... harmonics, as of a push-pull stage.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    Made at eight times the rate (of 44.1 kHz); what still folds back to below 20 kHz from a
    full-scale sine of 5 kHz lies below -100 dB at up to 18 dB of drive, and below -70 dB at 24 dB.
    A high-pass of the first order, at 10 Hz, takes the constant part out of what is added.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        drive_db: float = 9.0,
        even: float = 0.5,
        odd: float = 1.0,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class UNetDenoiser(_UNetDenoiser):
    """Take hiss, surface noise, film and tape noise off a recording, by three networks.

    Parameters
    ----------
    strength : a number from 0 to 1, default 1.0
        Strength: 0 = bypass, 1 = full.
    max_attenuation_db : a number from 0 to 60 dB, default 16.0
        Noise is lowered by at most this.
    floor_offset_db : a number from -12 to 12 dB, default 0.0
        Raises or lowers the noise floor that was found.
    noise_profile : auto, a region START-END in seconds (at least 0.1 s, as in 0.05-0.95), or the name of an audio file with its ending, default 'auto'
        Where the noise is learned: from the music, a region of noise, or a file.
    floor_estimate : one of steady, read, learned, gathered, default 'steady'
        How a blind floor is found: from what stays steady while the music moves and what a
        network says, by one that reads what bands show of noise, by one that sees counts of
        levels, or where noise-like levels gather.
    expect_noise : true or false, default False
        The recording is known to be noisy, as an old record is: faint noise is lowered that
        could as well be the bottom of a clean recording (steady and read alone).
    long_frames : true or false, default True
        Second pass with 4x longer frames, to preserve partials.
    reduce_musical_noise : true or false, default True
        Lower gains that stand out alone, which twitter.
    network : one of full, small, default 'full'
        The second network; small has two fifths of the products, and is a little less sure
        where music never rests.
    device : one of auto, cpu, cuda, default 'auto'
        Without effect: networks run on the processor alone.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    The first network corrects the noise floor over time and frequency where it is unsure, then
    come the gains of :class:`SpectralDenoiser`, and the second network
    corrects those, the more the less sure the floor is. Untrained networks would change nothing:
    the stage then equals that one's default, but for lone gains. It is better than that one on
    film noise, whose low octaves a blind floor underrates; on steady hiss it gains nothing. Where
    a recording is noisy its rumble goes too.

    Frames last 46 ms at every sample rate, so that nothing is resampled; above 24 kHz the
    classical gains stand. Channels share one gain. Where no floor is found, or one more than
    50 dB below the music, the input passes bit for bit.

    The idea of two stages is from [1]_.

    References
    ----------
    .. [1] E. Moliner, V. Valimaki, "A two-stage U-Net for high-fidelity denoising of historical
       recordings", Proc. ICASSP 2022.
    """

    def __init__(
        self,
        *,
        strength: float = 1.0,
        max_attenuation_db: float = 16.0,
        floor_offset_db: float = 0.0,
        noise_profile: str = "auto",
        floor_estimate: Literal["steady", "read", "learned", "gathered"] = "steady",
        expect_noise: bool = False,
        long_frames: bool = True,
        reduce_musical_noise: bool = True,
        network: Literal["full", "small"] = "full",
        device: Literal["auto", "cpu", "cuda"] = "auto",
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class Varispeed(_Varispeed):
    """Correct a speed that varies, by a curve from a file: what was too fast becomes longer.

    Where the curve is 1 and nothing was moved before, the input passes bit for bit; so it does
    without a file. Renders move cue points, regions, loops and chapters with the sound.

    Parameters
    ----------
    curve_file : the path of a CSV file of seconds,speed; empty: nothing is done, default ''
        The speed over the recording's own time, 1 where it is right: as restorack speed writes
        it, or edited.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    A sinc of 128 points in a Kaiser window: errors below -100 dB up to 0.45 of the sample rate.
    """

    def __init__(
        self,
        *,
        curve_file: str = "",
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class WowCorrector(_WowCorrector):
    """Correct wow that comes once and twice a turn and grows inwards, found blind.

    The partials of the whole file tell it in a first pass: a wave of one speed of rotation that
    all of them follow, in both halves of the file alike, over 20 turns or more. Where there is
    none of 0.05 % or more, the input passes bit for bit; so does a stream without a first pass.
    ``drift`` also corrects what is slower than 1.5 s and faster than 20 s, where the notes of one
    pitch tell it, every other one as the rest; 0.15 % or more, over 40 s at least.
    The output is as long as the input, and nothing is moved by more than the wow itself moves it
    (1.2 ms for 1 % at 78 rpm).

    Parameters
    ----------
    rpm : auto, or a number from 10 to 200 rpm, default 'auto'
        Speed of rotation in the transfer, within 1 %; auto looks around 33.3 and 45 rpm, and
        from 60 to 100.
    drift : true or false, default False
        Correct slow drift too, slower than once in 1.5 s: for tapes and drives, not for
        singers, who drift like them.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    Frequencies by the reassigned spectrogram (Auger and Flandrin 1995); depth, phase, growth and
    speed of rotation by weighted least squares, repeated on the corrected signal. Read by a sinc
    of 128 points in a Kaiser window: errors below -100 dB up to 0.45 of the sample rate. The
    first pass keeps 2.6 MB a minute.
    """

    def __init__(
        self,
        *,
        rpm: float | Literal["auto"] = "auto",
        drift: bool = False,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...

class WowFlutter(_WowFlutter):
    """Let the speed wobble: once a turn, several times a second, and by scraping.

    All channels move alike. The signal keeps its length and wobbles about its own place: it never
    lies farther from it than the wow's swing, 1.5 ms for 0.6 % at 78 rpm.

    Parameters
    ----------
    seed : a whole number from 0 to 2147483647, default 0
        Another seed, other damage of the same kind.
    wow_percent : a number from 0 to 3 %, default 0.3
        Once-a-turn speed variation, weighted RMS.
    rpm : a number from 16 to 160 rpm, default 78.26
        Turns per minute: shellac 78.26, LPs 33.333, singles 45, cylinders 160.
    flutter_percent : a number from 0 to 3 %, default 0.1
        Irregular variation around flutter_hz, weighted RMS.
    flutter_hz : a number from 2 to 100 Hz, default 8.0
        Middle of the flutter: motors and capstans 5 to 12, a projector 24.
    scrape_percent : a number from 0 to 1 %, default 0.02
        Noise-like variation around scrape_hz, unweighted RMS.
    scrape_hz : a number from 200 to 8000 Hz, default 2000.0
        Middle of the scrape, which spreads over an octave.
    mix : a number from 0 to 1, default 1.0
        Dry/wet: 0 returns the input bit for bit, 1 the processed signal. Can be automated.
    residual : true or false, default False
        Return what the stage takes away (input minus output) instead.

    Notes
    -----
    Wow and flutter are weighted RMS (WRMS, the weights of AES6-2008), scrape is unweighted.
    The signal is read at moving positions through 64 points of a sinc in a Kaiser window: errors
    lie below -90 dB up to 0.4 of the sample rate.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        wow_percent: float = 0.3,
        rpm: float = 78.26,
        flutter_percent: float = 0.1,
        flutter_hz: float = 8.0,
        scrape_percent: float = 0.02,
        scrape_hz: float = 2000.0,
        mix: float = 1.0,
        residual: bool = False,
    ) -> None: ...
