"""UNetDenoiser: broadband noise taken off by two networks that start from the classical gains."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from restorack.core.parameters import BoolParameter, ChoiceParameter, FloatParameter
from restorack.dsp.stft import Spectra
from restorack.inference.denoiser_grid import FRAMES_KEPT
from restorack.plugins.denoise.stage import FloorDenoiser
from restorack.plugins.denoise.unet_weights import WEIGHTS, denoiser_networks


class UNetDenoiser(FloorDenoiser):
    """Take hiss, surface noise, film and tape noise off a recording, by three networks.

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
    reduce_musical_noise : bool
        Lowers gains that stand out alone in time and frequency.
    long_frames : bool
        Looks again through frames four times as long, in which partials stand further out.
    network : str
        ``full``, or ``small``: a second network of two fifths of the products.
    device : str
        Without effect: the networks run on the processor alone. Kept so that presets load.

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

    strength = FloatParameter(
        1.0,
        0.0,
        1.0,
        description="Strength: 0 = bypass, 1 = full.",
        automatable=False,
    )
    max_attenuation_db = FloatParameter(
        16.0,
        0.0,
        60.0,
        unit="dB",
        description="Noise is lowered by at most this.",
        automatable=False,
    )
    floor_offset_db = FloatParameter(
        0.0,
        -12.0,
        12.0,
        unit="dB",
        description="Raises or lowers the noise floor that was found.",
        automatable=False,
    )
    reduce_musical_noise = BoolParameter(
        True, description="Lower gains that stand out alone, which twitter."
    )
    network = ChoiceParameter(
        "full",
        tuple(WEIGHTS),
        description="The second network; small has two fifths of the products, and is a little "
        "less sure where music never rests.",
    )
    device = ChoiceParameter(
        "auto",
        ("auto", "cpu", "cuda"),
        description="Without effect: networks run on the processor alone.",
    )

    @staticmethod
    def hop_for(sample_rate: float) -> int:
        """Return the hop between frames: a multiple of 8 samples near 11.6 ms."""
        return 8 * max(1, round(0.0116 * sample_rate / 8))

    @property
    def _frames_kept(self) -> int:
        return FRAMES_KEPT

    def _open(self, channels: int) -> None:
        from restorack.plugins.denoise.unet_engine import Limits, NetworkWindow

        if self.device == "cuda":
            warnings.warn(
                "UNetDenoiser.device = 'cuda' is without effect: the networks run on the processor",
                FutureWarning,
                stacklevel=2,
            )
        limits = Limits(self.strength, self.max_attenuation_db, self.reduce_musical_noise)
        self._window = NetworkWindow(
            denoiser_networks(self.network), channels, self._frequencies, limits
        )
        self._known: object = None

    def _changed(self, spectra: Spectra, density: NDArray[np.float64] | None) -> Spectra:
        if self._floor is not self._known or self._groups == 1:
            self._window.know(self._floor)
            self._known = self._floor
        return self._window.change(spectra, density)
