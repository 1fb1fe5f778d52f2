"""Audio of projects: what a file holds, and clips put together into one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.dsp.resampling import resample_blocks
from restorack.errors import FileError
from restorack.io.reader import AudioReader
from restorack.io.spool import Spool
from restorack.projects.model import Clip, Media
from restorack.render.block_reader import pieces
from restorack.render.source import BLOCK


def media_of(path: Path, *, embedded: bool = False) -> Media | None:
    """Return what a file holds; None where it is neither mono nor stereo.

    Raises
    ------
    RestorackError
        For a file that cannot be read.
    """
    if not path.is_file():
        raise FileError("no such file", where=str(path))
    with AudioReader(path) as reader:
        info = reader.info
    if info.channels > 2:
        return None
    return Media(path, path.name, info.channels, info.sample_rate, info.frames, embedded)


def assembled(clips: Sequence[Clip], rate: int = 0) -> tuple[Iterator[Rows], int, int]:
    """Return blocks of clips put together, their channels and their rate in Hz.

    The rate is the one given, by default the first one's; others are brought to it. They begin
    with the first clip; between them there is silence, and where they overlap their sum.
    """
    rate = rate or clips[0].media.sample_rate
    channels = max(clip.media.channels for clip in clips)
    return _blocks(clips, rate, channels), channels, rate


def _blocks(clips: Sequence[Clip], rate: int, channels: int) -> Iterator[Rows]:
    waiting = sorted(clips, key=lambda clip: clip.start, reverse=True)
    origin = waiting[-1].start
    total = round((max(clip.start + clip.length for clip in clips) - origin) * rate)
    playing: list[tuple[int, Spool]] = []
    try:
        for number, size in enumerate(pieces(total, BLOCK)):
            done = number * BLOCK
            while waiting and round((waiting[-1].start - origin) * rate) < done + size:
                clip = waiting.pop()
                first = round((clip.start - origin) * rate)
                playing.append((first, _spooled(clip, rate, channels)))
            block = np.zeros((channels, size), np.float32)
            for first, spool in playing:
                _add(block, done, spool, first)
            yield block
            for first, spool in [one for one in playing if one[0] + one[1].frames <= done + size]:
                spool.close()
                playing.remove((first, spool))
    finally:
        for _, spool in playing:
            spool.close()


def _add(block: Rows, at: int, spool: Spool, first: int) -> None:
    """Add what a clip has at a block's place."""
    begin, stop = max(at, first), min(at + block.shape[1], first + spool.frames)
    if begin < stop:
        [rows] = spool.blocks(stop - begin, begin - first, stop - first)
        block[:, begin - at : stop - at] += rows


def _spooled(clip: Clip, rate: int, channels: int) -> Spool:
    """Return a clip's samples at a rate; a mono one on both sides where two are wanted."""
    media = clip.media
    first = min(round(clip.offset * media.sample_rate), media.frames)
    stop = min(first + round(clip.length * media.sample_rate), media.frames)
    spool = Spool(channels, expected=stop - first)
    with AudioReader(media.path) as reader:
        blocks = reader.blocks(BLOCK, first, stop)
        if media.sample_rate != rate:
            own, wanted = float(media.sample_rate), float(rate)
            blocks = resample_blocks(blocks, own, wanted, media.channels)
        for block in blocks:
            spool.write(np.broadcast_to(block, (channels, block.shape[1])))
    return spool
