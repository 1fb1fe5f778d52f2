"""What goes between a process and its sandbox child: JSON messages and shared samples."""

from __future__ import annotations

import json
import math
import mmap
import os
import socket
import struct
import time
from typing import Any, NoReturn

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.errors import ParameterError, PluginError, RestorackError
from restorack.hosting.exchange.wording import shown
from restorack.system.shared_memory import free_memory, held_bytes, new_memory

_HEADER = struct.Struct("<I")
MAX_MESSAGE = 1 << 26
"""Bytes of a request: states of plugins go along."""

MAX_ANSWER = 1 << 24
"""Bytes of an answer: plugins describe thousands of parameters."""

KEPT_BYTES = 1 << 26
"""Shared memory beyond this is given back after each request."""

_PAGE = 1 << 16
"""Bytes of the largest usual page of memory."""


class Closed(Exception):  # noqa: N818  an end, not an error
    """The other side is gone."""


class MalformedError(Exception):
    """The other side sent what is no message."""


def send(link: socket.socket, message: dict[str, Any], deadline: float | None = None) -> None:
    """Send one JSON message until a deadline on the monotonic clock."""
    body = json.dumps(_finite(message), allow_nan=False).encode()
    link.settimeout(_left(deadline))
    try:
        link.sendall(_HEADER.pack(len(body)) + body)
    except TimeoutError:
        raise
    except OSError as error:
        raise Closed from error


def receive(
    link: socket.socket, deadline: float | None = None, longest: int = MAX_MESSAGE
) -> dict[str, Any]:
    """Receive one JSON message of at most so many bytes.

    Raises
    ------
    Closed
        Where the other side is gone.
    MalformedError
        For what is too long, too deep, no JSON, or no object.
    TimeoutError
        After the deadline on the monotonic clock.
    """
    (length,) = _HEADER.unpack(_exactly(link, _HEADER.size, deadline))
    if length > longest:
        raise MalformedError(f"{length} bytes, {longest} at most")
    body = _exactly(link, length, deadline)
    try:
        message = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise MalformedError("no JSON") from None
    if not isinstance(message, dict):
        raise MalformedError("no JSON object")
    return message


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)  # NaN and Infinity are no JSON


def _finite(value: Any) -> Any:
    """Return a message with None for numbers that are not finite, which JSON has not."""
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _exactly(link: socket.socket, count: int, deadline: float | None) -> bytes:
    data = bytearray()
    while len(data) < count:
        link.settimeout(_left(deadline))
        try:
            part = link.recv(min(count - len(data), 1 << 20))
        except TimeoutError:
            raise
        except OSError as error:
            raise Closed from error
        if not part:
            raise Closed
        data += part
    return bytes(data)


def _left(deadline: float | None) -> float | None:
    return None if deadline is None else max(1e-3, deadline - time.monotonic())


class SharedSamples:
    """Samples that two processes see; the memory has no name, so that no kill leaves it behind.

    On Linux it is sealed against shrinking: no access can fail for what the other side does.
    What is read is a copy, so that it stays what was looked at.

    Parameters
    ----------
    descriptor : int, optional
        Of the other side's memory; without it new memory is made.
    """

    def __init__(self, descriptor: int | None = None) -> None:
        self.descriptor = new_memory() if descriptor is None else descriptor
        self._map: mmap.mmap | None = None

    def write(self, rows: Rows) -> None:
        """Put rows at the beginning."""
        if rows.size:
            if os.fstat(self.descriptor).st_size < 4 * rows.size:
                os.ftruncate(self.descriptor, 4 * rows.size)
            self._view(rows.shape)[:] = rows

    def read(self, channels: int, samples: int) -> Rows:
        """Return a copy of the rows at the beginning.

        Raises
        ------
        MalformedError
            Where the memory holds less.
        """
        if os.fstat(self.descriptor).st_size < 4 * channels * samples:
            raise MalformedError(f"{channels} x {samples} samples, of which some are not there")
        if not channels * samples:
            return np.zeros((channels, samples), np.float32)
        return self._view((channels, samples)).copy()

    def give_back(self) -> None:
        """Free the memory if it is much; what was in it is gone."""
        if held_bytes(self.descriptor) > KEPT_BYTES:
            size = os.fstat(self.descriptor).st_size
            free_memory(self.descriptor, size + _PAGE)  # the last one, too

    def close(self) -> None:
        """Let go of the memory."""
        if self._map is not None:
            self._map.close()
            self._map = None
        os.close(self.descriptor)

    def _view(self, shape: tuple[int, ...]) -> Rows:
        wanted = int(np.prod(shape)) * 4
        if self._map is None or len(self._map) < wanted:
            self._map = mmap.mmap(self.descriptor, wanted)  # not all: the other side may grow it
        return np.frombuffer(self._map, np.float32, int(np.prod(shape))).reshape(shape)


ERRORS: dict[str, type[RestorackError]] = {
    kind.__name__: kind for kind in (PluginError, ParameterError)
}
"""The only errors that a child may answer with: none that stops a batch."""


def error_message(error: RestorackError) -> dict[str, Any]:
    """Return an error's fields as JSON-ready values; other kinds go as the plugin's failure."""
    kind = type(error).__name__
    return {
        "type": kind if kind in ERRORS else PluginError.__name__,
        "what": shown(error.what), "where": shown(error.where),
        "rule": shown(error.rule), "remedy": shown(error.remedy),
    }  # fmt: skip


def error_from(message: dict[str, Any]) -> RestorackError:
    """Return the error that a checked :func:`error_message` described."""
    words = {name: shown(message[name]) for name in ("where", "rule", "remedy")}
    return ERRORS[message["type"]](shown(message["what"]), **words)
