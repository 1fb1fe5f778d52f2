"""A render in threads: the same bits, errors that keep their stage, and nothing left running."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pedalboard
import pytest
import soundfile
from toys import Gain, PeakTo, Withholder

from restorack.chains import Chain, Parallel
from restorack.core.crew import AHEAD, Crew, InTurn
from restorack.errors import ParameterError, RestorackError
from restorack.plugins.declick.declicker import Declicker
from restorack.plugins.declick.decrackler import Decrackler
from restorack.plugins.dehum import Dehum
from restorack.plugins.denoise.spectral import SpectralDenoiser
from restorack.plugins.denoise.unet import UNetDenoiser
from restorack.render.api import render
from restorack.testing.signals import worn_music

RATE = 44_100


@pytest.fixture(autouse=True)
def _nothing_left_running() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


@pytest.fixture
def worn(tmp_path: Path) -> Path:
    path = tmp_path / "worn.wav"
    soundfile.write(path, worn_music(RATE, 4.0, 2).T, RATE, "PCM_24")
    return path


def rendered(source: Path, chain: Chain, threads: int | None, **options: Any) -> bytes:
    target = source.with_name(f"out{threads}.wav")
    render(source, target, chain, threads=threads, force=True, **options)
    return target.read_bytes()


def restoring() -> Chain:
    moving = SpectralDenoiser()
    moving.automate("strength", [(0.0, 0.2), (3.0, 1.0)])
    return Chain(
        [Declicker(clicks_per_second="auto"), Decrackler(), Dehum(), moving, UNetDenoiser()]
    )


def mixed() -> Chain:
    nested = Chain([Gain(gain_db=-6.0), pedalboard.HighpassFilter(60), PeakTo()])
    branches = [[Withholder(), nested], [PeakTo()], []]
    return Chain(
        [Withholder(), pedalboard.Compressor(-20, 3), Parallel(branches, [-6, -6, -9]), PeakTo()]
    )


def hosted_like() -> Chain:
    return Chain([PeakTo(), pedalboard.PitchShift(1.0), pedalboard.Reverb(0.4), Withholder()])


@pytest.mark.parametrize(
    "make", [pytest.param(restoring, marks=pytest.mark.slow), mixed, hosted_like]
)
def test_any_number_of_threads_gives_the_same_file(worn: Path, make: Any) -> None:
    alone = rendered(worn, make(), 1)
    for threads in (2, 4):
        assert rendered(worn, make(), threads) == alone, f"{threads} threads"


def test_a_shared_chain_gives_the_same_file_again(worn: Path) -> None:
    chain = mixed()
    assert rendered(worn, chain, 4) == rendered(worn, chain, 4) == rendered(worn, chain, 1)


def test_threads_are_counted_from_one(worn: Path) -> None:
    with pytest.raises(ParameterError, match="threads = 0"):
        rendered(worn, Chain([Gain()]), 0)


class Failing(Gain):
    """Fails in its third block."""

    def _begin(self, sample_rate: float, channels: int) -> None:
        super()._begin(sample_rate, channels)
        self.left = 2

    def _push(self, block: Any) -> Any:
        if not self.left:
            raise RestorackError("it broke", remedy="none")
        self.left -= 1
        return super()._push(block)


@pytest.mark.parametrize("learner", [[], [PeakTo()]])
def test_an_error_is_the_one_of_a_render_alone(worn: Path, learner: Any) -> None:
    """Whether the stages before it, or a first pass behind it, go on meanwhile."""
    said = []
    for threads in (1, 4):
        chain = Chain([Withholder(), Failing(), *learner, Gain()])
        with pytest.raises(RestorackError) as caught:
            rendered(worn, chain, threads)
        said.append((type(caught.value), str(caught.value)))
        assert sorted(path.name for path in worn.parent.iterdir()) == [worn.name]
    assert said[0] == said[1]
    assert "stage 2 (failing)" in said[0][1]


class Slow(Gain):
    """Takes its time, and counts its blocks; Ctrl-C comes in the second."""

    blocks = 0

    def _push(self, block: Any) -> Any:
        type(self).blocks += 1
        if type(self).blocks == 2:
            os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.3)
        return super()._push(block)


def test_ctrl_c_ends_a_render_within_a_block(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    soundfile.write(path, np.zeros(30 * RATE, np.float32), RATE)
    Slow.blocks = 0
    with pytest.raises(KeyboardInterrupt):
        rendered(path, Chain([Slow(), Gain()]), 2)
    assert Slow.blocks <= 3
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


class Counting(Gain):
    """Counts the samples that came out of it."""

    def _push(self, block: Any) -> Any:
        self.made = getattr(self, "made", 0) + block.shape[1]
        return super()._push(block)


class Lagging(Gain):
    """Notes how far the one before it is ahead."""

    before: Any = None
    most = 0

    def _push(self, block: Any) -> Any:
        time.sleep(0.02)
        self.taken = getattr(self, "taken", 0) + block.shape[1]
        type(self).most = max(type(self).most, type(self).before.made - self.taken)
        return super()._push(block)


def test_no_stage_runs_far_ahead(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    soundfile.write(path, np.zeros(60 * RATE, np.float32), RATE)
    Lagging.before, Lagging.most = Counting(), 0
    rendered(path, Chain([Lagging.before, Lagging()]), 4)
    assert 0 < Lagging.most <= (AHEAD + 1) << 16


def test_parts_of_a_stage_fail_where_they_are_waited_for() -> None:
    def reciprocal(number: int) -> float:
        return 1 / number

    with Crew(2) as crew:
        assert crew.together([lambda: 1, lambda: 2, lambda: 3]) == [1, 2, 3]
        with pytest.raises(ZeroDivisionError):
            crew.together([lambda: 1.0, lambda: reciprocal(0)])
        calls = InTurn(reciprocal, crew)
        results = [result for number in range(1, 40) for result in calls.push(number)]
        assert results + calls.finish() == [1 / number for number in range(1, 40)]
        calls.push(0)
        with pytest.raises(ZeroDivisionError):
            calls.finish()


def test_no_more_threads_work_at_a_time_than_are_asked_for() -> None:
    working, most, lock = 0, 0, threading.Lock()

    def work() -> None:
        nonlocal working, most
        with lock:
            working += 1
            most = max(most, working)
        time.sleep(0.01)
        with lock:
            working -= 1

    with Crew(3) as crew:
        crew.together([work] * 12)
    assert most <= 3
