"""The order of channels: Ogg's differs from that of WAV and FLAC, and libsndfile leaves it so."""

from __future__ import annotations

# Position in Vorbis I (section 4.3.9) and Opus (RFC 7845) of each channel in WAV's order.
_OGG_FROM_WAVE = {
    3: (0, 2, 1),
    5: (0, 2, 1, 3, 4),
    6: (0, 2, 1, 5, 3, 4),
    7: (0, 2, 1, 6, 5, 3, 4),
    8: (0, 2, 1, 7, 5, 6, 3, 4),
}


def wave_from_ogg(channels: int) -> list[int]:
    """Return which channel of an Ogg file is the first, the second ... in WAV's order."""
    return list(_OGG_FROM_WAVE.get(channels, range(channels)))


def ogg_from_wave(channels: int) -> list[int]:
    """Return which channel of a WAV file is the first, the second ... in Ogg's order."""
    order = wave_from_ogg(channels)
    return sorted(range(channels), key=order.__getitem__)
