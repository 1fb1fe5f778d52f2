"""The outputs of stages, kept as files while a render goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from restorack.dsp.arrays import Rows
from restorack.io.writer import AudioWriter


class StageOutputs:
    """Keeps what comes out of each stage but the last, as 32-bit float WAV in a folder.

    Parameters
    ----------
    folder : Path
        Exists.

    Attributes
    ----------
    files : list of (str, Path)
        Names of the stages, and what they gave; complete when the context has ended.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._files = folder, ExitStack()
        self.files: list[tuple[str, Path]] = []

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish the files, or drop them after an error."""
        self._files.__exit__(kind, error, trace)
        self.files = [(name, path) for name, path in self.files if path.exists()]

    def on_stage(self, names: Sequence[str], rate: float) -> Callable[[Rows], None]:
        """Open a tap; see :func:`restorack.render.api.render`."""
        path = self._folder / f"stage-{len(self.files) + 1}.wav"
        self.files.append((", ".join(names), path))
        writer: AudioWriter | None = None

        def take(rows: Rows) -> None:
            nonlocal writer
            if writer is None:  # only now the channels are known
                writer = self._files.enter_context(
                    AudioWriter(path, rate, rows.shape[0], subtype="FLOAT", force=True)
                )
            writer.write(rows)

        return take
