"""Where the U-Net denoiser's networks come from, and where they run."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from restorack.errors import ParameterError

if TYPE_CHECKING:
    from restorack.networks.denoiser import DenoiserNet

WEIGHTS = "denoiser"


def denoiser_network() -> DenoiserNet:
    """Return the trained networks that come with the package."""
    from restorack.weights.store import load_network

    return cast("DenoiserNet", load_network(WEIGHTS))


def chosen_device(wanted: str) -> str:
    """Return the device that ``auto``, ``cpu`` or ``cuda`` means here.

    Raises
    ------
    ParameterError
        For ``cuda`` on a machine where PyTorch finds none.
    """
    import torch

    there = torch.cuda.is_available()
    if wanted == "cuda" and not there:
        raise ParameterError(
            "device = 'cuda'",
            rule="PyTorch finds a CUDA device",
            remedy="install a CUDA build of PyTorch and its driver, or set device to auto",
        )
    return "cuda" if there and wanted != "cpu" else "cpu"
