"""The networks by name: what a manifest may ask for, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from restorack.errors import WeightsError, suggest

if TYPE_CHECKING:
    from torch import nn

_NETWORKS: dict[str, str] = {
    "band-envelope": "restorack.networks.band_envelope:BandEnvelope",
    "click-judges": "restorack.networks.click_classifier:ClickJudges",
    "denoiser": "restorack.networks.denoiser:DenoiserNet",
    "floor-judge": "restorack.networks.noise_psd:FloorJudgeNet",
    "tiny-mask": "restorack.networks.tiny_mask:TinyMask",
}


def network_names() -> list[str]:
    """Return the names of the architectures that this version knows."""
    return sorted(_NETWORKS)


def build_network(name: str, settings: Mapping[str, Any]) -> nn.Module:
    """Build an untrained network.

    Parameters
    ----------
    name : str
        One of :func:`network_names`.
    settings : mapping
        Arguments of its constructor.

    Raises
    ------
    WeightsError
        For a name or settings that this version does not know.
    """
    if name not in _NETWORKS:
        raise WeightsError(
            f"architecture {name!r}",
            rule="an architecture that this version of restorack has",
            remedy=suggest(name, _NETWORKS),
        )
    module, kind = _NETWORKS[name].split(":")
    network: type[nn.Module] = getattr(import_module(module), kind)
    try:
        return network(**settings)
    except (TypeError, ValueError) as error:
        raise WeightsError(
            f"architecture {name!r} with settings {dict(settings)!r}: {error}",
            rule="the settings that this version's architecture takes",
        ) from error
