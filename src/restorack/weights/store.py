"""Find, check, load and save weights: a safetensors file with a manifest of the same stem."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from restorack.errors import WeightsError, suggest
from restorack.io.atomic import write_whole

if TYPE_CHECKING:
    from torch import nn

    from restorack.weights.manifest import Manifest

Tensors = dict[str, NDArray[Any]]

_FOLDER = Path(__file__).parent


def weight_names() -> list[str]:
    """Return the names of the weights that come with the package."""
    return sorted(path.stem for path in _FOLDER.glob("*.safetensors"))


def find_weights(name_or_path: str | PathLike[str]) -> Path:
    """Return the safetensors file that a name or a path means.

    Parameters
    ----------
    name_or_path : str or path-like
        A shipped name such as ``tiny-hiss``, or the path of a ``.safetensors`` file or of its
        manifest.

    Raises
    ------
    WeightsError
        Where there is none.
    """
    text = os.fspath(name_or_path)
    if text.endswith((".safetensors", ".json")) or os.sep in text:
        path = Path(text).expanduser().with_suffix(".safetensors")
        if not path.is_file():
            raise WeightsError("there is no such file", where=str(path), remedy="check the path")
        return path
    path = _FOLDER / f"{text}.safetensors"
    if text not in weight_names():
        raise WeightsError(
            f"no weights are called {text!r}",
            rule="a shipped name, or the path of a .safetensors file",
            remedy=suggest(text, weight_names()),
        )
    return path


def read_manifest(name_or_path: str | PathLike[str]) -> Manifest:
    """Return the manifest of a set of weights.

    Raises
    ------
    WeightsError
        Where it is missing or does not follow its schema.
    """
    from pydantic import ValidationError

    from restorack.config.validation import first_fault
    from restorack.weights.manifest import Manifest

    path = find_weights(name_or_path).with_suffix(".json")
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except OSError as error:
        raise WeightsError(
            f"no manifest ({error.strerror})",
            where=str(path),
            rule="weights have a manifest of the same name, ending in .json",
            remedy="fetch both files",
        ) from None
    except ValidationError as error:
        at, fault = first_fault(error)
        raise WeightsError(
            f"{at or 'the document'}: {fault}",
            where=str(path),
            rule="a manifest of restorack's weights",
        ) from None


def load_tensors(name_or_path: str | PathLike[str]) -> tuple[Tensors, Manifest]:
    """Return weights as arrays, checked against their manifest; torch is not loaded.

    Parameters
    ----------
    name_or_path : str or path-like
        As of :func:`find_weights`.

    Returns
    -------
    tensors : dict of str to ndarray
    manifest : Manifest

    Raises
    ------
    WeightsError
        Where a file is missing, or differs from what the manifest says.
    """
    path = find_weights(name_or_path)
    manifest = read_manifest(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"cannot be read ({error.strerror})", where=str(path)) from None
    if hashlib.sha256(data).hexdigest() != manifest.sha256:
        size = "" if len(data) == manifest.size else f": {len(data)} bytes of {manifest.size}"
        raise WeightsError(
            f"is not the file that its manifest describes{size}",
            where=str(path),
            rule="the file's SHA-256 is that in the manifest",
            remedy="fetch both files again",
        )
    return _decoded(data, path), manifest


def load_network(name_or_path: str | PathLike[str], device: str = "cpu") -> nn.Module:
    """Return a trained network, ready for inference.

    Parameters
    ----------
    name_or_path : str or path-like
        As of :func:`find_weights`.
    device : str
        Where torch puts it.

    Returns
    -------
    torch.nn.Module
        In evaluation mode, its parameters without gradients.

    Raises
    ------
    WeightsError
        Where a file is missing or corrupt, or the weights do not fit the architecture.
    """
    import torch

    from restorack.networks.registry import build_network

    tensors, manifest = load_tensors(name_or_path)
    where = str(find_weights(name_or_path))
    try:
        network = build_network(manifest.architecture.name, manifest.architecture.settings)
    except WeightsError as error:
        raise error.at(where) from None
    fill(network, {name: torch.from_numpy(value) for name, value in tensors.items()}, where)
    return network.to(device).eval().requires_grad_(False)


def fill(network: nn.Module, tensors: Mapping[str, Any], where: str) -> None:
    """Give a network its weights; each must be there, fit, and have a place.

    Raises
    ------
    WeightsError
        With the names of what does not fit.
    """
    expected = network.state_dict()
    missing, excess = sorted(expected.keys() - tensors.keys()), sorted(tensors.keys() - expected)
    wrong = [
        f"{name} {tuple(tensors[name].shape)} for {tuple(value.shape)}"
        for name, value in expected.items()
        if name in tensors and tensors[name].shape != value.shape
    ]
    faults = [
        f"{what} {', '.join(names[:4])}{' ...' if len(names) > 4 else ''}"
        for what, names in (("missing", missing), ("unknown", excess), ("wrong shape", wrong))
        if names
    ]
    if faults:
        raise WeightsError(
            f"the weights do not fit {type(network).__name__}: {'; '.join(faults)}",
            where=where,
            rule="every tensor of the architecture, and no other",
        )
    network.load_state_dict(dict(tensors), strict=True)


def save_network(
    folder: str | PathLike[str],
    name: str,
    network: nn.Module,
    facts: Mapping[str, Any],
) -> Path:
    """Write a network's weights and manifest; files of the same name are replaced.

    Parameters
    ----------
    folder : path-like
        Made if need be.
    name : str
        Lower case, digits and ``. _ -``.
    network : torch.nn.Module
    facts : mapping
        What :class:`~restorack.weights.manifest.Manifest` holds beyond ``name``, ``sha256``,
        ``size`` and ``parameters``, which are found here.

    Returns
    -------
    Path
        Of the safetensors file.

    Raises
    ------
    WeightsError
        For weights that are not finite, or facts that do not make a manifest.
    """
    from pydantic import ValidationError
    from safetensors.numpy import save

    from restorack.config.validation import first_fault
    from restorack.weights.manifest import Manifest

    tensors = {
        key: np.ascontiguousarray(value.detach().cpu().numpy())
        for key, value in network.state_dict().items()
    }
    _require_finite(tensors, name)
    data = save(tensors)
    lists = getattr(network, "layer_lists", None)
    measured = {
        "name": name,
        "layers": {} if lists is None else lists(),
        "sha256": hashlib.sha256(data).hexdigest(),
        "size": len(data),
        "parameters": sum(value.size for value in tensors.values()),
    }
    try:
        manifest = Manifest.model_validate({**facts, **measured})
    except ValidationError as error:
        at, fault = first_fault(error)
        raise WeightsError(f"{at}: {fault}", where=f"the manifest of {name!r}") from None
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    path = target / f"{name}.safetensors"
    write_whole(path, data)
    write_whole(path.with_suffix(".json"), f"{manifest.model_dump_json(indent=2)}\n".encode())
    return path


def _decoded(data: bytes, path: Path) -> Tensors:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        tensors: Tensors = load(data)
    except SafetensorError as error:
        raise WeightsError(
            f"is not a safetensors file ({error})", where=str(path), remedy="fetch it again"
        ) from None
    _require_finite(tensors, str(path))
    return tensors


def _require_finite(tensors: Tensors, where: str) -> None:
    for name, value in tensors.items():
        if not np.isfinite(value).all():
            raise WeightsError(
                f"{name} holds NaN or infinity", where=where, rule="weights are finite numbers"
            )


def list_layers(name_or_path: str | PathLike[str]) -> Path:
    """Write the layer lists of weights into their manifest, from the torch modules.

    For weights that were exported before manifests had them, and where a module's list changed.

    Returns
    -------
    Path
        Of the manifest.
    """
    path = find_weights(name_or_path)
    network: Any = load_network(path)
    manifest = read_manifest(path).model_copy(update={"layers": network.layer_lists()})
    write_whole(path.with_suffix(".json"), f"{manifest.model_dump_json(indent=2)}\n".encode())
    return path.with_suffix(".json")
