"""Where networks run: a GPU where there is one, if nothing else is asked for."""

from __future__ import annotations

from restorack.errors import ParameterError


def chosen_device(wanted: str) -> str:
    """Return the device that ``auto``, ``cpu``, ``cuda`` or ``cuda:1`` means here.

    Raises
    ------
    ParameterError
        For ``cuda`` on a machine where PyTorch finds none, and for a word that is no device.
    """
    import torch

    there = torch.cuda.is_available()
    if wanted == "auto":
        return "cuda" if there else "cpu"
    if wanted != "cpu" and not wanted.startswith("cuda"):
        raise ParameterError(f"device = {wanted!r}", rule="device is auto, cpu or cuda")
    if wanted.startswith("cuda") and not there:
        raise ParameterError(
            f"device = {wanted!r}",
            rule="PyTorch finds a CUDA device",
            remedy="install a CUDA build of PyTorch and its driver, or set device to auto",
        )
    return wanted
