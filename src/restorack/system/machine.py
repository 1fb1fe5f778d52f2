"""The machine: its cores, its memory, and what of that this process holds."""

from __future__ import annotations

import os
import platform
import sys
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

_TOLD = ("avx", "avx2", "fma", "avx512f", "avx512_bf16", "amx_bf16", "asimd", "sve", "sve2")
"""Instructions that decide in which order libraries add up."""


@lru_cache(maxsize=1)
def instruction_set() -> str:
    """Return the processor's kind, and on Linux what of its instructions results depend on."""
    found: set[str] = set()
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith(("flags", "Features")):
                found = set(line.split())
                break
    return " ".join([platform.machine(), *(name for name in _TOLD if name in found)])


if sys.platform == "linux":

    def usable_cores() -> int:
        """Return how many cores this process may use."""
        return len(os.sched_getaffinity(0))

    def physical_and_swap() -> int:
        """Return the machine's memory, in bytes."""
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        with suppress(OSError, ValueError, IndexError):
            for line in Path("/proc/meminfo").read_text().splitlines():
                if line.startswith("SwapTotal:"):
                    total += int(line.split()[1]) * 1024
        return total

    def resident_bytes() -> int:
        """Return what this process and its children hold in memory."""
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

    def end_this_first() -> None:
        """Where memory runs out, have the kernel end this process before its parent."""
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("500")

    def thread_count() -> int:
        """Return how many threads this process has."""
        return len(os.listdir("/proc/self/task"))

else:
    if sys.platform == "win32":
        from restorack.system import windows

        def physical_and_swap() -> int:
            """Return the machine's memory, in bytes; without what can be swapped out."""
            return windows.physical_bytes()

        def resident_bytes() -> int:
            """Return what this process holds in memory; its children are not counted here."""
            return windows.resident_bytes()

    else:
        import resource

        def physical_and_swap() -> int:
            """Return the machine's memory, in bytes; without what can be swapped out."""
            return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")

        def resident_bytes() -> int:
            """Return what this process has held at most; its children are not counted here."""
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def usable_cores() -> int:
        """Return how many cores this process may use."""
        return os.cpu_count() or 1

    def end_this_first() -> None:
        """Where memory runs out, have the system end this process first: no way to say so here."""

    def thread_count() -> int:
        """Return how many threads this process has; 0 where that is not known."""
        return 0
