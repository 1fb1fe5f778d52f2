"""Calls of Windows that Python has no function for; other systems find nothing here."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    import ctypes
    import errno
    import msvcrt
    import os
    from ctypes import wintypes

    _kernel = ctypes.WinDLL("kernel32", use_last_error=True)

    SHARING_VIOLATION, LOCK_VIOLATION, IO_PENDING = 32, 33, 997
    GENERIC_READ, GENERIC_WRITE, SYNCHRONIZE = 0x80000000, 0x40000000, 0x00100000
    SHARE_READ, SHARE_WRITE, SHARE_DELETE = 1, 2, 4
    CREATE_NEW, OPEN_EXISTING, OPEN_REPARSE_POINT = 1, 3, 0x00200000
    FOREVER = 0xFFFFFFFF
    _FAIL_AT_ONCE, _EXCLUSIVE = 1, 2
    _KILL_ON_CLOSE, _EXTENDED_LIMITS = 0x2000, 9

    class _Overlapped(ctypes.Structure):
        _fields_ = (
            ("internal", ctypes.c_size_t),
            ("internal_high", ctypes.c_size_t),
            ("offset", ctypes.c_uint32),
            ("offset_high", ctypes.c_uint32),
            ("event", ctypes.c_void_p),
        )

    class _JobLimits(ctypes.Structure):
        _fields_ = (
            ("process_time", ctypes.c_int64),
            ("job_time", ctypes.c_int64),
            ("flags", ctypes.c_uint32),
            ("least_set", ctypes.c_size_t),
            ("most_set", ctypes.c_size_t),
            ("processes", ctypes.c_uint32),
            ("affinity", ctypes.c_size_t),
            ("priority", ctypes.c_uint32),
            ("scheduling", ctypes.c_uint32),
            ("input_output", ctypes.c_uint64 * 6),
            ("process_memory", ctypes.c_size_t),
            ("job_memory", ctypes.c_size_t),
            ("most_process_memory", ctypes.c_size_t),
            ("most_job_memory", ctypes.c_size_t),
        )

    class _MemoryCounters(ctypes.Structure):
        _fields_ = (
            ("size", ctypes.c_uint32),
            ("faults", ctypes.c_uint32),
            ("sizes", ctypes.c_size_t * 8),  # the second is what is in memory now
        )

    class _MemoryStatus(ctypes.Structure):
        _fields_ = (
            ("size", ctypes.c_uint32),
            ("load", ctypes.c_uint32),
            ("physical", ctypes.c_uint64),
            ("others", ctypes.c_uint64 * 6),
        )

    _kernel.CreateFileW.restype = wintypes.HANDLE
    _kernel.CreateFileW.argtypes = (
        wintypes.LPCWSTR, wintypes.DWORD, wintypes.DWORD, ctypes.c_void_p, wintypes.DWORD,
        wintypes.DWORD, wintypes.HANDLE,
    )  # fmt: skip
    _kernel.LockFileEx.argtypes = (
        wintypes.HANDLE, wintypes.DWORD, wintypes.DWORD, wintypes.DWORD, wintypes.DWORD,
        ctypes.c_void_p,
    )  # fmt: skip
    _kernel.OpenProcess.restype = wintypes.HANDLE
    _kernel.OpenProcess.argtypes = (wintypes.DWORD, wintypes.BOOL, wintypes.DWORD)
    _kernel.WaitForSingleObject.argtypes = (wintypes.HANDLE, wintypes.DWORD)
    _kernel.CloseHandle.argtypes = (wintypes.HANDLE,)
    _kernel.CreateJobObjectW.restype = wintypes.HANDLE
    _kernel.CreateJobObjectW.argtypes = (ctypes.c_void_p, wintypes.LPCWSTR)
    _kernel.SetInformationJobObject.argtypes = (
        wintypes.HANDLE, ctypes.c_int, ctypes.c_void_p, wintypes.DWORD,
    )  # fmt: skip
    _kernel.AssignProcessToJobObject.argtypes = (wintypes.HANDLE, wintypes.HANDLE)
    _kernel.TerminateJobObject.argtypes = (wintypes.HANDLE, wintypes.UINT)
    _kernel.GetCurrentProcess.restype = wintypes.HANDLE
    _kernel.K32GetProcessMemoryInfo.argtypes = (
        wintypes.HANDLE, ctypes.c_void_p, wintypes.DWORD,
    )  # fmt: skip
    _kernel.GlobalMemoryStatusEx.argtypes = (ctypes.c_void_p,)
    _kernel.SetErrorMode.argtypes = (wintypes.UINT,)

    def _error() -> OSError:
        return ctypes.WinError(ctypes.get_last_error())

    def open_shared(path: str, *, new: bool = False, write: bool = False) -> int:
        """Open a file that may be renamed and deleted meanwhile; return its descriptor."""
        handle = _kernel.CreateFileW(
            path,
            GENERIC_READ | (GENERIC_WRITE if write else 0),
            SHARE_READ | SHARE_WRITE | SHARE_DELETE,
            None,
            CREATE_NEW if new else OPEN_EXISTING,
            OPEN_REPARSE_POINT,
            None,
        )
        if handle == wintypes.HANDLE(-1).value:
            raise _error()
        flags = (os.O_RDWR if write else os.O_RDONLY) | os.O_BINARY | os.O_NOINHERIT
        return msvcrt.open_osfhandle(handle, flags)

    def is_opened_for_writing(path: str) -> bool:
        """Return whether a file cannot be opened unless its writers are put up with."""
        handle = _kernel.CreateFileW(
            path, GENERIC_READ, SHARE_READ | SHARE_DELETE, None, OPEN_EXISTING, 0, None
        )
        if handle == wintypes.HANDLE(-1).value:
            return ctypes.get_last_error() == SHARING_VIOLATION
        _kernel.CloseHandle(handle)
        return False

    def lock_file(descriptor: int, *, wait: bool) -> None:
        """Lock a byte beyond any file's end: locks here close what they cover to all others."""
        place = _Overlapped(offset=0xFFFFFFFE, offset_high=0x7FFFFFFF)
        how = _EXCLUSIVE | (0 if wait else _FAIL_AT_ONCE)
        handle = msvcrt.get_osfhandle(descriptor)
        if not _kernel.LockFileEx(handle, how, 0, 1, 0, ctypes.byref(place)):
            if ctypes.get_last_error() in (LOCK_VIOLATION, IO_PENDING):
                raise BlockingIOError(errno.EAGAIN, "locked by another process")
            raise _error()

    def open_process(number: int) -> int | None:
        """Return a handle that tells when a process ends; None where there is none."""
        handle: int | None = _kernel.OpenProcess(SYNCHRONIZE, False, number)
        return handle

    def has_ended(handle: int, milliseconds: int = 0) -> bool:
        """Wait for a process at most so long; return whether it has ended."""
        return bool(_kernel.WaitForSingleObject(handle, milliseconds) == 0)

    def close_handle(handle: int) -> None:
        """Give a handle back."""
        _kernel.CloseHandle(handle)

    def new_job() -> int:
        """Return a job: the processes in it end with the process that holds it."""
        job: int | None = _kernel.CreateJobObjectW(None, None)
        if not job:
            raise _error()
        limits = _JobLimits(flags=_KILL_ON_CLOSE)
        size = ctypes.sizeof(limits)
        if not _kernel.SetInformationJobObject(job, _EXTENDED_LIMITS, ctypes.byref(limits), size):
            raise _error()
        return job

    def add_to_job(job: int, process: int) -> None:
        """Put a process, by its handle, and all that it will start into a job."""
        if not _kernel.AssignProcessToJobObject(job, process):
            raise _error()

    def end_job(job: int) -> None:
        """End all processes of a job, and the job."""
        _kernel.TerminateJobObject(job, 1)
        _kernel.CloseHandle(job)

    def resident_bytes() -> int:
        """Return what this process holds in memory."""
        counters = _MemoryCounters()
        counters.size = ctypes.sizeof(counters)
        process = _kernel.GetCurrentProcess()
        _kernel.K32GetProcessMemoryInfo(process, ctypes.byref(counters), counters.size)
        return int(counters.sizes[1])

    def physical_bytes() -> int:
        """Return the machine's memory."""
        status = _MemoryStatus()
        status.size = ctypes.sizeof(status)
        _kernel.GlobalMemoryStatusEx(ctypes.byref(status))
        return int(status.physical)

    def show_no_fault_windows() -> None:
        """Have a crash end this process and its children without a window that waits for a user."""
        critical_errors, fault_box, open_file_box = 1, 2, 0x8000
        _kernel.SetErrorMode(critical_errors | fault_box | open_file_box)
