"""Checkpoints: one safetensors file with everything, its state as JSON in the header."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from restorack.errors import TrainingError
from restorack.io.atomic import write_whole
from restorack.weights.store import fill

FORMAT = 1
"""Version of the file."""


@dataclass
class Checkpoint:
    """What is in a checkpoint.

    Attributes
    ----------
    tensors : dict of str to Tensor
        ``network/...``, ``average/...`` and ``optimiser/PARAMETER/...``.
    state : dict
        Step, position in the data, seconds, sums of the log, best score, configuration.
    """

    tensors: dict[str, Tensor]
    state: dict[str, Any]


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint; at every moment the file is a whole one, the old or the new."""
    from safetensors.torch import save

    tensors = {
        name: value.detach().cpu().contiguous().clone()
        for name, value in checkpoint.tensors.items()
    }
    state = json.dumps({"format": FORMAT, **checkpoint.state}, allow_nan=False)
    write_whole(path, save(tensors, metadata={"state": state}))


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises
    ------
    TrainingError
        Where it is missing, or not one that this version can go on from.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        state = json.loads(metadata["state"])
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise TrainingError(
            f"is not a checkpoint that can be read ({error})",
            where=str(path),
            remedy="start anew in another folder",
        ) from None
    if state.get("format") != FORMAT:
        raise TrainingError(
            f"a checkpoint of format {state.get('format')!r}",
            where=str(path),
            rule=f"format {FORMAT}",
            remedy="go on with the version that wrote it",
        )
    return Checkpoint(tensors, state)


def network_tensors(prefix: str, network: nn.Module) -> dict[str, Tensor]:
    """Return a network's weights under a prefix."""
    return {f"{prefix}/{name}": value for name, value in network.state_dict().items()}


def restore_network(prefix: str, network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Give a network the weights that :func:`network_tensors` named.

    Raises
    ------
    WeightsError
        Where they do not fit.
    """
    fill(network, _below(prefix, tensors), "checkpoint")


def optimiser_tensors(
    prefix: str, optimiser: torch.optim.Optimizer, network: nn.Module
) -> dict[str, Tensor]:
    """Return an optimiser's state by the names of the parameters it belongs to."""
    names = {id(value): name for name, value in network.named_parameters()}
    return {
        f"{prefix}/{names[id(parameter)]}/{key}": torch.as_tensor(value)
        for parameter, state in optimiser.state.items()
        for key, value in state.items()
    }


def restore_optimiser(
    prefix: str,
    optimiser: torch.optim.Optimizer,
    network: nn.Module,
    tensors: Mapping[str, Tensor],
) -> None:
    """Give an optimiser the state that :func:`optimiser_tensors` named."""
    parameters = dict(network.named_parameters())
    for path, value in _below(prefix, tensors).items():
        name, _, key = path.rpartition("/")
        parameter = parameters[name]
        # AdamW keeps its count of steps on the CPU.
        placed = value if key == "step" else value.to(parameter.device)
        optimiser.state[parameter][key] = placed.clone()


def _below(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    start = f"{prefix}/"
    return {
        name.removeprefix(start): value for name, value in tensors.items() if name.startswith(start)
    }
