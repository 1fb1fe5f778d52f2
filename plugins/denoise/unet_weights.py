"""Where the U-Net denoiser's networks come from."""

from __future__ import annotations

from collections.abc import Mapping

from restorack.inference.network import Network
from restorack.weights.native import load_native

WEIGHTS = "denoiser"


def denoiser_networks() -> Mapping[str, Network]:
    """Return the trained networks that come with the package: ``floor`` and ``mask``."""
    return load_native(WEIGHTS).networks
