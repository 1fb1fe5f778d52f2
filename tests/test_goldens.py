"""The sound of every stage and preset is what it was, or `scripts/renew-goldens` says why not."""

from __future__ import annotations

import numpy as np
import pytest
from goldens import (
    BOUND_DB,
    FILES,
    FOLDER,
    PIECE,
    RATE,
    SECONDS,
    difference_db,
    given,
    names,
    rendered,
    signed_sums,
    stored,
)
from signals.frozen_signals import SIGNALS, worn_signal

IDLE = {
    "restorack.Match",  # has no reference by default
    "restorack.NoiseFolder",  # has no folder by default
    "restorack.Varispeed",  # nor this one a curve
    "restorack.WowCorrector",  # needs 20 turns of a disc
}


def items() -> list[object]:
    """Return every item; presets are left out of quick runs."""
    return [
        pytest.param(kind, name, marks=[pytest.mark.slow] * (kind == "preset"))
        for kind in FILES
        for name in names(kind)
    ]


@pytest.mark.parametrize(("kind", "name"), items())
def test_the_sound_is_what_it_was(kind: str, name: str) -> None:
    known = stored(kind)
    assert name in known, 'new: run scripts/renew-goldens --reason "..."'
    assert difference_db(known[name], rendered(kind, name)) < BOUND_DB


@pytest.mark.parametrize("kind", FILES)
def test_nothing_is_stored_of_what_is_gone(kind: str) -> None:
    assert set(stored(kind)) == set(names(kind))


def test_the_stored_files_are_small() -> None:
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < 1_500_000


def test_a_change_shows_wherever_it_lies_and_however_short_it_is() -> None:
    out = worn_signal(RATE, SECONDS, 2)
    kept = {"piece": out[:, PIECE], "sums": signed_sums(out)}
    energy = float(np.sum(out.astype(float) ** 2))
    for at in (0, 41_000, out.shape[1] - 1):
        other = out.copy()
        other[1, at] += np.float32(np.sqrt(2e-10 * energy))  # -97 dB of the whole
        now = {"piece": other[:, PIECE], "sums": signed_sums(other)}
        assert difference_db(kept, now) > BOUND_DB
    assert difference_db(kept, kept) == -np.inf
    assert difference_db(kept, {"piece": out[:, :5], "sums": kept["sums"]}) == np.inf


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_the_signals_are_the_same_everywhere(rate: int) -> None:
    for make in SIGNALS.values():
        audio = make(rate, 1.0, 2)
        steps = audio.astype(float) * 2**26
        assert np.array_equal(steps, np.round(steps))  # rounding hides how a sine was computed
        assert np.abs(audio).max() < 2.0


@pytest.mark.parametrize(("kind", "name"), items())
def test_each_item_has_something_to_do(kind: str, name: str) -> None:
    if name in IDLE:
        return
    audio = given(kind, name)
    untouched = {"piece": audio[:, PIECE], "sums": signed_sums(audio)}
    assert difference_db(untouched, stored(kind)[name]) > -80.0
