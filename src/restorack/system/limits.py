"""Bounds that a process lays on itself; what a system lacks is left out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

if sys.platform == "win32":
    from restorack.system import windows

    def forbid_core_files() -> None:
        """Have crashes leave no file in the user's folder, and ask the user nothing."""
        windows.show_no_fault_windows()

    def bound_this_process(files: int, memory: int) -> None:
        """Bound open files, memory, the length of files, and memory that is shared by queues.

        Raises
        ------
        OSError
            Where the system has no such bounds, as here.
        """
        raise OSError("no bounds on this system")

    @contextmanager
    def bounded_address_space(more: int) -> Iterator[None]:
        """Let this process take only so many bytes more; not bounded here."""
        del more
        yield

    def bounded_files(longest: int) -> Callable[[], None] | None:
        """Return what a child calls before its program, so that it writes no longer files.

        None where that is not offered, as here.
        """
        del longest
        return None

else:
    import resource

    def forbid_core_files() -> None:
        """Have crashes leave no file in the user's folder."""
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def bound_this_process(files: int, memory: int) -> None:
        """Bound open files, memory, the length of files, and memory that is shared by queues.

        Raises
        ------
        OSError
            Where the system has no such bounds.
        """
        bounds = [
            (resource.RLIMIT_NOFILE, files),
            (resource.RLIMIT_DATA, memory),
            (resource.RLIMIT_FSIZE, memory),  # what a child returns is a file without a name
        ]
        if sys.platform == "linux":
            bounds.append((resource.RLIMIT_MSGQUEUE, 0))
        for kind, most in bounds:
            _, hard = resource.getrlimit(kind)
            bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (bound, bound))

    def bounded_files(longest: int) -> Callable[[], None] | None:
        """Return what a child calls before its program, so that it writes no longer files.

        None where that is not offered.
        """
        return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (longest, longest))

    if sys.platform == "linux":
        import os

        @contextmanager
        def bounded_address_space(more: int) -> Iterator[None]:
            """Let this process take only so many bytes more while the context lasts."""
            before = resource.getrlimit(resource.RLIMIT_AS)
            with open("/proc/self/statm", encoding="ascii") as file:
                most = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE") + more
            if before[0] != resource.RLIM_INFINITY:
                most = min(most, before[0])
            resource.setrlimit(resource.RLIMIT_AS, (most, before[1]))
            try:
                yield
            finally:
                resource.setrlimit(resource.RLIMIT_AS, before)

    else:

        @contextmanager
        def bounded_address_space(more: int) -> Iterator[None]:
            """Let this process take only so many bytes more; not bounded here."""
            del more
            yield
