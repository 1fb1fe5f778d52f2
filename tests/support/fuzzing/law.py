"""The law that holds for whatever comes from outside, and the trial of one damaged input."""

from __future__ import annotations

import faulthandler
import json
import os
import random
import resource
import signal
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, TypeAlias

from restorack.errors import RestorackError

Verdict: TypeAlias = Literal["passed", "refused", "failed"]

SECONDS = 20.0
"""Of a processor, that one trial may take; most take a few hundredths."""

PATIENCE = 3.0
"""Times as long may pass by the clock, on a busy machine."""

HOPELESS = 4.0
"""Times as long, a trial that no signal reaches ends its process."""

MOST_GROWTH = 400e6
"""Bytes that a trial may add to what the process holds."""

MOST_ALLOCATED = 3_000_000_000
"""Bytes beyond which a trial gets no more, so that the machine survives it."""


class TooLongError(BaseException):
    """A trial took too long; no code that is tried catches it."""


class LawError(Exception):
    """What a trial gave is wrong."""


@dataclass(frozen=True)
class Trial:
    """How one trial ended.

    Attributes
    ----------
    kind : str
    seed : int
        Makes the same input again.
    verdict : {"passed", "refused", "failed"}
        ``refused``: by a named error.
    said : str
        The error, or what is wrong.
    seconds : float
    """

    kind: str
    seed: int
    verdict: Verdict
    said: str = ""
    seconds: float = 0.0


def require(holds: object, what: str) -> None:
    """Raise :class:`LawError` unless it holds."""
    if not holds:
        raise LawError(what)


def attempt(kind: ModuleType, seed: int, folder: Path) -> Trial:
    """Try one damaged input.

    Parameters
    ----------
    kind : module
        With ``trial(choose, folder)``, which makes the input in the folder and uses it, and
        ``SECONDS``, where a trial takes more than others.
    seed : int
    folder : Path
        Empty; what the trial makes stays there.
    """
    name = kind.__name__.rpartition(".")[2]
    choose = random.Random(f"{name} {seed}")  # noqa: S311  damage, not secrets
    begun = time.monotonic()
    within = getattr(kind, "SECONDS", SECONDS)
    verdict, said = _verdict(lambda: kind.trial(choose, folder), within)
    seconds = time.monotonic() - begun
    if verdict != "failed" and (left := half_written(folder)):
        verdict, said = "failed", f"half-written: {', '.join(left)}"
    return Trial(name, seed, verdict, said, seconds)


def _verdict(trial: Callable[[], None], within: float) -> tuple[Verdict, str]:
    try:
        with bounded_time(within), bounded_memory(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            trial()
    except RestorackError as error:
        faults = _faults_of(error)
        return ("failed", faults) if faults else ("refused", str(error))
    except TooLongError:
        return "failed", f"longer than {within:g} s\n{traceback.format_exc()}"
    except LawError as error:
        return "failed", str(error)
    except Exception:
        return "failed", traceback.format_exc()
    return "passed", ""


def _faults_of(error: RestorackError) -> str:
    """Return what is wrong with a refusal: it says something, and not too much."""
    fields = (error.what, error.where, error.rule, error.remedy)
    if not all(isinstance(part, str) for part in fields):
        return f"an error of other things than texts: {fields!r}"
    message = str(error)
    if not error.what.strip():
        return f"an error that says nothing: {error!r}"
    return "" if len(message) < 5000 else f"an error of {len(message)} characters"


@contextmanager
def bounded_time(seconds: float) -> Iterator[None]:
    """Raise :class:`TooLongError` in the main thread after a time; end what hears no signal.

    The time is the processor's, so that a busy machine fails nothing; what waits for
    ``PATIENCE`` times as long has failed, too.
    """

    def ring(*_: Any) -> None:
        raise TooLongError

    clocks = {
        signal.SIGPROF: (signal.ITIMER_PROF, seconds),
        signal.SIGALRM: (signal.ITIMER_REAL, PATIENCE * seconds),
    }
    before = {number: signal.signal(number, ring) for number in clocks}
    for clock, most in clocks.values():
        signal.setitimer(clock, most)
    with suppress(OSError, ValueError):
        faulthandler.dump_traceback_later(HOPELESS * seconds, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        for number, (clock, _) in clocks.items():
            signal.setitimer(clock, 0.0)
            signal.signal(number, before[number])


@contextmanager
def bounded_memory() -> Iterator[None]:
    """Raise :class:`LawError` where the process grew too much; bound what it can allocate."""
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = _status("VmData") + MOST_ALLOCATED
    resource.setrlimit(resource.RLIMIT_DATA, (most if hard < 0 else min(most, hard), hard))
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # the high-water mark begins anew
    held = _status("VmRSS")
    try:
        yield
        grown = _status("VmHWM") - held
        require(grown < MOST_GROWTH, f"{grown / 1e6:.0f} MB more memory")
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _status(name: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    return 0


def half_written(folder: Path) -> list[str]:
    """Return the temporary files below a folder that a trial has left there."""
    names = (os.path.join(where, name) for where, _, files in os.walk(folder) for name in files)
    return [name for name in names if name.endswith((".restorack-part", "-wal", "-journal"))]


def keep(trial: Trial, folder: Path, into: Path) -> Path:
    """Keep the input of a trial that failed, and what it said; return where."""
    import shutil

    place = into / f"{trial.kind}-{trial.seed}"
    shutil.copytree(folder, place, dirs_exist_ok=True, symlinks=True)
    (place / "trial.json").write_text(json.dumps(vars(trial), indent=2))
    return place
