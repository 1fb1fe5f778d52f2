"""States of plugins: ``.vstpreset`` files, the raw states that hosts save, Turtle of LV2.

A plugin silently ignores what it cannot read and then sounds as if nothing had been loaded. So a
state is checked as far as its container tells, before the plugin gets it.
"""

from __future__ import annotations

import base64
import binascii
import os
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from restorack.errors import PluginError
from restorack.hosting.lv2.states import RULE as LV2_RULE
from restorack.hosting.spec import PluginSpec

MAX_STATE = 1 << 25
"""Bytes; states of sampling plugins hold megabytes."""

_PRESET_HEADER = struct.Struct("<4si32sq")
"""Of a ``.vstpreset``: magic, version, class, where the list of chunks begins."""

_RAW_HEADER = struct.Struct("<4sI")
"""Of a raw state, which JUCE writes: magic, length of the XML behind it."""

_RULE = "a .vstpreset, or a raw state such as pedalboard's raw_state"


def has_state(spec: PluginSpec) -> bool:
    """Return whether a spec comes with a state, as a file or written out."""
    return spec.state is not None or spec.state_base64 is not None


def state_name(spec: PluginSpec) -> str:
    """Return what errors call a spec's state."""
    return f"state {spec.state}" if spec.state is not None else "state (base64)"


def read_state(spec: PluginSpec) -> bytes:
    """Return a spec's state, checked.

    Raises
    ------
    PluginError
        For a file that cannot be read, text that is no base64, and data that is no whole state.
    """
    data = _decoded(spec) if spec.state_base64 is not None else _from_file(spec)
    lv2 = spec.kind == "lv2"
    if spec.kind == "clap" and 0 < len(data) <= MAX_STATE:
        return data  # its form is the plugin's own affair
    fault = _lv2_fault(data) if lv2 else _fault(data)
    if fault:
        rule = LV2_RULE if lv2 else _RULE
        raise PluginError(f"{state_name(spec)} {fault}", where=spec.label, rule=rule)
    return data


def _lv2_fault(data: bytes) -> str:
    if len(data) > MAX_STATE:
        return f"is longer than {MAX_STATE >> 20} MiB"
    return "" if b"appliesTo" in data else "is no state of an LV2 plugin"


def is_vstpreset(data: bytes) -> bool:
    """Return whether a state is a ``.vstpreset``; otherwise it is raw."""
    return data[:4] == b"VST3"


def preset_class(data: bytes) -> str:
    """Return the class of the plugin that a ``.vstpreset`` belongs to: 32 hexadecimal digits."""
    return data[8:40].decode("ascii", "replace").upper()


def with_content(spec: PluginSpec) -> PluginSpec:
    """Return the spec with what is in its state's file, which the child may not read itself.

    The path stays, for errors and to tell one file's state from another's.
    """
    if spec.state is None or spec.state_base64 is not None:
        return spec
    return replace(spec, state_base64=base64.b64encode(read_state(spec)).decode("ascii"))


@contextmanager
def state_file(spec: PluginSpec) -> Iterator[tuple[Path, bytes]]:
    """Give a spec's state as a file that hosts can load, together with its content."""
    data = read_state(spec)
    if spec.state is not None and spec.state_base64 is None:
        yield Path(spec.state), data
        return
    with tempfile.NamedTemporaryFile(suffix=".vstpreset" if is_vstpreset(data) else ".raw") as file:
        file.write(data)
        file.flush()
        yield Path(file.name), data


def _from_file(spec: PluginSpec) -> bytes:
    path = Path(os.fspath(spec.state or ""))
    try:
        if not path.is_file():  # a device or a pipe would never end
            raise PluginError(f"{state_name(spec)}: no such file", where=spec.label)
        with path.open("rb") as file:
            return file.read(MAX_STATE + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise PluginError(
            f"{state_name(spec)} cannot be read: {reason}", where=spec.label
        ) from error


def _decoded(spec: PluginSpec) -> bytes:
    try:
        return base64.b64decode("".join((spec.state_base64 or "").split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise PluginError(
            f"{state_name(spec)} is no base64: {error}",
            where=spec.label,
            rule="base64 has letters, digits, + and /, in groups of four",
        ) from error


def _fault(data: bytes) -> str:
    """Return what is wrong with a state's container, empty where nothing is."""
    if len(data) > MAX_STATE:
        return f"is longer than {MAX_STATE >> 20} MiB"
    if data[:4] == b"CcnK":
        return "is a VST2 program (.fxp, .fxb)"
    if is_vstpreset(data):
        return _preset_fault(data)
    if data[:4] == b"VC2!":
        return _raw_fault(data)
    return "is no state of a VST3"


def _preset_fault(data: bytes) -> str:
    if len(data) < _PRESET_HEADER.size:
        return "is cut short"
    _, _, _, chunks = _PRESET_HEADER.unpack_from(data)
    if not _PRESET_HEADER.size <= chunks <= len(data) - 8 or data[chunks : chunks + 4] != b"List":
        return "is cut short"
    return ""


def _raw_fault(data: bytes) -> str:
    if len(data) < _RAW_HEADER.size:
        return "is cut short"
    _, length = _RAW_HEADER.unpack_from(data)
    if len(data) < _RAW_HEADER.size + length:
        return "is cut short"
    return "" if b"<VST3PluginState" in data else "is no state of a VST3"
