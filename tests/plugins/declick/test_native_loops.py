"""The native declicker finds, sees and fills what a plain one in numpy does."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
import signals.reference_clicks as plain

from restorack.dsp.autoregression import estimate_models
from restorack.plugins.declick.candidates import fine_detector, residual_detectors
from restorack.plugins.declick.features import extract_features
from restorack.plugins.declick.interpolation import GapInterpolator
from restorack.plugins.declick.thump import ThumpFinder

RATE = 16_000.0


def music(count: int, seed: int = 3) -> np.ndarray:
    random = np.random.default_rng(seed)
    noise = np.convolve(random.standard_normal(count), np.hanning(12), "same") * 0.02
    time = np.arange(count) / RATE
    return noise + 0.1 * np.sin(2 * np.pi * 440 * time) + 5e-4 * random.standard_normal(count)


def clicked(count: int, seed: int = 3) -> np.ndarray:
    """Return music with spikes, wide pops and bursts."""
    random, x = np.random.default_rng(seed), music(count, seed)
    for at in range(600, count - 600, 331):
        width = int(random.integers(1, 30))
        x[at : at + width] += random.uniform(0.03, 0.8) * random.standard_normal(width)
    x[count // 2 : count // 2 + 40] += np.hanning(40)
    return x


HARD = {
    "clicks": clicked,
    "music": music,
    "silence": np.zeros,
    "a constant": lambda count: np.full(count, 0.5),
    "full scale": lambda count: np.sign(music(count) + 1e-9),
    "one impulse": lambda count: np.eye(1, count, count // 2)[0],
    "the least noise": lambda count: 1e-9 * music(count),
    "a fade in 16 bits": lambda count: np.round(music(count) * 8.0) / 32_768.0,
}


@pytest.mark.parametrize("name", HARD)
def test_the_same_clicks_are_found(name: str) -> None:
    detector = fine_detector(RATE, 3.5)
    reach = detector.reach
    x = HARD[name](2 * reach + 1200)
    found = [(c.start, c.stop) for c in detector.find(x, reach, reach + 1200, 4.0)]
    expected = plain.Detector(detector._plan).find(x, reach, reach + 1200, 4.0)
    assert found == [run[:2] for run in expected]
    assert len(found) > 1 or name != "clicks"


def test_strengths_are_the_same() -> None:
    detector = fine_detector(RATE, 3.5)
    reach = detector.reach
    x = clicked(2 * reach + 2000, 5)
    found = [c.strength for c in detector.find(x, reach, reach + 2000, 2.0)]
    expected = [run[2] for run in plain.Detector(detector._plan).find(x, reach, reach + 2000, 2.0)]
    np.testing.assert_allclose(found, expected, rtol=1e-5)  # models of ill-conditioned frames


def test_what_is_found_does_not_depend_on_how_much_room_there_was() -> None:
    many = fine_detector(RATE, 3.5, True)
    x = clicked(2 * many.reach + 9000)
    few = copy.deepcopy(many)
    few._room = 1
    zone = many.reach, many.reach + 9000
    a, b = (each.find(x, *zone, 2.0) for each in (many, few))
    assert a == b
    assert few._room >= len(a) > 8
    for one, other in zip(a, b, strict=True):
        assert one.features is not None
        assert other.features is not None
        np.testing.assert_array_equal(one.features.wave, other.features.wave)


@pytest.mark.parametrize(("start", "stop"), [(6000, 6001), (6000, 6030), (6000, 6153)])
def test_features_are_the_same(start: int, stop: int) -> None:
    x = music(12_000)
    x[start:stop] += 0.3 * np.random.default_rng(1).standard_normal(stop - start)
    model = estimate_models(x[np.newaxis, 4000:8096], 46)[0]
    found = extract_features(x, model, start, stop, 23, RATE, (20.0, 0.5))
    wave, levels, facts = plain.features_of(x, model, start, stop, 23, RATE, (20.0, 0.5))
    np.testing.assert_allclose(found.wave, wave, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(found.levels, levels, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(found.facts, facts, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("width", [1, 9, 60])
@pytest.mark.parametrize("name", ["clicks", "music", "silence", "a constant", "full scale"])
def test_gaps_are_filled_the_same_way(name: str, width: int) -> None:
    gaps = GapInterpolator(11, 139, 1488, 10, 326, 2976)
    x = HARD[name](6000)
    start, stop = 3000, 3000 + width

    def filled(y: np.ndarray, order: int, context: int) -> np.ndarray:
        begin = (start + stop - context) // 2
        y = y.copy()
        plain.interpolate(y, plain.model_of(y[begin : begin + context], order), start, stop)
        return y

    first = filled(filled(x, 11, 1488), 139, 1488)
    again = filled(first, *((139, 1488) if width < 10 else (326, 2976)))
    found = x.copy()
    for refine, expected in ((False, first), (True, again)):
        if refine:
            assert gaps.refine(found, start, stop)
        else:
            assert gaps.interpolate_gap(found, start, stop)
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_what_runs_away_is_left_as_it_was() -> None:
    x = np.zeros(6000)
    x[3010:3030] = np.random.default_rng(2).standard_normal(20)
    x[:2500] = np.random.default_rng(3).standard_normal(2500) * np.exp(np.arange(2500) / 300 - 9)
    found = x.copy()
    gaps = GapInterpolator(11, 139, 1488, 10, 326, 2976)
    limit = 2.0 * np.abs(np.concatenate([x[2861:3000], x[3030:3169]])).max()
    sound = gaps.interpolate_gap(found, 3000, 3030)
    if not sound:
        np.testing.assert_array_equal(found, x)
    assert np.abs(found[3000:3030]).max() <= max(limit, np.abs(x[3000:3030]).max())


def test_places_that_cannot_be_are_refused() -> None:
    detector, gaps = fine_detector(RATE, 3.5), GapInterpolator.for_rate(RATE)
    x = music(2 * detector.reach + 100)
    for zone in ((detector.reach - 1, 2000), (detector.reach, len(x)), (-5, 10)):
        with pytest.raises(ValueError, match="shape"):
            detector.find(x, *zone, 4.0)
    for place in ((0, 5), (len(x) - 5, len(x)), (2000, 2000), (-5, 3)):
        with pytest.raises(ValueError, match="shape"):
            gaps.interpolate_gap(x, *place)
    with pytest.raises(TypeError, match="float64"):
        gaps.interpolate_gap(x.astype(np.float32), 3000, 3010)


def test_tools_are_copied_and_pickled() -> None:
    for tool in (*residual_detectors(RATE, 3.5, True), ThumpFinder(RATE)):
        twin = pickle.loads(pickle.dumps(tool))  # noqa: S301 -- its own
        if isinstance(tool, ThumpFinder):
            x = music(tool.before + tool.after)
            assert twin.find(x, tool.before, 10**6) is tool.find(x, tool.before, 10**6) is None
        else:
            x = clicked(2 * tool.reach + 3000)
            zone = tool.reach, tool.reach + 3000
            assert twin.find(x, *zone, 4.0) == tool.find(x, *zone, 4.0) != []
