"""What goes between a process and its sandbox child: JSON messages and shared samples."""

from __future__ import annotations

import json
import mmap
import os
import socket
import struct
import time
from typing import Any

import numpy as np

from restorack import errors
from restorack.audio.gate import Rows
from restorack.errors import PluginError, RestorackError

_HEADER = struct.Struct("<I")
MAX_MESSAGE = 1 << 26

KEPT_BYTES = 1 << 26
"""Shared memory beyond this is given back after each request."""


class Closed(Exception):  # noqa: N818  an end, not an error
    """The other side is gone."""


def send(link: socket.socket, message: dict[str, Any], deadline: float | None = None) -> None:
    """Send one JSON message until a deadline on the monotonic clock."""
    body = json.dumps(message).encode()
    link.settimeout(_left(deadline))
    try:
        link.sendall(_HEADER.pack(len(body)) + body)
    except TimeoutError:
        raise
    except OSError as error:
        raise Closed from error


def receive(link: socket.socket, deadline: float | None = None) -> dict[str, Any]:
    """Receive one JSON message; raises :class:`Closed` or ``TimeoutError``."""
    (length,) = _HEADER.unpack(_exactly(link, _HEADER.size, deadline))
    if length > MAX_MESSAGE:
        raise Closed
    body = _exactly(link, length, deadline)
    try:
        message = json.loads(body)
    except ValueError as error:
        raise Closed from error
    if not isinstance(message, dict):
        raise Closed
    return message


def _exactly(link: socket.socket, count: int, deadline: float | None) -> bytes:
    data = b""
    while len(data) < count:
        link.settimeout(_left(deadline))
        try:
            part = link.recv(count - len(data))
        except TimeoutError:
            raise
        except OSError as error:
            raise Closed from error
        if not part:
            raise Closed
        data += part
    return data


def _left(deadline: float | None) -> float | None:
    return None if deadline is None else max(1e-3, deadline - time.monotonic())


class SharedSamples:
    """Samples that two processes see; the memory has no name, so that no kill leaves it behind.

    Parameters
    ----------
    descriptor : int, optional
        Of the other side's memory; without it new memory is made.
    """

    def __init__(self, descriptor: int | None = None) -> None:
        self.descriptor = os.memfd_create("restorack") if descriptor is None else descriptor
        self._map: mmap.mmap | None = None

    def write(self, rows: Rows) -> None:
        """Put rows at the beginning."""
        if rows.size:
            self._view(rows.shape)[:] = rows

    def read(self, channels: int, samples: int) -> Rows:
        """Return a copy of the rows at the beginning."""
        if not channels * samples:
            return np.zeros((channels, samples), np.float32)
        return self._view((channels, samples)).copy()

    def unmap_large(self) -> None:
        """Let go of much memory, so that the other side's :meth:`shrink` frees it."""
        if self._map is not None and len(self._map) > KEPT_BYTES:
            self._unmap()

    def shrink(self) -> None:
        """Give much memory back; only while the other side is not reading."""
        self.unmap_large()
        if os.fstat(self.descriptor).st_size > KEPT_BYTES:
            os.ftruncate(self.descriptor, 0)

    def close(self) -> None:
        """Give the memory back."""
        self._unmap()
        os.close(self.descriptor)

    def _unmap(self) -> None:
        if self._map is not None:
            self._map.close()
            self._map = None

    def _view(self, shape: tuple[int, ...]) -> Rows:
        wanted = int(np.prod(shape)) * 4
        if os.fstat(self.descriptor).st_size < wanted:
            os.ftruncate(self.descriptor, wanted)
        if self._map is None or len(self._map) < wanted:
            self._map = mmap.mmap(self.descriptor, os.fstat(self.descriptor).st_size)
        return np.frombuffer(self._map, np.float32, int(np.prod(shape))).reshape(shape)


def error_message(error: RestorackError) -> dict[str, Any]:
    """Return an error's fields as JSON-ready values."""
    return {
        "type": type(error).__name__, "what": error.what, "where": error.where,
        "rule": error.rule, "remedy": error.remedy,
    }  # fmt: skip


def error_from(message: dict[str, Any]) -> RestorackError:
    """Return the error that :func:`error_message` described."""
    kind = getattr(errors, str(message["type"]), None)
    if not (isinstance(kind, type) and issubclass(kind, RestorackError)):
        kind = PluginError
    return kind(
        message["what"], where=message["where"], rule=message["rule"], remedy=message["remedy"]
    )
