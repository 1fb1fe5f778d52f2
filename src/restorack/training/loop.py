"""The training loop: steps, checkpoints, validation; the same result however often it is cut."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from restorack.errors import TrainingError
from restorack.training.checkpoint import (
    Checkpoint,
    network_tensors,
    optimiser_tensors,
    restore_network,
    restore_optimiser,
    save_checkpoint,
)
from restorack.training.config import TrainingConfig
from restorack.training.ema import Ema
from restorack.training.log import TrainingLog
from restorack.training.optimising import build_adamw, seed_torch, set_rates
from restorack.training.progress import OnTraining, TrainingProgress
from restorack.training.stream import ExampleStream
from restorack.training.task import Batch, Clips, Task

LATEST, BEST = "checkpoint.safetensors", "best.safetensors"
MAX_BAD_STEPS = 50
"""Steps in a row without finite gradients, until a training is given up. By hand."""
_WEIGHTS, _STEPS = 0, 3
"""Names of streams of random numbers, beside the seed; any two that differ."""


class Trainer:
    """A training in progress.

    Parameters
    ----------
    task : Task
    config : TrainingConfig
    folder : Path
        Takes checkpoints and logs.
    stream_from : callable
        Makes the :class:`ExampleStream` that goes on from a position.
    validation : Clips
        Held-out audio.
    device : str
    resumed : Checkpoint, optional
        Of the same configuration.
    on_progress : callable, optional
    tensorboard : bool

    Notes
    -----
    With a budget in steps, on one machine with one number of threads, the weights after step n
    are the same bits whether or not the run was killed and resumed before: examples and torch's
    random numbers are functions of the seed and the step, and a checkpoint holds the rest. With
    a budget in minutes the learning rate follows the clock, and runs differ.
    """

    def __init__(
        self,
        task: Task[Any],
        config: TrainingConfig,
        folder: Path,
        stream_from: Callable[[dict[str, int] | None], ExampleStream],
        validation: Clips,
        device: str,
        resumed: Checkpoint | None = None,
        on_progress: OnTraining | None = None,
        *,
        tensorboard: bool = False,
    ) -> None:
        self._task, self._config, self._folder = task, config, folder
        self._validation, self._device, self._tell = validation, device, on_progress
        seed_torch(config.seed, _WEIGHTS, 0)
        self.network = _built(task, config).to(device)
        self.average = Ema(self.network, config.optimiser.average)
        groups = task.parameter_groups(
            self.network, config.optimiser.learning_rate, config.optimiser.weight_decay
        )
        self._optimiser = build_adamw(groups, config.optimiser)
        self.step, self._seconds_before, self._bad = 0, 0.0, 0
        self._is_whole = True
        self._sums: dict[str, float] = {}
        self._counted = 0
        self.best: float | None = None
        self.score: float | None = None
        self.found: dict[str, float] = {}
        if resumed is not None:
            self._restore(resumed)
        self._stream = stream_from(resumed.state["position"] if resumed is not None else None)
        self.log = TrainingLog(folder, self.step, tensorboard=tensorboard)
        self._loss, self._rate = math.nan, 0.0
        self._began = self._saved = time.monotonic()

    @property
    def seconds(self) -> float:
        """Of training, over all its sessions."""
        return self._seconds_before + time.monotonic() - self._began

    def run(self) -> None:
        """Train until the budget is spent; an interruption leaves a checkpoint behind.

        Raises
        ------
        TrainingError
            Where losses stay NaN or infinite.
        """
        self._began = self._saved = time.monotonic()
        every = self._config.every
        try:
            while self._fraction() < 1.0:
                self._one_step()
                if self.step % every.log_steps == 0:
                    self._write_log()
                if self.step % every.validate_steps == 0:
                    self._validate()
                if self._checkpoint_is_due():
                    self.save()
            if not self.found or self.step % every.validate_steps:
                self._validate()
            self.save()
        except KeyboardInterrupt:
            if self._is_whole:
                self.save()
            raise
        finally:
            self.log.close()

    def save(self) -> None:
        """Write the latest checkpoint."""
        save_checkpoint(self._folder / LATEST, Checkpoint(self._tensors(), self._state()))
        self._saved = time.monotonic()

    def _one_step(self) -> None:
        self._is_whole = False
        fraction = self._fraction()
        self._rate = set_rates(self._optimiser, self._config.optimiser, self.step, fraction)
        batch = self._on_device(self._stream.batch(self.step))
        seed_torch(self._config.seed, _STEPS, self.step)
        self.network.train()
        with self._autocast():
            losses = self._task.loss(self.network, batch)
        self._optimiser.zero_grad(set_to_none=True)
        losses.total.backward()  # type: ignore[no-untyped-call]
        norm = float(
            nn.utils.clip_grad_norm_(self.network.parameters(), self._config.optimiser.clip_norm)
        )
        self._loss = float(losses.total.detach())
        if math.isfinite(self._loss) and math.isfinite(norm):
            self._bad = 0
            self._optimiser.step()
            parts = {name: _number(value) for name, value in losses.parts.items()}
            self._count({"loss": self._loss, **parts, "gradient_norm": norm})
            self.average.update(self.network)
        else:
            self._refuse_nonsense()
        self.step += 1
        self._is_whole = True
        self._report("training")

    def _validate(self) -> None:
        self._report("validating")
        with torch.inference_mode():
            found = self._task.validate(self.average.network, self._validation, self._device)
        self.score = float(self._task.score(found))
        if not all(math.isfinite(value) for value in (*found.values(), self.score)):
            raise TrainingError(
                f"a validation that is not finite: {found}",
                where=f"step {self.step}",
                rule="metrics and the score are finite numbers",
                remedy="check the task's validation settings",
            )
        self.found = {**found, "score": self.score}
        self.log.add_validation(self.step, self.found)
        if self.best is None or self.score > self.best:
            self.best = self.score
            save_checkpoint(
                self._folder / BEST,
                Checkpoint(
                    network_tensors("average", self.average.network),
                    {"step": self.step, "found": self.found, "seconds": self.seconds},
                ),
            )
        self.log.draw()
        self._report("training")

    def _checkpoint_is_due(self) -> bool:
        every = self._config.every
        if every.checkpoint_steps and self.step % every.checkpoint_steps == 0:
            return True
        return time.monotonic() - self._saved > 60.0 * every.checkpoint_minutes

    def _fraction(self) -> float:
        budget = self._config.budget
        spent = [self.step / budget.steps] if budget.steps else []
        if budget.minutes:
            spent.append(self.seconds / (60.0 * budget.minutes))
        return min(1.0, max(spent))

    def _on_device(self, arrays: dict[str, Any]) -> Batch:
        return {
            name: torch.from_numpy(np.ascontiguousarray(value)).to(self._device, non_blocking=True)
            for name, value in arrays.items()
        }

    def _autocast(self) -> torch.autocast:
        kind = "cuda" if self._device.startswith("cuda") else "cpu"
        return torch.autocast(kind, torch.bfloat16, enabled=self._config.bfloat16)

    def _refuse_nonsense(self) -> None:
        self._bad += 1
        if self._bad > MAX_BAD_STEPS:
            raise TrainingError(
                f"the loss or its gradient was not finite in {self._bad} steps in a row",
                where=f"step {self.step}",
                remedy="lower the learning rate, or leave bfloat16 off",
            )

    def _count(self, values: dict[str, float]) -> None:
        for name, value in values.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
        self._counted += 1

    def _write_log(self) -> None:
        if self._counted:
            means = {name: value / self._counted for name, value in self._sums.items()}
            self.log.add_losses(
                self.step,
                {**means, "learning_rate": self._rate, "seconds": round(self.seconds, 1)},
            )
        self._sums, self._counted = {}, 0

    def _report(self, doing: str) -> None:
        if self._tell is not None:
            self._tell(
                TrainingProgress(
                    self.step,
                    self._fraction(),
                    self.seconds,
                    self._loss,
                    self._rate,
                    self.score,
                    self.best,
                    doing,
                )
            )

    def _tensors(self) -> dict[str, torch.Tensor]:
        return {
            **network_tensors("network", self.network),
            **network_tensors("average", self.average.network),
            **optimiser_tensors("optimiser", self._optimiser, self.network),
        }

    def _state(self) -> dict[str, Any]:
        return {
            "config": self._config.model_dump(mode="json"),
            "step": self.step,
            "seconds": self.seconds,
            "updates": self.average.updates,
            "position": self._stream.position(),
            "sums": self._sums,
            "counted": self._counted,
            "bad": self._bad,
            "best": self.best,
            "score": self.score,
            "found": self.found,
        }

    def _restore(self, checkpoint: Checkpoint) -> None:
        tensors, state = checkpoint.tensors, checkpoint.state
        restore_network("network", self.network, tensors)
        restore_network("average", self.average.network, tensors)
        restore_optimiser("optimiser", self._optimiser, self.network, tensors)
        self.step, self._seconds_before = state["step"], state["seconds"]
        self.average.updates = state["updates"]
        self._sums, self._counted, self._bad = state["sums"], state["counted"], state["bad"]
        self.best, self.score, self.found = state["best"], state["score"], state["found"]


def _number(value: Tensor | float) -> float:
    return float(value.detach() if isinstance(value, Tensor) else value)


def _built(task: Task[Any], config: TrainingConfig) -> nn.Module:
    network = task.build_network()
    if config.start_from is not None:
        from restorack.weights.store import fill, load_tensors

        tensors, _ = load_tensors(config.start_from)
        arrays = {name: torch.from_numpy(value) for name, value in tensors.items()}
        fill(network, arrays, config.start_from)
    return network
