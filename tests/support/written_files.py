"""Noise through the writer, and back; and writers in a process of their own."""

import subprocess
import sys
import textwrap

import numpy as np

from restorack.io.reader import AudioReader
from restorack.io.writer import AudioWriter


def noise(channels=2, frames=10_001, level=0.1):
    rng = np.random.default_rng(1)
    return rng.normal(0, level, (channels, frames)).astype(np.float32)


def write(path, rows, rate=48_000, size=3000, **options):
    with AudioWriter(path, rate, rows.shape[0], **options) as writer:
        for start in range(0, rows.shape[1], size):
            writer.write(rows[:, start : start + size])
    return writer


def read(path):
    return np.concatenate(
        [np.empty((AudioReader(path).info.channels, 0)), *AudioReader(path).blocks64()], 1
    )


def run_python(code, *arguments, **options):
    line = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, check=False, **options)
