"""Interrupts wait for what must not be left half-way, and none is lost."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from restorack.io.atomic import AtomicFile
from restorack.io.formats.view import FileView
from restorack.io.reader import AudioReader
from restorack.io.sinks import _Recorder
from restorack.io.uninterrupted import SIGNALS, Uninterrupted
from restorack.io.writer import AudioWriter

RATE = 44_100


@pytest.fixture(autouse=True)
def interrupting() -> Iterator[None]:
    """Let each signal interrupt, as the command line does."""
    before = [signal.signal(number, signal.default_int_handler) for number in SIGNALS]
    yield
    for number, answer in zip(SIGNALS, before, strict=True):
        signal.signal(number, answer)


def interrupting_once(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
    """Have a function send this process a signal, once, after it has done its work."""
    usual, sent = getattr(owner, name), []

    def changed(*arguments: Any, **options: Any) -> Any:
        done = usual(*arguments, **options)
        if not sent:
            sent.append(True)
            os.kill(os.getpid(), signal.SIGTERM)
        return done

    monkeypatch.setattr(owner, name, changed)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_is_answered_after_the_block(number: int) -> None:
    reached = []

    def work() -> None:
        with Uninterrupted():
            os.kill(os.getpid(), number)
            os.kill(os.getpid(), number)
            reached.append(True)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert reached
    assert signal.getsignal(number) is signal.default_int_handler


def test_what_is_ignored_stays_so_and_other_threads_change_nothing() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with Uninterrupted():
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        os.kill(os.getpid(), signal.SIGHUP)
    found = []

    def inside() -> None:
        with Uninterrupted():
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=inside)
    thread.start()
    thread.join()
    assert found == [signal.default_int_handler]


def test_an_interrupted_creation_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupting_once(monkeypatch, os, "open")
    with pytest.raises(KeyboardInterrupt), AtomicFile(tmp_path / "a.txt"):
        pytest.fail("the signal was lost")
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_while_a_file_is_removed_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = AtomicFile(tmp_path / "a.txt")

    def fail() -> None:
        with target:
            interrupting_once(monkeypatch, Path, "unlink")
            raise ValueError

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert list(tmp_path.iterdir()) == []
    assert target.descriptor == -1


def test_no_interrupt_is_lost_in_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, RATE)
    one = tmp_path / "one.ogg"
    soundfile.write(one, sound, RATE)
    path = tmp_path / "two.ogg"  # joined: read through callbacks
    path.write_bytes(2 * one.read_bytes())
    interrupting_once(monkeypatch, FileView, "read")
    with pytest.raises(KeyboardInterrupt), AudioReader(path) as reader:
        list(reader.blocks())


def test_no_interrupt_is_lost_in_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupting_once(monkeypatch, _Recorder, "write")
    rows = np.random.default_rng(0).uniform(-0.5, 0.5, (1, RATE)).astype(np.float32)
    with pytest.raises(KeyboardInterrupt), AudioWriter(tmp_path / "a.flac", RATE, 1) as writer:
        writer.write(rows)
    assert list(tmp_path.iterdir()) == []
