"""A worker process of the local pool: ``python -m restorack.render.batch.executors.worker``."""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
import traceback
from dataclasses import replace

from restorack.render.batch.job import Job
from restorack.system import children
from restorack.system.limits import forbid_core_files
from restorack.system.machine import end_this_first, resident_bytes
from restorack.system.processes import die_with_parent
from restorack.system.signals import FROM_PARENT, FROM_TERMINAL

TELL_EVERY = 0.2
"""Seconds between reports of progress."""


def serve(link: children.Link) -> None:
    """Do the jobs that come until the other side is gone."""
    from restorack.render.batch.work import WorkerCache

    cache = WorkerCache()
    link.send("ready")
    while True:
        try:
            job: Job = link.recv()
        except EOFError:
            return
        outcome = cache.do(job, _Teller(link))
        gc.collect()
        link.send(replace(outcome, memory=resident_bytes(), worker=os.getpid()))


class _Teller:
    """Sends how much is done, now and then."""

    def __init__(self, link: children.Link) -> None:
        self._link, self._next = link, 0.0

    def __call__(self, fraction: float) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + TELL_EVERY
            self._link.send(fraction)


def _settle(parent: int) -> bool:
    """Tie this process to its parent; return whether that still lives."""
    if not die_with_parent(parent):
        return False
    forbid_core_files()
    for number in FROM_TERMINAL:  # the parent decides when to stop
        signal.signal(number, signal.SIG_IGN)
    signal.signal(FROM_PARENT, signal.default_int_handler)  # files are cleared on the way out
    end_this_first()  # not the batch: its file is then tried again
    return True


def main() -> None:
    """Serve the parent over the descriptor that the command line names."""
    descriptor, parent = (int(word) for word in sys.argv[1:3])
    link = children.connected(descriptor)
    try:
        if _settle(parent):
            serve(link)
    except (KeyboardInterrupt, BrokenPipeError, ConnectionResetError):
        pass
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        from restorack.hosting.sandbox import shared_sandbox

        shared_sandbox().close()
    sys.stdout.flush()
    os._exit(0)  # plugins' destructors at exit are third-party code too


if __name__ == "__main__":
    main()
