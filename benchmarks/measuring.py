"""What benchmarks share: worn music of any length, and commands timed alone on one core."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

RATE = 44_100
THREADS = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)


@dataclass(frozen=True)
class Timed:
    """How a command ran: its seconds, those of the processor, peak memory in MB, what it printed.

    Seconds are those that it prints itself as ``seconds S`` or ``cpu S``, where it does: without
    the time that an interpreter and its libraries take to start. Those of the processor hardly
    depend on what else the machine does.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float
    printed: str


def synthesise(path: Path, seconds: float, channels: int) -> None:
    """Write worn music of any length, made minute by minute."""
    import numpy as np
    import soundfile

    from restorack.testing.signals import worn_music

    piece = worn_music(float(RATE), min(60.0, seconds), channels)
    random = np.random.default_rng(7)
    for at in random.integers(0, piece.shape[1] - 40, int(13 * piece.shape[1] / RATE)):
        piece[:, at : at + 30] += np.float32(0.4) * np.hanning(30) * random.choice([-1, 1])
    piece *= 0.9 / np.abs(piece).max()
    container = "WAV" if seconds < 600 else "RF64"
    with soundfile.SoundFile(path, "w", RATE, channels, "PCM_24", format=container) as file:
        for _ in range(max(1, round(seconds / 60))):
            file.write(piece.T)


def run(command: Sequence[str], *, with_start: bool = False) -> Timed:
    """Run a command alone on one core with one thread; its children's memory counts too.

    A small process starts it: a child's peak begins with the size of what it was forked from.
    ``with_start`` counts the whole command, whatever seconds it prints.

    Raises
    ------
    CalledProcessError
        Where it fails, with the end of what it said.
    """
    launcher = [sys.executable, "-I", "-S", __file__, *command]
    done = subprocess.run(launcher, capture_output=True, text=True, errors="replace", check=False)
    printed, _, figures = done.stdout.rstrip("\n").rpartition("\n")
    status, *found = figures.split()
    if status != "0":
        raise subprocess.CalledProcessError(int(status), list(command), printed[-500:])
    seconds, cpu, peak_kb = map(float, found)
    told = dict(line.split()[:2] for line in printed.splitlines() if len(line.split()) == 2)
    if not with_start:
        seconds, cpu = float(told.get("seconds", seconds)), float(told.get("cpu", cpu))
    return Timed(seconds, cpu, peak_kb / 1024, printed)


def _launch(command: list[str]) -> None:
    """Run a command, its words on stdout; then print status, both seconds, peak memory in KB."""
    began = time.perf_counter()
    child = os.fork()
    if child == 0:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        os.dup2(1, 2)
        try:
            os.execvpe(command[0], command, {**os.environ, **THREADS})  # noqa: S606
        except OSError as error:
            os.write(1, f"{error}\n".encode())
            os._exit(127)
    _, status, usage = os.wait4(child, 0)
    elapsed = time.perf_counter() - began
    cpu = usage.ru_utime + usage.ru_stime
    print(f"\n{os.waitstatus_to_exitcode(status)} {elapsed} {cpu} {usage.ru_maxrss}")


if __name__ == "__main__":
    _launch(sys.argv[1:])
