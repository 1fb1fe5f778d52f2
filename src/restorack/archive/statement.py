"""The statement that restored plus removed is the source, checked by reading the files back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from restorack.io.reader import AudioReader
from restorack.render.finish import exact_difference
from restorack.render.result import RenderResult

# Samples read, and bytes hashed, at once: memory alone. By hand.
_BLOCK = 65_536
_PIECE = 1 << 20


@dataclass(frozen=True)
class Statement:
    """Hashes of the samples of source, restored and removed, and whether they add up.

    Attributes
    ----------
    holds : bool or None
        ``restored + removed == source`` for every sample, in float64. None where it cannot be said:
        the rate or the length was changed.
    samples : dict
        SHA-256 of ``source``, ``restored`` and ``removed``: interleaved little-endian float64, as
        decoded, of the span that was rendered.
    """

    holds: bool | None
    samples: dict[str, str] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The statement in a sentence."""
        if self.holds is None:
            return "restored + removed is not compared with the source: rate or length was changed"
        verb = "equals" if self.holds else "does not equal"
        hashes = ", ".join(f"{name} sha256:{digest}" for name, digest in self.samples.items())
        return (
            f"restored + removed {verb} the source, sample by sample in 64-bit floats ({hashes} of "
            "the decoded samples as interleaved little-endian float64)"
        )


def state(result: RenderResult, first: int = 0) -> Statement:
    """Read a render's files and compare them.

    Parameters
    ----------
    result : RenderResult
        Where no difference file was written, what it would hold is computed.
    first : int
        Sample of the source that the output begins with.
    """
    if result.input_rate != result.output_rate or result.frames_in != result.frames_out:
        return Statement(None)
    stop = first + result.frames_in
    hashes = {name: hashlib.sha256() for name in ("source", "restored", "removed")}
    holds = True
    with AudioReader(result.source) as source, AudioReader(result.output) as output:
        pairs: Any = zip(
            source.blocks64(_BLOCK, first, stop),
            output.blocks64(_BLOCK),
            _removed(result.difference),
            strict=False,
        )
        for given, restored, written in pairs:
            removed = exact_difference(given, restored) if written is None else written
            holds = holds and bool((restored + removed == given).all())
            for name, rows in (("source", given), ("restored", restored), ("removed", removed)):
                hashes[name].update(np.ascontiguousarray(rows.T, "<f8").tobytes())
    return Statement(holds, {name: found.hexdigest() for name, found in hashes.items()})


def _removed(path: Path | None) -> Any:
    """Yield the blocks of a difference file, or None for ever."""
    if path is None:
        while True:
            yield None
    with AudioReader(path) as reader:
        yield from reader.blocks64(_BLOCK)


def file_sha512(path: Path) -> str:
    """Return the SHA-512 of a file."""
    found = hashlib.sha512()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            found.update(piece)
    return found.hexdigest()
