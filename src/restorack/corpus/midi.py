"""Write a performance as a standard MIDI file."""

from __future__ import annotations

import struct

from restorack.corpus.arranging import DRUMS, Performance

TICKS = 480
"""Ticks of a quarter, which lasts half a second."""


def midi_file(performance: Performance) -> bytes:
    """Return a standard MIDI file, format 0, at 960 ticks a second.

    A key that is struck while it sounds is let go first, so that every note ends.
    """
    events: list[tuple[int, int, bytes]] = [(0, 0, b"\xff\x51\x03" + (500_000).to_bytes(3, "big"))]
    for channel, program in performance.programs.items():
        if channel != DRUMS:
            events.append((0, 1, bytes([0xC0 | channel, program])))
        events.append((0, 1, bytes([0xB0 | channel, 10, performance.pans.get(channel, 64)])))
    sounding: dict[tuple[int, int], int] = {}
    for note in performance.notes:
        start, key = _ticks(note.onset), (note.channel, note.pitch)
        end = max(start + 1, _ticks(note.onset + note.length))
        before = sounding.get(key)
        if before is not None and events[before][0] > start:
            events[before] = (start, 2, events[before][2])
        events.append((start, 3, bytes([0x90 | note.channel, note.pitch, note.velocity])))
        sounding[key] = len(events)
        events.append((end, 2, bytes([0x80 | note.channel, note.pitch, 0])))
    last = max(tick for tick, _, _ in events)
    events.append((last + TICKS, 9, b"\xff\x2f\x00"))
    track, now = b"", 0
    for tick, _, data in sorted(events, key=lambda event: event[:2]):
        track += _variable(tick - now) + data
        now = tick
    head = b"MThd" + struct.pack(">IHHH", 6, 0, 1, TICKS)
    return head + b"MTrk" + struct.pack(">I", len(track)) + track


def _ticks(seconds: float) -> int:
    return max(0, round(seconds * 2 * TICKS))


def _variable(value: int) -> bytes:
    """Return a number as MIDI writes it: seven bits a byte, the last one without the high bit."""
    out = [value & 0x7F]
    while value := value >> 7:
        out.append(value & 0x7F | 0x80)
    return bytes(reversed(out))
