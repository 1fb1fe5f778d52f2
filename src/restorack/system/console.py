"""Terminals and pipes: what a reader that leaves looks like."""

from __future__ import annotations

import errno
import sys

if sys.platform == "win32":

    def is_closed_pipe(error: OSError) -> bool:
        """Return whether a write failed because nobody reads any more."""
        # The C library here knows no EPIPE: it calls the pipe's end an argument that is wrong.
        return isinstance(error, BrokenPipeError) or error.errno == errno.EINVAL

else:

    def is_closed_pipe(error: OSError) -> bool:
        """Return whether a write failed because nobody reads any more."""
        return isinstance(error, BrokenPipeError) or error.errno == errno.EPIPE
