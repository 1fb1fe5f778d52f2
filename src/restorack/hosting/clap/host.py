"""What a CLAP plugin finds of its host.

CLAP lets hosts leave extensions out, but every one that plays has these, so that plugins call them
without a look. Changes that they tell are seen anyway: each render begins with a plugin that was
activated anew.
"""

from __future__ import annotations

import ctypes
from ctypes import CFUNCTYPE, Structure, c_bool, c_char_p, c_int32, c_uint32, c_void_p
from typing import Any

from restorack.hosting.clap import abi

_FLAGGED = CFUNCTYPE(None, c_void_p, c_uint32)
_CLEARED = CFUNCTYPE(None, c_void_p, c_uint32, c_uint32)
_LOGGED = CFUNCTYPE(None, c_void_p, c_int32, c_char_p)
_ASKED = CFUNCTYPE(c_bool, c_void_p, c_uint32)


class _Told(Structure):
    """``clap_host_latency``, ``clap_host_tail`` and ``clap_host_state``: one call each."""

    _fields_ = (("changed", abi.NOTIFY),)


class _Params(Structure):
    """``clap_host_params``."""

    _fields_ = (("rescan", _FLAGGED), ("clear", _CLEARED), ("request_flush", abi.NOTIFY))


class _AudioPorts(Structure):
    """``clap_host_audio_ports``."""

    _fields_ = (("is_flag_supported", _ASKED), ("rescan", _FLAGGED))


class _Log(Structure):
    """``clap_host_log``."""

    _fields_ = (("log", _LOGGED),)


def _nothing(*_: Any) -> None:
    return


_TOLD = _Told(abi.NOTIFY(_nothing))
_EXTENSIONS: dict[bytes, Structure] = {
    b"clap.latency": _TOLD,
    b"clap.tail": _TOLD,
    b"clap.state": _TOLD,
    b"clap.params": _Params(_FLAGGED(_nothing), _CLEARED(_nothing), abi.NOTIFY(_nothing)),
    b"clap.audio-ports": _AudioPorts(_ASKED(lambda *_: False), _FLAGGED(_nothing)),
    b"clap.log": _Log(_LOGGED(_nothing)),
}


class ClapHost:
    """The host of one plugin; it has to live as long as that does.

    Attributes
    ----------
    is_called : bool
        Whether the plugin has asked for a call of its ``on_main_thread``.
    """

    def __init__(self) -> None:
        self.is_called = False
        calls = (abi.EXTENSION(_extension), *(abi.NOTIFY(_nothing) for _ in range(2)))
        self._host = abi.Host(
            abi.Version(1, 2, 0), None, b"restorack", b"restorack", b"", b"1", *calls,
            abi.NOTIFY(self._call),
        )  # fmt: skip

    @property
    def address(self) -> int:
        """Where the plugin finds it."""
        return ctypes.addressof(self._host)

    def _call(self, _host: Any) -> None:
        self.is_called = True


def _extension(_host: Any, name: bytes) -> int | None:
    found = _EXTENSIONS.get(name)
    return None if found is None else ctypes.addressof(found)
