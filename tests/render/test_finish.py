"""The difference file: added to the output it is the input, to the last bit of 64."""

from __future__ import annotations

import numpy as np

from restorack.render.finish import exact_difference


def faint_beside_loud(count: int = 1000) -> tuple[np.ndarray, np.ndarray]:
    """Return powers of two, and outputs of the other sign that end half a step below theirs."""
    random = np.random.default_rng(4)
    power = 2.0 ** -random.integers(0, 12, count) * random.choice([-1.0, 1.0], count)
    made = -power * (2 * random.integers(1, 2**22, count) + 0.5) * 2.0**-52
    assert np.array_equal(made, made.astype(np.float32))  # as signals are
    return power, made


def unlike(count: int = 100_000) -> tuple[np.ndarray, np.ndarray]:
    """Return 64-bit inputs and 32-bit outputs whose sizes have nothing to do with each other."""
    random = np.random.default_rng(5)
    given = random.standard_normal(count) * 2.0 ** random.integers(-12, 1, count)
    made = random.standard_normal(count) * 2.0 ** random.integers(-12, 1, count)
    return given, made.astype(np.float32).astype(np.float64)


def test_where_the_rounded_difference_misses_its_neighbour_is_taken() -> None:
    given, made = faint_beside_loud()
    assert not np.any(made + (given - made) == given)
    assert np.array_equal(made + exact_difference(given, made), given)


def test_wherever_a_difference_exists_it_is_found() -> None:
    pairs = zip(unlike(), faint_beside_loud(), strict=True)
    given, made = (np.concatenate(pair) for pair in pairs)
    rounded = given - made
    candidates = [rounded, np.nextafter(rounded, np.inf), np.nextafter(rounded, -np.inf)]
    possible = np.any([made + candidate == given for candidate in candidates], axis=0)
    assert not possible.all()
    assert np.array_equal(made + exact_difference(given, made) == given, possible)


def test_the_difference_of_words_is_the_plain_one() -> None:
    random = np.random.default_rng(5)
    given, made = random.integers(-(2**23), 2**23, (2, 10_000)) / 2.0**23
    difference = exact_difference(given, made)
    assert np.array_equal(difference, given - made)
    assert np.array_equal(made + difference, given)
