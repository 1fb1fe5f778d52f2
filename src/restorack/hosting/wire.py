"""What goes between a process and its sandbox child: JSON messages and shared samples."""

from __future__ import annotations

import json
import mmap
import os
import socket
import struct
from typing import Any

import numpy as np

from restorack import errors
from restorack.audio.gate import Rows
from restorack.errors import PluginError, RestorackError

_HEADER = struct.Struct("<I")
MAX_MESSAGE = 1 << 26


class Closed(Exception):  # noqa: N818  an end, not an error
    """The other side is gone."""


def send(link: socket.socket, message: dict[str, Any]) -> None:
    """Send one JSON message."""
    body = json.dumps(message).encode()
    try:
        link.sendall(_HEADER.pack(len(body)) + body)
    except OSError as error:
        raise Closed from error


def receive(link: socket.socket) -> dict[str, Any]:
    """Receive one JSON message; raises :class:`Closed` or ``TimeoutError``."""
    (length,) = _HEADER.unpack(_exactly(link, _HEADER.size))
    if length > MAX_MESSAGE:
        raise Closed
    message: dict[str, Any] = json.loads(_exactly(link, length))
    return message


def _exactly(link: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
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


class SharedSamples:
    """Samples that two processes see; the memory has no name, so that no kill leaves it behind.

    Parameters
    ----------
    descriptor : int, optional
        Of the other side's memory; without it new memory is made.
    """

    def __init__(self, descriptor: int | None = None) -> None:
        made = os.memfd_create("restorack", 0) if descriptor is None else descriptor
        self.descriptor = made
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

    def close(self) -> None:
        """Give the memory back."""
        if self._map is not None:
            self._map.close()
            self._map = None
        os.close(self.descriptor)

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
    kind = getattr(errors, str(message["type"]), PluginError)
    made: RestorackError = kind(
        message["what"], where=message["where"], rule=message["rule"], remedy=message["remedy"]
    )
    return made
