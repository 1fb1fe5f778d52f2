"""Where the U-Net denoiser's networks come from."""

from __future__ import annotations

from collections.abc import Mapping

from restorack.inference.network import Network
from restorack.weights.native import load_native

WEIGHTS = {"full": "denoiser", "small": "denoiser-small"}
"""Names of weights by the size of the second network."""


def denoiser_networks(size: str) -> Mapping[str, Network]:
    """Return the trained networks that come with the package: ``floor`` and ``mask``.

    Parameters
    ----------
    size : {"full", "small"}
    """
    return load_native(WEIGHTS[size]).networks
