"""Small sound files of many kinds, whole and damaged, for tests of reading."""

import struct
import subprocess

import numpy as np
import soundfile

from restorack.io.reader import AudioReader


def sound(frames=30_000, channels=2, seed=1):
    """Return low-passed noise, so that codecs have something to code."""
    steps = np.random.default_rng(seed).normal(0, 1, (frames, channels))
    smooth = np.convolve(steps.ravel(), np.ones(8 * channels), "same").reshape(steps.shape)
    return smooth / np.abs(smooth).max() * 0.8


def ffmpeg(source, target, *options):
    """Convert a file."""
    line = ["ffmpeg", "-v", "error", "-y", "-i", source, *options, target]
    subprocess.run(line, check=True, stdin=subprocess.DEVNULL)
    return target


def encoded(folder, name, *options, frames=90_000, rate=44_100, seed=1):
    """Return a new file that ffmpeg has coded."""
    source = folder / f"{name}.source.wav"
    soundfile.write(source, sound(frames, seed=seed), rate)
    return ffmpeg(source, folder / name, *options)


def read_all(path, **options):
    """Return what a reader says of a file and the samples that it delivers."""
    with AudioReader(path, **options) as reader:
        blocks = list(reader.blocks64(10_000))
    rows = np.concatenate(blocks, axis=1) if blocks else np.zeros((reader.info.channels, 0))
    assert rows.shape[1] == reader.info.frames
    return reader.info, rows


def texts(info):
    """Return an info's warnings as one text."""
    return "; ".join(warning.text for warning in info.warnings)


def wave_bytes(samples, *, before=b"", after=b"", data_size=None, riff_size=None, order="<"):
    """Return a mono 16-bit WAV at 44.1 kHz, whose sizes may be false."""
    data = np.asarray(samples, order + "i2").tobytes()
    head = struct.pack(order + "HHIIHH", 1, 1, 44_100, 88_200, 2, 16)
    chunks = b"fmt " + struct.pack(order + "I", 16) + head + before
    stated = len(data) if data_size is None else data_size
    body = b"WAVE" + chunks + b"data" + struct.pack(order + "I", stated) + data + after
    total = len(body) if riff_size is None else riff_size
    return (b"RIFX" if order == ">" else b"RIFF") + struct.pack(order + "I", total) + body


def frames_of(data):
    """Return the places of an MP3's frames, and where the last one ends."""
    from restorack.io.formats.mpeg import parse_header

    at = data.find(b"\xff\xfb")
    places = []
    while header := parse_header(data[at : at + 4]):
        places.append(at)
        at += header.size
    return [*places, at]


def pages_of(data):
    """Return the places of an Ogg file's pages, and where the last one ends."""
    places, at = [], 0
    while data[at : at + 4] == b"OggS":
        places.append(at)
        segments = data[at + 26]
        at += 27 + segments + sum(data[at + 27 : at + 27 + segments])
    return [*places, at]
