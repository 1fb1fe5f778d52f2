"""The log of a training: CSV files and a picture of the loss."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from restorack.io.atomic import write_whole


class Table:
    """A CSV file that grows by a row at a time, and can be cut back to a step.

    Parameters
    ----------
    path : Path
    keep_until : int
        Rows of later steps are dropped: a run that was killed had gone on past its checkpoint.
    """

    def __init__(self, path: Path, keep_until: int) -> None:
        self.path = path
        self.rows: list[dict[str, Any]] = []
        if path.exists():
            with path.open(encoding="utf-8", newline="") as file:
                self.rows = [row for row in csv.DictReader(file) if int(row["step"]) <= keep_until]
            self._rewrite()

    def add(self, row: Mapping[str, Any]) -> None:
        """Append a row; columns that are new are added to the head."""
        known = set(self.rows[0]) if self.rows else set()
        self.rows.append(dict(row))
        if known != set(row):
            self._rewrite()
            return
        with self.path.open("a", encoding="utf-8", newline="") as file:
            csv.DictWriter(file, list(self.rows[0])).writerow(row)

    def column(self, name: str) -> list[float]:
        """Return a column as numbers, NaN where a row has none."""
        return [float(row.get(name) or "nan") for row in self.rows]

    def _rewrite(self) -> None:
        names = list(dict.fromkeys(name for row in self.rows for name in row))
        self.rows = [{name: row.get(name, "") for name in names} for row in self.rows]
        lines = [names, *([row[name] for name in names] for row in self.rows)]
        from io import StringIO

        text = StringIO()
        csv.writer(text).writerows(lines)
        write_whole(self.path, text.getvalue().encode())


class TrainingLog:
    """The log of a run.

    Parameters
    ----------
    folder : Path
    step : int
        The step that the run goes on from.
    tensorboard : bool
        Also write TensorBoard's files, if it is installed.

    Attributes
    ----------
    losses, validations : Table
        ``log.csv`` and ``validation.csv``.
    """

    def __init__(self, folder: Path, step: int, *, tensorboard: bool = False) -> None:
        self.folder = folder
        self.losses = Table(folder / "log.csv", step)
        self.validations = Table(folder / "validation.csv", step)
        self._board = _tensorboard(folder) if tensorboard else None

    def add_losses(self, step: int, row: Mapping[str, float]) -> None:
        """Log the mean losses of the steps since the row before."""
        self.losses.add({"step": step, **row})
        self._to_board("train", step, row)

    def add_validation(self, step: int, row: Mapping[str, float]) -> None:
        """Log a validation."""
        self.validations.add({"step": step, **row})
        self._to_board("validation", step, row)

    def draw(self) -> None:
        """Draw ``training_loss.png``: the losses, and the score that chooses the weights."""
        if len(self.losses.rows) < 2:
            return
        from matplotlib.figure import Figure

        figure = Figure(figsize=(9, 6), layout="constrained")
        above, below = figure.subplots(2, 1, sharex=True)
        steps = self.losses.column("step")
        skipped = ("step", "seconds", "learning_rate", "gradient_norm")
        for name in self.losses.rows[0]:
            if name not in skipped:
                width = 2.0 if name == "loss" else 0.8
                above.plot(steps, self.losses.column(name), label=name, linewidth=width)
        above.set_yscale("symlog", linthresh=0.01)
        above.set_ylabel("training loss")
        above.legend(fontsize="small", ncols=3)
        if self.validations.rows:
            marks = self.validations.column("step")
            below.plot(marks, self.validations.column("score"), marker="o", color="black")
        below.set_ylabel("validation score")
        below.set_xlabel("step")
        for axis in (above, below):
            axis.grid(alpha=0.3)
        from io import BytesIO

        picture = BytesIO()
        figure.savefig(picture, format="png")
        write_whole(self.folder / "training_loss.png", picture.getvalue())

    def close(self) -> None:
        """Draw the picture and close what is open."""
        self.draw()
        if self._board is not None:
            self._board.close()

    def _to_board(self, group: str, step: int, row: Mapping[str, float]) -> None:
        if self._board is not None:
            for name, value in row.items():
                self._board.add_scalar(f"{group}/{name}", value, step)


def _tensorboard(folder: Path) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        from restorack.errors import TrainingError

        raise TrainingError(
            "TensorBoard is not installed", remedy="pip install tensorboard, or leave it out"
        ) from None
    return SummaryWriter(str(folder / "tensorboard"))
