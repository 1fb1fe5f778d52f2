"""Several losses of waveforms, weighted by name, as a configuration gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import Tensor

from restorack.errors import ConfigError, suggest
from restorack.training.losses.perceptual import mel_distance
from restorack.training.losses.spectral import (
    compressed_stft,
    multi_resolution_stft,
    over_suppression,
)
from restorack.training.losses.waveform import mean_absolute_error, si_sdr_loss

Loss = Callable[[Tensor, Tensor], Tensor]


def _complex_stft(estimate: Tensor, reference: Tensor) -> Tensor:
    return multi_resolution_stft(
        estimate, reference, convergence=0.0, logarithmic=0.0, complex_=1.0
    )


LOSSES: dict[str, Loss] = {
    "mae": mean_absolute_error,
    "si_sdr": si_sdr_loss,
    "stft": multi_resolution_stft,
    "complex_stft": _complex_stft,
    "compressed": compressed_stft,
    "over_suppression": over_suppression,
    "mel": mel_distance,
}
"""What a mixture can hold; losses that need more than two waveforms are called by tasks."""


class Mixture:
    """A weighted sum of losses.

    Parameters
    ----------
    weights : mapping of str to float
        By the names of ``LOSSES``; what weighs 0 is not computed.

    Raises
    ------
    ConfigError
        For a name that is not known, or nothing to minimise.
    """

    def __init__(self, weights: Mapping[str, float]) -> None:
        for name in weights:
            if name not in LOSSES:
                raise ConfigError(f"no loss is called {name!r}", remedy=suggest(name, LOSSES))
        self._weights = {name: weight for name, weight in weights.items() if weight}
        if not self._weights:
            raise ConfigError("a mixture of no losses", rule="at least one weight above 0")

    def __call__(self, estimate: Tensor, reference: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the sum, and each loss by itself, unweighted, for the log.

        Parameters
        ----------
        estimate, reference : Tensor, shape (batch, samples)
        """
        total, parts = estimate.new_zeros(()), {}
        for name, weight in self._weights.items():
            value = LOSSES[name](estimate, reference)
            parts[name] = value.detach()
            total = total + weight * value
        return total, parts
