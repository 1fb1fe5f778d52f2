"""SpectralDenoiser: broadband noise taken off short-time spectra, the classical way."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.core.parameters import ChoiceParameter
from restorack.dsp.stft import Spectra
from restorack.plugins.denoise.stage import GRID, GROUP, FloorDenoiser


class SpectralDenoiser(FloorDenoiser):
    """Take stationary broadband noise (hiss, surface noise, hum's haze) off a recording.

    Parameters
    ----------
    strength : float
        Strength, from 0 (bypass) to 1 (full).
    max_attenuation_db : float
        Noise is lowered by at most this. What stays masks the traces of the processing.
    floor_offset_db : float
        Raises or lowers the noise floor that was found.
    noise_profile : str
        ``auto``, ``START-END`` in seconds, or a file.
    floor_estimate : str
        How the floor of music is found, where no profile is given: from what stays steady while
        the music moves and what a trained network says (``steady``), by a network that reads what
        bands show of noise (``read``), by one that sees counts of their levels alone
        (``learned``), or where noise-like levels gather (``gathered``).
    expect_noise : bool
        The recording is known to be noisy: faint noise is lowered that could as well be the bottom
        of a clean recording. With ``steady`` and ``read`` alone.
    long_frames : bool
        Looks again through frames four times as long, in which partials stand further out.
    mode : str
        ``logmmse`` sounds best: log-spectral amplitudes with block-thresholded signal-to-noise
        ratios. ``wiener`` takes off a little more. ``gate``, ``subtract`` and ``median`` are
        the older methods.

    Notes
    -----
    Channels share one gain, so that the stereo image stays. Where no floor is found, or one
    more than 50 dB below the music, the input passes bit for bit.

    A stream without a first pass works from what it has heard so far: it learns anew about
    every one and a half seconds.
    """

    mode = ChoiceParameter(
        "logmmse",
        ("logmmse", "gate", "subtract", "wiener", "median"),
        description="How gains follow from the signal-to-noise ratio.",
    )

    @staticmethod
    def hop_for(sample_rate: float) -> int:
        """Return the hop between frames: a multiple of 64 samples near 11.6 ms."""
        return GRID * max(1, round(0.0116 * sample_rate / GRID))

    @property
    def _frames_kept(self) -> int:
        return GROUP

    def _open(self, channels: int) -> None:
        from restorack.plugins.denoise.engine import GainWindow

        self._window = GainWindow(self.mode, channels, len(self._frequencies))

    def _changed(self, spectra: Spectra, density: NDArray[np.float64] | None) -> Spectra:
        strength, limit_db, _ = self._latched
        return self._window.change(spectra, density, strength, limit_db)
