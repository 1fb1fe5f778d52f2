"""The networks by name: what a manifest may ask for, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from restorack.errors import WeightsError, suggest

if TYPE_CHECKING:
    from torch import nn

NETWORKS: dict[str, str] = {
    "band-envelope": "restorack.networks.band_envelope:BandEnvelope",
    "click-judges": "restorack.networks.click_classifier:ClickJudges",
    "denoiser": "restorack.networks.denoiser:DenoiserNet",
    "floor-reader": "restorack.networks.floor_reader:FloorReaderNet",
    "floor-judge": "restorack.networks.noise_psd:FloorJudgeNet",
    "tiny-mask": "restorack.networks.tiny_mask:TinyMask",
}
"""Architectures that this version knows, and their classes."""


def build_network(name: str, settings: Mapping[str, Any]) -> nn.Module:
    """Build an untrained network.

    Parameters
    ----------
    name : str
        One of :data:`NETWORKS`.
    settings : mapping
        Arguments of its constructor.

    Raises
    ------
    WeightsError
        For a name or settings that this version does not know.
    """
    if name not in NETWORKS:
        raise WeightsError(
            f"architecture {name!r}",
            rule="an architecture that this version of restorack has",
            remedy=suggest(name, NETWORKS),
        )
    module, kind = NETWORKS[name].split(":")
    network: type[nn.Module] = getattr(import_module(module), kind)
    try:
        return network(**settings)
    except (TypeError, ValueError) as error:
        raise WeightsError(
            f"architecture {name!r} with settings {dict(settings)!r}: {error}",
            rule="the settings that this version's architecture takes",
        ) from error
