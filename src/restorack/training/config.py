"""The configuration of a training, in YAML; what is wrong in it is told with file and line."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from restorack.config.validation import checked
from restorack.config.yaml_source import parse_yaml, read_text
from restorack.errors import ConfigError, PresetError

FORMAT = 1
"""Version of the file format; it grows when older versions of restorack cannot read a
configuration."""

_P = TypeVar("_P", bound=BaseModel)
_Beta = Annotated[float, Field(ge=0, lt=1)]
_Betas = tuple[_Beta, _Beta]


class _Part(BaseModel):
    """Every field's description is the rule that errors quote."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CorpusConfig(_Part):
    """Where the clean audio is, and how much of each kind is drawn."""

    path: str = Field(description="the folder of a corpus, from the configuration's own")
    weights: dict[str, float] = Field(
        default_factory=dict,
        description="a mapping of kinds (render, music, notes, speech, own) to shares",
    )
    allow_lossy: bool = Field(True, description="true or false")


class DataConfig(_Part):
    """How examples become batches."""

    batch: int = Field(8, ge=1, description="a whole number of examples, from 1")
    pool: int = Field(
        0, ge=0, description="how many of the latest examples batches are drawn from; 0: in order"
    )
    reuse: float = Field(
        1.0, ge=1, description="how often an example is drawn on average, from 1; needs a pool"
    )
    workers: int = Field(0, ge=0, le=64, description="a number of processes, from 0 to 64")


class OptimiserConfig(_Part):
    """AdamW and its learning rate over time."""

    learning_rate: float = Field(1e-3, gt=0, lt=1, description="a number between 0 and 1")
    weight_decay: float = Field(1e-4, ge=0, lt=1, description="a number from 0 to 1")
    betas: _Betas = Field((0.9, 0.98), description="two numbers from 0, below 1")
    clip_norm: float = Field(1.0, gt=0, description="the gradient's largest norm, above 0")
    warmup_steps: int = Field(100, ge=0, description="a whole number from 0")
    final_fraction: float = Field(
        0.01, ge=0, le=1, description="a share of the learning rate, from 0 to 1"
    )
    average: float = Field(
        0.998, ge=0, lt=1, description="the decay of the averaged weights, from 0, below 1"
    )


class BudgetConfig(_Part):
    """When a training ends: after so many steps, or minutes, or what comes first."""

    steps: int | None = Field(None, ge=1, description="a whole number from 1")
    minutes: float | None = Field(None, gt=0, description="a number of minutes above 0")


class EveryConfig(_Part):
    """How often something is done."""

    validate_steps: int = Field(500, ge=1, description="a whole number from 1")
    log_steps: int = Field(50, ge=1, description="a whole number from 1")
    checkpoint_minutes: float = Field(2.0, gt=0, description="a number of minutes above 0")
    checkpoint_steps: int | None = Field(None, ge=1, description="a whole number from 1")


class ExportConfig(_Part):
    """The weights that come out."""

    name: str | None = Field(
        None, pattern=r"^[a-z0-9][a-z0-9._-]*$", description="lower case, digits and . _ -"
    )
    description: str = Field("", description="a text")
    licence: str = Field("GPL-3.0-or-later", description="a licence's name")


def _defaults(model: type[_P]) -> Callable[[], _P]:
    return lambda: model.model_validate({})


class TrainingConfig(_Part):
    """A training."""

    format: Literal[1] = Field(description=f"{FORMAT}, the version that this restorack reads")
    stage: str | None = Field(None, description="the stage that this configuration is for")
    seed: int = Field(0, ge=0, lt=2**31, description="a whole number from 0 to 2147483647")
    corpus: CorpusConfig = Field(description="a mapping, such as {path: corpus}")
    task: dict[str, Any] = Field(default_factory=dict, description="a mapping of the task's own")
    network: dict[str, Any] = Field(default_factory=dict, description="a mapping")
    start_from: str | None = Field(
        None, description="the name or the path of weights to start from"
    )
    data: DataConfig = Field(default_factory=_defaults(DataConfig), description="a mapping")
    optimiser: OptimiserConfig = Field(
        default_factory=_defaults(OptimiserConfig), description="a mapping"
    )
    budget: BudgetConfig = Field(description="a mapping: steps, minutes or both")
    every: EveryConfig = Field(default_factory=_defaults(EveryConfig), description="a mapping")
    export: ExportConfig = Field(default_factory=_defaults(ExportConfig), description="a mapping")
    bfloat16: bool = Field(False, description="true or false")
    threads: int = Field(0, ge=0, description="a number of threads; 0: as many as there are cores")


def read_config(path: str | PathLike[str], task_settings: type[BaseModel]) -> TrainingConfig:
    """Read a configuration.

    Parameters
    ----------
    path : path-like
        A YAML file.
    task_settings : type
        The model of the part called ``task``, which is checked here too.

    Returns
    -------
    TrainingConfig
        With ``task`` complete, and the corpus's path absolute.

    Raises
    ------
    ConfigError
        With file, line, rule and the nearest right spelling.
    """
    file = Path(path)
    try:
        item = parse_yaml(read_text(file), str(file))
    except PresetError as error:
        raise ConfigError(error.what, where=error.where, remedy=error.remedy) from None
    if not isinstance(item.value, dict):
        raise ConfigError("not a mapping", where=str(item.mark), rule="keys and values")
    config: TrainingConfig = checked(TrainingConfig, item, ConfigError)
    if config.budget.steps is None and config.budget.minutes is None:
        raise ConfigError(
            "a budget without an end",
            where=str(item.place(["budget"])),
            rule="steps, minutes or both",
        )
    settings = checked(task_settings, item, ConfigError, path=["task"])
    corpus = (file.resolve().parent / Path(config.corpus.path).expanduser()).resolve()
    return config.model_copy(
        update={
            "task": settings.model_dump(mode="json"),
            "corpus": config.corpus.model_copy(update={"path": str(corpus)}),
        }
    )
