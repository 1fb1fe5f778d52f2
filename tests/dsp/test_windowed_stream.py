"""Windows of a stream: what comes out lies where it went in, whatever the blocks."""

from __future__ import annotations

import numpy as np
import pytest

from restorack.dsp.windowed_stream import WindowedStream, latency_of_windows

LAYOUTS = [
    {"overlap": 0, "before": 0, "lead": 0},
    {"overlap": 7, "before": 7, "lead": 0},
    {"overlap": 14, "before": 7, "lead": 0},
    {"overlap": 20, "before": 20, "lead": 9},
]
STEP = 8


class Passing(WindowedStream):
    """Returns the samples that are due by the layout: the stream itself."""

    def __init__(self, overlap: int, before: int, lead: int) -> None:
        super().__init__(1, STEP, overlap=overlap, before=before, lead=lead)
        self.past = np.zeros((1, lead), np.float32)
        self.at = before

    def _process(self, window):
        joined = np.concatenate([self.past, window[:, self.at : self.at + STEP]], axis=1)
        self.past = joined[:, STEP:]
        return joined[:, :STEP]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("count", [0, 1, STEP, 101])
def test_the_output_is_the_input_in_its_place_and_length(layout, count):
    signal = np.arange(1.0, count + 1.0, dtype=np.float32)[np.newaxis]
    for size in (1, 3, STEP, 1000):
        stream, parts, most = Passing(**layout), [signal[:, :0]], 0
        given = 0
        for at in range(0, count, size):
            block = signal[:, at : at + size]
            parts.append(stream.push(block))
            given += parts[-1].shape[1]
            most = max(most, at + block.shape[1] - given)
        parts.append(stream.finish())
        assert np.array_equal(np.concatenate(parts, axis=1), signal)
        assert most <= latency_of_windows(STEP, **layout)
    if count > 100:
        one = Passing(**layout)
        held = [n - sum_ for n, sum_ in _counts(one, signal)]
        assert max(held) == latency_of_windows(STEP, **layout)


def _counts(stream, signal):
    given = 0
    for at in range(signal.shape[1]):
        given += stream.push(signal[:, at : at + 1]).shape[1]
        yield at + 1, given
