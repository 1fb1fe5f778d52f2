"""The floating-point environment of a thread, which libraries built with -ffast-math change."""

from __future__ import annotations

import ctypes
import sys

if sys.platform == "linux":

    def restore_float_environment() -> None:
        """Undo what loading a library built with -ffast-math did to this thread's arithmetic."""
        libm = ctypes.CDLL("libm.so.6")
        libm.fesetenv(ctypes.c_void_p(-1))  # FE_DFL_ENV

elif sys.platform == "win32":

    def restore_float_environment() -> None:
        """Undo what loading a library built with -ffast-math did to this thread's arithmetic."""
        ctypes.CDLL("ucrtbase")._fpreset()

else:

    def restore_float_environment() -> None:
        """Undo what loading a library built with -ffast-math did to this thread's arithmetic."""
        system = ctypes.CDLL(None)
        system.fesetenv(ctypes.byref(ctypes.c_char.in_dll(system, "_FE_DFL_ENV")))
