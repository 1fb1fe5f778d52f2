"""Shipped networks, and those of one's own training, as the native core runs them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from os import PathLike
from typing import Any, TypeVar

from numpy.typing import NDArray

from restorack.errors import WeightsError
from restorack.inference.layers import LayerList
from restorack.inference.network import Network
from restorack.weights.manifest import Manifest
from restorack.weights.store import Tensors, find_weights, load_tensors, weight_names

T = TypeVar("T")


@dataclass(frozen=True)
class NativeNetworks:
    """What a set of weights holds; it does not change, and threads may share it.

    Parameters
    ----------
    networks : mapping of str to Network
        By their names in the manifest.
    tensors : mapping of str to ndarray
        All weights, for what is no layer.
    settings : mapping
        Of the architecture.
    """

    networks: Mapping[str, Network]
    tensors: Tensors
    settings: Mapping[str, Any]

    def network(self, name: str) -> Network:
        """Return a network, or raise a WeightsError where the manifest lists none of that name."""
        return _found(self.networks, name, "network")

    def tensor(self, name: str) -> NDArray[Any]:
        """Return a tensor, or raise a WeightsError where there is none of that name."""
        return _found(self.tensors, name, "tensor")


def load_native(name_or_path: str | PathLike[str]) -> NativeNetworks:
    """Return networks ready to run; no torch is needed.

    Parameters
    ----------
    name_or_path : str or path-like
        As of :func:`~restorack.weights.store.find_weights`. Shipped ones are kept.

    Raises
    ------
    WeightsError
        Where a file is missing or corrupt, or the weights do not fit the layers.
    """
    if isinstance(name_or_path, str) and name_or_path in weight_names():
        return _shipped(name_or_path)
    return _loaded(name_or_path)


def _found(held: Mapping[str, T], name: str, kind: str) -> T:
    if name not in held:
        raise WeightsError(
            f"the weights have no {kind} {name!r}", rule="all that the architecture has"
        )
    return held[name]


@lru_cache(maxsize=8)
def _shipped(name: str) -> NativeNetworks:
    return _loaded(name)


def _loaded(name_or_path: str | PathLike[str]) -> NativeNetworks:
    tensors, manifest = load_tensors(name_or_path)
    where = str(find_weights(name_or_path))
    lists = manifest.layers or _listed_by_torch(manifest, where)
    try:
        networks = {name: Network(one, tensors) for name, one in lists.items()}
    except WeightsError as error:
        raise error.at(where) from None
    return NativeNetworks(networks, tensors, manifest.architecture.settings)


def _listed_by_torch(manifest: Manifest, where: str) -> dict[str, LayerList]:
    """Return the layers of weights that were exported before manifests had them."""
    from restorack.networks.registry import build_network

    architecture = manifest.architecture
    try:
        network: Any = build_network(architecture.name, architecture.settings)
    except ImportError:
        raise WeightsError(
            "the manifest has no list of layers, as of weights that an older version exported",
            where=where,
            rule="a list of layers, or torch to make one",
            remedy="pip install 'restorack[train]', or export the weights again",
        ) from None
    except WeightsError as error:
        raise error.at(where) from None
    lists: dict[str, LayerList] = network.layer_lists()
    return lists
