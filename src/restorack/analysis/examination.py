"""A recording under examination: the whole stream past the meters, passages of it more closely."""

from __future__ import annotations

import numpy as np

from restorack.analysis.walls import WallMeter
from restorack.dsp.arrays import Rows
from restorack.meters.band_levels import BandLevels
from restorack.meters.bandwidth_edge import LongTermSpectrum
from restorack.meters.beat import BeatMeter
from restorack.meters.click_figures import (
    LEAST_SHARE_OF_PEAK,
    WINDOW_S,
    windows_in,
)
from restorack.meters.clipping.meter import ClippingMeter
from restorack.meters.crackle import CrackleMeter
from restorack.meters.decoder_peaks import DecoderPeakMeter
from restorack.meters.histogram_floor.estimate import NoiseFloor, NoiseFloorEstimator
from restorack.meters.hum import HumSpectra
from restorack.meters.hum_track import HumTrack, track_hum
from restorack.meters.impulses import Impulse, impulses_between
from restorack.meters.levels import LevelMeter
from restorack.meters.loudness import LoudnessMeter, TruePeakMeter
from restorack.meters.rotation import RotationFinder
from restorack.meters.rumble import RumbleMeter
from restorack.meters.sibilance import SibilanceMeter
from restorack.meters.speech import SpeechMeter
from restorack.meters.speed.partials import SlowSignal
from restorack.meters.stereo_image import StereoMeter
from restorack.meters.thumps import ThumpMeter

# Seconds that a passage fades over where it does not join the one before; seconds whose loudest
# sample is kept. By hand.
FADE_S = 0.02
PEAK_BLOCK_S = 0.1
PEAK_RANK = 3
"""The third loudest tenth of a second: two clicks that were missed do not count as music."""

# Mains of the world; harmonics that are told, the top that is listened to (the eighth of 60 Hz,
# with room), and the lock-in's widest band, in Hz, by hand.
MAINS_HZ = (50.0, 60.0)
HUM_HARMONICS, HUM_TOP_HZ, HUM_WIDTH_HZ = 8, 520.0, 2.0


class WholeMeters:
    """What is measured over every sample; memory grows by 0.7 MB a minute.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    channels : int
        Rows of every block.
    """

    def __init__(self, sample_rate: float, channels: int) -> None:
        self.levels = LevelMeter(channels)
        self.loudness = LoudnessMeter(sample_rate, channels)
        self.true_peak = TruePeakMeter(sample_rate, channels)
        self.clipping = ClippingMeter(channels)
        self.rumble = RumbleMeter(sample_rate, channels)
        self.noise = NoiseFloorEstimator(sample_rate, channels)
        self.decoder = DecoderPeakMeter(channels, sample_rate)

    def push(self, block: Rows) -> None:
        """Take samples."""
        for meter in vars(self).values():
            meter.push(block)


class CloseMeters:
    """What is measured over passages, most of it on what a declicker made of them.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    channels : int
        Rows of every passage.
    """

    def __init__(self, sample_rate: float, channels: int) -> None:
        self._rate, self.channels = sample_rate, channels
        self._noise = NoiseFloorEstimator(sample_rate, channels)
        self.spectrum = LongTermSpectrum(channels, sample_rate)
        self.bands = BandLevels(sample_rate, channels)
        self.stereo = StereoMeter(channels)
        self.crackle = CrackleMeter(sample_rate)
        self.thumps = ThumpMeter(sample_rate)
        self.speech = SpeechMeter(sample_rate)
        self.sibilance = SibilanceMeter(sample_rate)
        self.beat = BeatMeter(sample_rate)
        self.rotation = RotationFinder(sample_rate)
        self.walls = WallMeter(sample_rate, channels)
        self.slow = SlowSignal(sample_rate)
        self.impulses: list[Impulse] = []
        self.passages: list[tuple[float, float]] = []
        self.hums: list[tuple[float, HumTrack | None]] = []
        self._window_levels: list[float] = []
        self._block_peaks: list[float] = []
        self._joined_seconds = 0.0

    def push(self, original: Rows, repaired: Rows, seconds: float, apart: bool) -> None:
        """Take a passage.

        Parameters
        ----------
        original, repaired : ndarray of float32, shape (channels, samples)
            As it is, and without its clicks.
        seconds : float
            Where it begins.
        apart : bool
            It does not follow the passage before.
        """
        length = original.shape[1] / self._rate
        found = impulses_between(original, repaired, self._rate)
        self.impulses += [one.moved(seconds) for one in found]
        self.passages.append((seconds, length))
        self._gather_levels(repaired, length)
        peak = self.programme_peak
        clicks = [one for one in found if one.peak >= LEAST_SHARE_OF_PEAK * peak]
        self.crackle.push(original)
        self.thumps.push(repaired, [one.seconds for one in clicks])
        self.speech.push(repaired)
        self.sibilance.push(repaired)
        self.beat.push(repaired)
        pairs = [(one.seconds, one.peak) for one in clicks]
        self.rotation.push(repaired, pairs, self._joined_seconds)
        self._listen_for_hum(repaired, length)
        smooth = _faded(repaired, round(FADE_S * self._rate)) if apart else repaired
        for meter in (self._noise, self.spectrum, self.bands, self.stereo, self.walls, self.slow):
            meter.push(smooth)
        self._joined_seconds += length

    @property
    def programme_peak(self) -> float:
        """The peak of what was heard, without clicks."""
        largest = sorted(self._block_peaks, reverse=True)[:PEAK_RANK]
        return max(largest[-1], 1e-9) if largest else 1e-9

    @property
    def window_levels(self) -> np.ndarray:
        """Mean squares of windows, passage by passage."""
        return np.array(self._window_levels)

    def noise(self) -> NoiseFloor | None:
        """Return the noise floor."""
        return self._noise.estimate()

    def _gather_levels(self, repaired: Rows, length: float) -> None:
        square = np.square(repaired, dtype=np.float64).mean(axis=0)
        size = max(1, round(WINDOW_S * self._rate))
        for window in range(windows_in(length)):
            part = square[window * size : (window + 1) * size]
            self._window_levels.append(float(part.mean()) if part.size else 0.0)
        peaks = np.abs(repaired).max(axis=0)
        block = max(1, round(PEAK_BLOCK_S * self._rate))
        borders = np.arange(0, len(peaks), block)
        self._block_peaks += np.maximum.reduceat(peaks, borders).tolist() if len(peaks) else []

    def _listen_for_hum(self, repaired: Rows, length: float) -> None:
        if self._rate < 2.2 * HUM_TOP_HZ:
            return
        spectra = HumSpectra(self.channels, self._rate, HUM_TOP_HZ, None)
        spectra.push(repaired)
        if spectra.count:
            track = track_hum(spectra, MAINS_HZ, HUM_HARMONICS, HUM_WIDTH_HZ)
            self.hums.append((length, track))


def _faded(rows: Rows, fade: int) -> Rows:
    """Return a passage with soft ends, so that what it is joined to makes no step."""
    fade = min(fade, rows.shape[1] // 2)
    ramp = (0.5 - 0.5 * np.cos(np.pi * (np.arange(fade) + 0.5) / max(1, fade))).astype(np.float32)
    out = rows.copy()
    out[:, :fade] *= ramp
    out[:, rows.shape[1] - fade :] *= ramp[::-1]
    return out
