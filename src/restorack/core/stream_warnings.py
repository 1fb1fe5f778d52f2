"""Warnings of streams: samples that nobody fetched, and first passes that nobody made."""

from __future__ import annotations

import sys
import warnings

from restorack.errors import StreamWarning


def warn_unflushed(kind: str, pending: int) -> None:
    """Warn of a stream that ended with samples inside.

    Parameters
    ----------
    kind : str
        The stage's class.
    pending : int
        Samples per channel.
    """
    _warn(
        f"{kind}: a stream ended with {pending} samples inside; flush() returns them, and "
        "stream(reader, writer) and stream_to(writer) call it"
    )


def warn_unprepared(kind: str) -> None:
    """Warn of a stage that streams a file that it has not heard."""
    _warn(
        f"{kind}: streams without its first pass, and so knows only what it has heard so far; "
        "call prepare(blocks, sample_rate) before, or stream(reader, writer), which does"
    )


def _warn(text: str) -> None:
    warnings.warn(text, StreamWarning, stacklevel=_levels_of_ours() + 1)


def _levels_of_ours() -> int:
    """Return how many frames up the first one stands that is not restorack's."""
    frame, level = sys._getframe(1), 0
    while frame is not None and str(frame.f_globals.get("__name__", "")).startswith("restorack."):
        frame, level = frame.f_back, level + 1  # type: ignore[assignment]
    return level
