"""CLAP's binary interface, the part that hosting effects needs, as ctypes."""

from __future__ import annotations

import ctypes
from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    c_bool,
    c_char,
    c_char_p,
    c_double,
    c_float,
    c_int16,
    c_int32,
    c_int64,
    c_uint16,
    c_uint32,
    c_uint64,
    c_void_p,
)

PARAM_VALUE = 5
"""Type of the event that sets a parameter."""

STEPPED, HIDDEN, READ_ONLY, BYPASS = 1, 4, 8, 16
"""Flags of parameters."""

ERROR = 0
"""Status of a process call that failed."""


class Version(Structure):
    """``clap_version``."""

    _fields_ = (("major", c_uint32), ("minor", c_uint32), ("revision", c_uint32))


class Entry(Structure):
    """``clap_plugin_entry``."""

    _fields_ = (
        ("version", Version),
        ("init", CFUNCTYPE(c_bool, c_char_p)),
        ("deinit", CFUNCTYPE(None)),
        ("get_factory", CFUNCTYPE(c_void_p, c_char_p)),
    )


class Descriptor(Structure):
    """``clap_plugin_descriptor``."""

    _fields_ = (
        ("version", Version), ("id", c_char_p), ("name", c_char_p), ("vendor", c_char_p),
        ("url", c_char_p), ("manual_url", c_char_p), ("support_url", c_char_p),
        ("plugin_version", c_char_p), ("description", c_char_p), ("features", POINTER(c_char_p)),
    )  # fmt: skip


class Factory(Structure):
    """``clap_plugin_factory``."""

    _fields_ = (
        ("count", CFUNCTYPE(c_uint32, c_void_p)),
        ("descriptor", CFUNCTYPE(POINTER(Descriptor), c_void_p, c_uint32)),
        ("create", CFUNCTYPE(c_void_p, c_void_p, c_void_p, c_char_p)),
    )


EXTENSION = CFUNCTYPE(c_void_p, c_void_p, c_char_p)
NOTIFY = CFUNCTYPE(None, c_void_p)


class Host(Structure):
    """``clap_host``."""

    _fields_ = (
        ("version", Version), ("data", c_void_p), ("name", c_char_p), ("vendor", c_char_p),
        ("url", c_char_p), ("host_version", c_char_p), ("get_extension", EXTENSION),
        ("request_restart", NOTIFY), ("request_process", NOTIFY), ("request_callback", NOTIFY),
    )  # fmt: skip


class Buffer(Structure):
    """``clap_audio_buffer``."""

    _fields_ = (
        ("data32", POINTER(POINTER(c_float))), ("data64", c_void_p), ("channels", c_uint32),
        ("latency", c_uint32), ("constant", c_uint64),
    )  # fmt: skip


class ParamEvent(Structure):
    """``clap_event_param_value``."""

    _fields_ = (
        ("size", c_uint32), ("time", c_uint32), ("space", c_uint16), ("type", c_uint16),
        ("flags", c_uint32), ("param", c_uint32), ("cookie", c_void_p), ("note", c_int32),
        ("port", c_int16), ("channel", c_int16), ("key", c_int16), ("value", c_double),
    )  # fmt: skip


class InputEvents(Structure):
    """``clap_input_events``."""

    _fields_ = (
        ("context", c_void_p),
        ("count", CFUNCTYPE(c_uint32, c_void_p)),
        ("get", CFUNCTYPE(c_void_p, c_void_p, c_uint32)),
    )


class OutputEvents(Structure):
    """``clap_output_events``."""

    _fields_ = (("context", c_void_p), ("push", CFUNCTYPE(c_bool, c_void_p, c_void_p)))


class Process(Structure):
    """``clap_process``."""

    _fields_ = (
        ("steady_time", c_int64), ("frames", c_uint32), ("transport", c_void_p),
        ("inputs", POINTER(Buffer)), ("outputs", POINTER(Buffer)), ("input_count", c_uint32),
        ("output_count", c_uint32), ("in_events", POINTER(InputEvents)),
        ("out_events", POINTER(OutputEvents)),
    )  # fmt: skip


_CALL = CFUNCTYPE(None, c_void_p)
_ASK = CFUNCTYPE(c_bool, c_void_p)


class Plugin(Structure):
    """``clap_plugin``."""

    _fields_ = (
        ("descriptor", POINTER(Descriptor)), ("data", c_void_p), ("init", _ASK),
        ("destroy", _CALL),
        ("activate", CFUNCTYPE(c_bool, c_void_p, c_double, c_uint32, c_uint32)),
        ("deactivate", _CALL), ("start_processing", _ASK), ("stop_processing", _CALL),
        ("reset", _CALL), ("process", CFUNCTYPE(c_int32, c_void_p, POINTER(Process))),
        ("get_extension", EXTENSION), ("on_main_thread", _CALL),
    )  # fmt: skip


class PortInfo(Structure):
    """``clap_audio_port_info``."""

    _fields_ = (
        ("id", c_uint32), ("name", c_char * 256), ("flags", c_uint32), ("channels", c_uint32),
        ("type", c_char_p), ("in_place_pair", c_uint32),
    )  # fmt: skip


class AudioPorts(Structure):
    """``clap_plugin_audio_ports``."""

    _fields_ = (
        ("count", CFUNCTYPE(c_uint32, c_void_p, c_bool)),
        ("get", CFUNCTYPE(c_bool, c_void_p, c_uint32, c_bool, POINTER(PortInfo))),
    )


class ParamInfo(Structure):
    """``clap_param_info``."""

    _fields_ = (
        ("id", c_uint32), ("flags", c_uint32), ("cookie", c_void_p), ("name", c_char * 256),
        ("module", c_char * 1024), ("low", c_double), ("high", c_double), ("default", c_double),
    )  # fmt: skip


class Params(Structure):
    """``clap_plugin_params``."""

    _fields_ = (
        ("count", CFUNCTYPE(c_uint32, c_void_p)),
        ("info", CFUNCTYPE(c_bool, c_void_p, c_uint32, POINTER(ParamInfo))),
        ("value", CFUNCTYPE(c_bool, c_void_p, c_uint32, POINTER(c_double))),
        ("to_text", CFUNCTYPE(c_bool, c_void_p, c_uint32, c_double, c_void_p, c_uint32)),
        ("from_text", CFUNCTYPE(c_bool, c_void_p, c_uint32, c_char_p, POINTER(c_double))),
        ("flush", CFUNCTYPE(None, c_void_p, POINTER(InputEvents), POINTER(OutputEvents))),
    )  # fmt: skip


STREAM_CALL = CFUNCTYPE(c_int64, c_void_p, c_void_p, c_uint64)


class Stream(Structure):
    """To read a state from, or to write it to."""

    _fields_ = (("context", c_void_p), ("call", STREAM_CALL))


class State(Structure):
    """``clap_plugin_state``."""

    _fields_ = (
        ("save", CFUNCTYPE(c_bool, c_void_p, POINTER(Stream))),
        ("load", CFUNCTYPE(c_bool, c_void_p, POINTER(Stream))),
    )


class Samples(Structure):
    """Latency, and tail."""

    _fields_ = (("get", CFUNCTYPE(c_uint32, c_void_p)),)


def extension(plugin: Plugin, name: str, kind: type[Structure]) -> Structure | None:
    """Return an extension of a plugin, None where it has it not."""
    found = plugin.get_extension(ctypes.addressof(plugin), name.encode())
    return kind.from_address(found) if found else None
