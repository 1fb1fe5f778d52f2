"""Several streams decoded one after another, as if they were one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from restorack.io.formats.layout import joined_unlike

Opener = Callable[[], tuple[Any, Callable[[], None]]]
"""Opens one stream: its decoder, and what closes it."""


class JoinedDecoder:
    """Decoders of streams that follow each other in a file, one open at a time.

    Parameters
    ----------
    openers : sequence of callable
    path : Path
        The file, for errors.

    Raises
    ------
    FileError
        For streams of different rates or channels.
    """

    def __init__(self, openers: Sequence[Opener], path: Path) -> None:
        self._openers = list(openers)
        self.lengths: list[int] = []
        kinds = []
        for opener in openers:
            decoder, close = opener()
            kinds.append((decoder.samplerate, decoder.channels))
            self.lengths.append(decoder.frames)
            close()
        if len(set(kinds)) > 1:
            raise joined_unlike(path, kinds)
        self._number = 0
        self._decoder, self._close = self._openers[0]()
        self.closed = False

    def __getattr__(self, name: str) -> Any:
        """Return what the stream at hand says of itself: rate, channels, format, subtype."""
        return getattr(self._decoder, name)

    @property
    def frames(self) -> int:
        """Samples per channel, all streams together."""
        return sum(self.lengths)

    def read(self, count: int, **options: Any) -> NDArray[np.float64]:
        """Return ``count`` samples of all channels; fewer at the end of the last stream."""
        pieces: list[NDArray[np.float64]] = []
        while True:
            pieces.append(self._decoder.read(count, **options))
            count -= len(pieces[-1])
            if not count or self._number + 1 >= len(self._openers):
                return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
            if not len(pieces[-1]):
                self._go_on(self._number + 1)

    def seek(self, position: int) -> int:
        """Go to a sample; every stream must state its length."""
        number, inside = 0, position
        while number + 1 < len(self.lengths) and inside >= self.lengths[number]:
            inside -= self.lengths[number]
            number += 1
        self._go_on(number)
        self._decoder.seek(inside)
        return position

    def _go_on(self, number: int) -> None:
        self._close()
        self._number = number
        self._decoder, self._close = self._openers[number]()

    def close(self) -> None:
        """Close the stream at hand."""
        self.closed = True
        self._close()
