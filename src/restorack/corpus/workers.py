"""How worker processes behave: they leave Ctrl-C to their parent, and do not outlive it."""

from __future__ import annotations

import os
import signal
import threading
from multiprocessing import parent_process


def behave_as_worker() -> None:
    """Set up a worker process; to be called once, at its start.

    A worker waits for work on a pipe that it holds open itself, so that it would never hear of a
    parent that was killed.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
