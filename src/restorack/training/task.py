"""Task: what there is to learn. A network, its examples, its loss, and how it is judged."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from torch import Tensor, nn

    from restorack.corpus.reader import Excerpt

Example: TypeAlias = dict[str, NDArray[Any]]
"""What one row of a batch is made from: arrays, whose shapes agree between examples."""

Batch: TypeAlias = "dict[str, Tensor]"
"""Examples, stacked along a first axis."""


class Clips(Protocol):
    """Where clean audio comes from: :class:`restorack.corpus.reader.Clips`, or a test's own."""

    def draw(
        self, rng: np.random.Generator, seconds: float, sample_rate: int, channels: int = 1
    ) -> Excerpt:
        """Return a random excerpt."""


class Settings(BaseModel):
    """Base of a task's settings: unknown keys are errors, descriptions are the rules quoted."""

    model_config = ConfigDict(extra="forbid", frozen=True)


S_co = TypeVar("S_co", bound=Settings, covariant=True)


@dataclass
class Losses:
    """What a step minimises.

    Attributes
    ----------
    total : Tensor
        A scalar.
    parts : dict of str to Tensor or float
        What it is made of, for the log.
    """

    total: Tensor
    parts: Mapping[str, Tensor | float] = field(default_factory=dict)


class Task(ABC, Generic[S_co]):
    """What there is to learn.

    Parameters
    ----------
    settings : Settings
        The ``task`` part of a configuration, checked.
    network : mapping
        The ``network`` part: arguments of the network's constructor.

    Attributes
    ----------
    name : str
        What ``restorack train`` calls it.
    architecture : str
        The network's name in :mod:`restorack.networks.registry`.
    settings_type : type
        The model of the settings.
    summary : str
        One sentence for the model card.

    Notes
    -----
    Examples are made in processes that hold a task of their own, in *scenes*: whatever is made
    together, because making it is dear. All randomness of a scene comes from the generator it is
    given, so that a scene depends on the run's seed and its own number and on nothing else.
    """

    name: ClassVar[str]
    architecture: ClassVar[str]
    settings_type: ClassVar[type[Settings]]
    summary: ClassVar[str] = ""

    def __init__(self, settings: S_co, network: Mapping[str, Any]) -> None:
        self.settings = settings
        self.network_settings = dict(network)

    def build_network(self) -> nn.Module:
        """Return an untrained network; torch's random numbers are seeded before."""
        from restorack.networks.registry import build_network

        return build_network(self.architecture, self.network_settings)

    @abstractmethod
    def make_examples(
        self, rng: np.random.Generator, clips: Clips, scene: int
    ) -> Iterable[Example]:
        """Make one scene's examples from clean audio.

        Parameters
        ----------
        rng : numpy.random.Generator
            The scene's own.
        clips : Clips
            Of the training split.
        scene : int
            Its number from 0, for curricula.

        Returns
        -------
        iterable of Example
            Any number, also none.
        """

    @abstractmethod
    def loss(self, network: nn.Module, batch: Batch) -> Losses:
        """Return the loss of a batch, which is on the network's device."""

    @abstractmethod
    def validate(self, network: nn.Module, clips: Clips, device: str) -> dict[str, float]:
        """Restore held-out audio and measure it; the same for every call.

        Parameters
        ----------
        network : torch.nn.Module
            With averaged weights, in evaluation mode, without gradients.
        clips : Clips
            Of the validation split.
        device : str
        """

    @abstractmethod
    def score(self, metrics: Mapping[str, float]) -> float:
        """Return the one number, larger for better, by which the best weights are kept."""

    def parameter_groups(
        self, network: nn.Module, learning_rate: float, weight_decay: float
    ) -> list[dict[str, Any]]:
        """Return the optimiser's groups: by default biases and gains do not decay.

        A group's ``lr`` is its peak; the schedule scales all of them alike.
        """
        trained = [value for value in network.parameters() if value.requires_grad]
        return [
            {
                "params": [value for value in trained if value.ndim > 1],
                "lr": learning_rate,
                "weight_decay": weight_decay,
            },
            {
                "params": [value for value in trained if value.ndim <= 1],
                "lr": learning_rate,
                "weight_decay": 0.0,
            },
        ]

    def data_sources(self) -> list[dict[str, Any]]:
        """Return what is trained on beside the corpus: source, licence, minutes, attribution."""
        return []
