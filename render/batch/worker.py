"""A worker process of the local pool: ``python -m restorack.render.batch.worker``."""

from __future__ import annotations

import gc
import os
import resource
import signal
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

from restorack.hosting.confine.kernel import die_with_parent
from restorack.render.batch.job import Job

TELL_EVERY = 0.2
"""Seconds between reports of progress."""

OOM_SCORE = "500"
"""Where memory runs out, a worker is to go, not the batch: its file is then tried again."""


def serve(link: Connection) -> None:
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
        link.send(replace(outcome, memory=_memory(), worker=os.getpid()))


class _Teller:
    """Sends how much is done, now and then."""

    def __init__(self, link: Connection) -> None:
        self._link, self._next = link, 0.0

    def __call__(self, fraction: float) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + TELL_EVERY
            self._link.send(fraction)


def _memory() -> int:
    """Return what this process and its children hold in memory, in bytes."""
    page, total = os.sysconf("SC_PAGE_SIZE"), 0
    own = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    numbers = [str(os.getpid())]
    for listing in (own, *Path("/proc/self/task").glob("*/children")):
        with suppress(OSError):
            numbers += listing.read_text().split()
    for number in set(numbers):
        with suppress(OSError, ValueError, IndexError):
            total += int(Path(f"/proc/{number}/statm").read_text().split()[1]) * page
    return total


def _settle(parent: int) -> bool:
    """Tie this process to its parent; return whether that still lives."""
    if not die_with_parent(parent):
        return False
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number in (signal.SIGINT, signal.SIGHUP):  # the parent decides when to stop
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # files are cleared on the way out
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(OOM_SCORE)
    return True


def main() -> None:
    """Serve the parent over the descriptor that the command line names."""
    descriptor, parent = (int(word) for word in sys.argv[1:3])
    link = Connection(descriptor)
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
