"""What can be trained, by name. A task is a file here and a line in this table."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from restorack.errors import ConfigError, suggest

if TYPE_CHECKING:
    from restorack.training.task import Task

TASKS: dict[str, str] = {
    "bandwidth": "restorack.training.tasks.bandwidth:Bandwidth",
    "declick": "restorack.training.tasks.declick:Declick",
    "denoise": "restorack.training.tasks.denoise:Denoise",
    "denoise-distil": "restorack.training.tasks.denoise_distil:DistilDenoiser",
    "floor-reader": "restorack.training.tasks.floor_reader:FloorReading",
    "floor": "restorack.training.tasks.floor:Floor",
    "tiny-hiss": "restorack.training.tasks.tiny_hiss:TinyHiss",
}
"""What ``restorack train`` can train, and the classes of the tasks."""


def task_class(name: str) -> type[Task[Any]]:
    """Return a task by its name.

    Raises
    ------
    ConfigError
        With the nearest name.
    """
    if name not in TASKS:
        raise ConfigError(f"no stage called {name!r} can be trained", remedy=suggest(name, TASKS))
    module, kind = TASKS[name].split(":")
    found: type[Task[Any]] = getattr(import_module(module), kind)
    return found
