"""Sun's AU: a header, and samples; a length of all ones is a legal way to state none."""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

from restorack.io.formats.behind import warn_of
from restorack.io.formats.layout import Layout, Link, PlainSamples

MAGICS = (b".snd", b"dns.")
_BYTES = {1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 6: 4, 7: 8, 27: 1}
_UNKNOWN = 0xFFFFFFFF
"""A length that is not stated."""


def survey(file: BinaryIO) -> Layout:
    """Return how an AU file is decoded."""
    end = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(24)
    if len(head) < 24:
        return Layout()
    order = ">" if head[:4] == b".snd" else "<"
    offset, size, coding, rate, channels = struct.unpack(order + "5I", head[4:])
    frame = _BYTES.get(coding, 0) * channels
    if not frame or not rate or not 24 <= offset <= end:
        return Layout()
    samples = PlainSamples(
        offset, None if size == _UNKNOWN else size, end - offset, frame, float(rate)
    )
    warnings = samples.warnings()
    at = samples.frames / rate
    warnings += warn_of(file, samples.end, end - samples.end, frame, float(rate), at)
    size = min(samples.there, _UNKNOWN)
    view = head[:4] + struct.pack(order + "5I", 24, size, coding, rate, channels)
    link = Link((view, (offset, samples.there)))
    return Layout((link,), tuple(warnings), frames=samples.frames, prefers_file=True)
