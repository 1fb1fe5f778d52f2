"""Samples shared with a child: whatever it does to the memory, the parent lives and has a copy."""

from __future__ import annotations

import os
import subprocess
import sys
from time import perf_counter

import numpy as np
import pytest

from restorack.hosting import wire
from restorack.hosting.wire import MalformedError, SharedSamples

ROWS = np.arange(24, dtype=np.float32).reshape(2, 12)

SHRINK = """
import os, sys
for _ in range(20_000):
    try:
        os.ftruncate(int(sys.argv[1]), 0)
    except OSError:
        pass
"""


@pytest.mark.parametrize("rows", [ROWS, ROWS[:, ::3], ROWS[:, :0], ROWS.T])
def test_what_is_written_is_read_by_the_other_side(rows: np.ndarray) -> None:
    ours = SharedSamples()
    theirs = SharedSamples(os.dup(ours.descriptor))
    ours.write(rows)
    assert np.array_equal(theirs.read(*rows.shape), rows)
    theirs.write(2 * rows)
    assert np.array_equal(ours.read(*rows.shape), 2 * rows)
    ours.close()
    theirs.close()


def test_no_one_can_shrink_it_under_a_reader() -> None:
    """Where it could be shrunk, SIGBUS would end this process."""
    ours = SharedSamples()
    rows = np.ones((2, 100_000), np.float32)
    ours.write(rows)
    command = [sys.executable, "-c", SHRINK, str(ours.descriptor)]
    with subprocess.Popen(command, pass_fds=[ours.descriptor]) as other:
        while other.poll() is None:
            assert np.array_equal(ours.read(*rows.shape), rows)
    for shrink in (0, 1, 4096):
        with pytest.raises(PermissionError):
            os.ftruncate(ours.descriptor, shrink)
    ours.close()


def test_what_was_read_stays_what_it_was() -> None:
    ours = SharedSamples()
    theirs = SharedSamples(os.dup(ours.descriptor))
    ours.write(ROWS)
    read = ours.read(*ROWS.shape)
    theirs.write(np.full_like(ROWS, np.nan))  # after the check for finite samples
    assert np.array_equal(read, ROWS)
    ours.close()
    theirs.close()


def test_a_memory_that_the_other_side_makes_huge_is_not_mapped_whole() -> None:
    ours = SharedSamples()
    ours.write(ROWS)
    os.ftruncate(ours.descriptor, 1 << 50)
    longer = np.ones((2, 50_000), np.float32)
    ours.write(longer)
    assert np.array_equal(ours.read(2, 50_000), longer)
    ours.close()


def test_more_than_there_is_cannot_be_read() -> None:
    ours = SharedSamples()
    ours.write(ROWS)
    for shape in ((2, 13), (1 << 10, 1 << 40)):
        with pytest.raises(MalformedError, match="not there"):
            ours.read(*shape)
    ours.close()


def test_much_is_given_back_and_then_used_again() -> None:
    ours = SharedSamples()
    rows = np.ones((1, wire.KEPT_BYTES // 4 + 1), np.float32)
    ours.write(rows)
    ours.give_back()
    assert os.fstat(ours.descriptor).st_blocks == 0
    ours.write(ROWS)
    assert np.array_equal(ours.read(*ROWS.shape), ROWS)
    ours.give_back()
    assert np.array_equal(ours.read(*ROWS.shape), ROWS)  # little is kept
    ours.close()


def test_a_stereo_minute_goes_through_in_milliseconds() -> None:
    """6 ms on an idle machine; the bound leaves room for a busy one."""
    ours = SharedSamples()
    rows = np.ones((2, 60 * 44_100), np.float32)
    fastest = np.inf
    for _ in range(5):
        began = perf_counter()
        ours.write(rows)
        ours.read(*rows.shape)
        fastest = min(fastest, perf_counter() - began)
    ours.close()
    assert fastest < 0.2
