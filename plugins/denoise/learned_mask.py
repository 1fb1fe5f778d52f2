"""LearnedMask: a mask network of one's own training, or the small one that comes along."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.core.parameters import FloatParameter, TextParameter
from restorack.dsp.decibels import db_to_amplitude
from restorack.dsp.stft import Spectra
from restorack.errors import WeightsError
from restorack.inference.mask_shape import DILATIONS, mask_reach
from restorack.inference.tiny_mask import TinyMask
from restorack.plugins.denoise.mask_window import MaskWindow
from restorack.plugins.denoise.stage import GROUP, FloorDenoiser

ARCHITECTURE = "tiny-mask"
_HOP_SECONDS = 512 / 44_100
"""In seconds, the hop that tiny masks are trained with: 512 samples at 44.1 kHz."""


def names_weights(text: str) -> bool:
    """Return whether a text can be a name of weights, or a path."""
    return bool(text.strip())


def is_weights_file(text: str) -> bool:
    """Return whether a text is a path rather than a name."""
    return text.endswith((".safetensors", ".json"))


class LearnedMask(FloorDenoiser):
    """Take noise off with a small network that you can train for the noise you have.

    Parameters
    ----------
    weights : str
        A name that comes with the package, or the path of weights that ``restorack train
        tiny-hiss`` has exported.
    strength : float
        Strength, from 0 (bypass) to 1 (full).
    max_attenuation_db : float
        Noise is lowered by at most this; the network's own limit is what it was trained with.
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

    weights = TextParameter(
        "tiny-hiss",
        form="a name of weights, or the path of a .safetensors file",
        accepts=names_weights,
        is_path=is_weights_file,
        description="The network: a name that comes with the package, or the path of your own.",
    )
    strength = FloatParameter(
        1.0,
        0.0,
        1.0,
        description="Strength: 0 = bypass, 1 = full.",
        automatable=False,
    )

    max_attenuation_db = FloatParameter(
        20.0,
        0.0,
        60.0,
        unit="dB",
        description="Noise is lowered by at most this.",
        automatable=False,
    )

    @staticmethod
    def hop_for(sample_rate: float) -> int:
        """Return the hop between frames: a multiple of 8 samples near 11.6 ms."""
        return 8 * max(1, round(sample_rate * _HOP_SECONDS / 8))

    @property
    def _frames_kept(self) -> int:
        return _reach(self.weights)

    def _open(self, channels: int) -> None:
        from restorack.weights.native import load_native

        _reach(self.weights)  # says what is wrong with the weights
        held = load_native(self.weights)
        network = TinyMask(held.network("logits"), held.tensor("prior"), held.settings)
        self._window = MaskWindow(network, channels, len(self._frequencies), GROUP)
        self._least = db_to_amplitude(-self.max_attenuation_db)
        self._share = self.strength

    def _changed(self, spectra: Spectra, density: NDArray[np.float64] | None) -> Spectra:
        return self._window.change(spectra, density, self._share, self._least)


def _reach(weights: str) -> int:
    """Return how many frames ahead a network looks, from its manifest.

    Raises
    ------
    WeightsError
        For weights of another architecture.
    """
    from restorack.weights.store import read_manifest

    architecture = read_manifest(weights).architecture
    if architecture.name != ARCHITECTURE:
        raise WeightsError(
            f"weights of the architecture {architecture.name!r}",
            where=f"LearnedMask.weights = {weights!r}",
            rule=f"weights of {ARCHITECTURE!r}, as restorack train tiny-hiss exports them",
        )
    return mask_reach(architecture.settings.get("dilations", DILATIONS))
