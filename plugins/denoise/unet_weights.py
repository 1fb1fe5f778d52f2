"""Where the U-Net denoiser's networks come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from restorack.networks.denoiser import DenoiserNet

WEIGHTS = "denoiser"


def denoiser_network() -> DenoiserNet:
    """Return the trained networks that come with the package."""
    from restorack.weights.store import load_network

    return cast("DenoiserNet", load_network(WEIGHTS))
