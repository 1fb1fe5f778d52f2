"""stdout that is closed, full or has no letters; signals from the first import to the last."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import soundfile

from restorack.cli import entry, streams
from restorack.cli.entry import SIGNALS, Interrupter
from restorack.cli.failures import failure_of

RESTORACK = [sys.executable, "-m", "restorack"]


def shell(line: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a shell line; ``$@`` in it is a command line."""
    words = [*RESTORACK, *map(str, arguments)]
    return subprocess.run(
        ["bash", "-c", line, "bash", *words], capture_output=True, text=True, check=False
    )


FULL = "standard output: cannot be written (No space left on device)"


def test_a_render_into_a_full_stdout_is_whole_and_says_so(worn: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.wav"
    ran = shell('"$@" >/dev/full', "render", worn, "--stage", "pedalboard.Gain", "-o", out)
    assert (ran.returncode, FULL in ran.stderr) == (1, True)
    assert "Traceback" not in ran.stderr
    assert soundfile.info(out).frames == soundfile.info(worn).frames


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ('"$@" --json >/dev/full', 1, FULL),
        ('"$@" >&-', 1, "standard output: cannot be written (Bad file descriptor)"),
        ('"$@" --nonsense 2>/dev/full', 2, ""),
        ('"$@" --nonsense <&- >&- 2>&-', 2, ""),
        ('"$@" | :', None, ""),
    ],
)  # fmt: skip
def test_no_fault_of_the_streams_becomes_a_traceback(
    line: str, code: int | None, said: str
) -> None:
    ran = shell(line, "plugins", "list")
    assert code is None or ran.returncode == code
    assert said in ran.stderr
    assert bool(said) == bool(ran.stderr)


class Broken(io.StringIO):
    """A stream on which writing fails."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self.error = error

    def write(self, text: str) -> int:
        raise self.error


def test_the_work_goes_on_when_a_stream_is_full_and_ends_when_a_reader_leaves() -> None:
    full = streams.GuardedStream(Broken(OSError(28, "full")))
    full.write("a")
    full.writelines(["b", "c"])
    full.flush()
    assert full.fault is not None
    with pytest.raises(streams.ClosedPipeError):
        streams.GuardedStream(Broken(BrokenPipeError())).write("a")
    streams.GuardedStream(Broken(BrokenPipeError()), quiet=True).write("a")


def test_letters_that_an_encoding_does_not_have_are_escaped() -> None:
    raw = io.BytesIO()
    guarded = streams.GuardedStream(io.TextIOWrapper(raw, "ascii"))
    guarded.write("é\udcff a")
    guarded.flush()
    assert raw.getvalue() == b"\\xe9\\udcff a"


def test_errors_of_the_system_have_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="too long") as caught:
        (tmp_path / ("x" * 300)).touch()
    found = failure_of(caught.value)
    assert (found.what, found.remedy) == ("File name too long", "choose a shorter name")
    assert "xxx" in found.where
    assert found.exit_code == 5


def started(program: str, *arguments: object) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_during_imports_is_an_interrupt(number: int) -> None:
    program = (
        "import builtins, os\n"
        "from restorack.cli import entry\n"
        "usual = builtins.__import__\n"
        "def slow(name, *rest):\n"
        "    if name == 'restorack.cli.main': os.kill(os.getpid(), NUMBER)\n"
        "    return usual(name, *rest)\n"
        "builtins.__import__ = slow\n"
        "entry.run()\n"
    ).replace("NUMBER", str(int(number)))
    out, err = started(program, "--version").communicate(timeout=60)
    assert (out, err) == ("", "error: interrupted\n")
    process = started(program, "--version", "--json")
    assert json.loads(process.communicate(timeout=60)[0])["error"]["exit_code"] == 130
    assert process.returncode == 130


def test_a_signal_after_the_work_changes_nothing() -> None:
    program = (
        "import atexit, os, signal\n"
        "from restorack.cli import entry\n"
        "atexit.register(os.kill, os.getpid(), signal.SIGINT)\n"
        "entry.run()\n"
    )
    process = started(program, "--version")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert out.startswith("restorack")


def test_a_burst_of_signals_interrupts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    handler, now = Interrupter(), [5.0]
    monkeypatch.setattr(entry.time, "monotonic", lambda: now[0])
    with pytest.raises(KeyboardInterrupt):
        handler(2, None)
    handler(15, None)
    now[0] += 2 * entry.AGAIN
    with pytest.raises(KeyboardInterrupt):
        handler(2, None)


def test_signals_that_are_ignored_from_outside_stay_so(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    kept = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        Interrupter().install()
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        assert isinstance(signal.getsignal(signal.SIGTERM), Interrupter)
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
        signal.signal(signal.SIGHUP, before)


def test_an_error_that_an_interrupt_became_is_an_interrupt(
    cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from restorack.io import description as describing

    def swallow(*_: object) -> None:
        raise RuntimeError("cannot import name")

    monkeypatch.setattr(describing, "describe_file", swallow)
    assert cli("info", "x.wav").code == 70
    monkeypatch.setattr(entry.interrupter, "asked", True)
    ran = cli("info", "x.wav")
    assert (ran.code, ran.err) == (130, "error: interrupted\n")


def test_a_hang_up_stops_a_batch_after_the_files_in_hand() -> None:
    from restorack.render.batch import Stop

    stop = Stop()
    with stop.on_signals():
        os.kill(os.getpid(), signal.SIGHUP)
        deadline = time.monotonic() + 5
        while not stop.asked and time.monotonic() < deadline:
            time.sleep(0.01)
    assert stop.asked
    assert not stop.at_once
