"""What the native declicker computes, in plain numpy: slow, and as the papers write it down."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve_banded, solve_toeplitz, toeplitz

from restorack.plugins.declick import candidates as settings

Floats = NDArray[np.float64]
Run = tuple[int, int, float]


def model_of(frame: Floats, order: int) -> Floats:
    """Return the model of a frame, by the Yule-Walker equations."""
    windowed = frame * np.sin(np.pi * (np.arange(len(frame)) + 0.5) / len(frame)) ** 2
    r = np.correlate(windowed, windowed, "full")[len(frame) - 1 :][: order + 1]
    r[0] = r[0] * (1.0 + 1e-9) + 1e-14 * len(frame)
    return np.concatenate([[1.0], solve_toeplitz(r[:-1], -r[1:])])


def inverse_correlation(model: Floats) -> Floats:
    return np.correlate(model, model, "full")[len(model) - 1 :]


def residual(x: Floats, model: Floats, start: int, stop: int) -> Floats:
    return np.convolve(x[start - len(model) + 1 : stop], model, "valid")


def gradient(x: Floats, b: Floats, start: int, stop: int) -> Floats:
    part = x[start - len(b) + 1 : stop + len(b) - 1]
    return np.convolve(part, np.concatenate([b[:0:-1], b]), "valid")


def factor(b: Floats, added: float, count: int) -> Floats:
    """Return upper U with U'U = Toeplitz(b) + added I."""
    matrix = toeplitz(np.concatenate([b, np.zeros(count)])[:count]) + added * np.eye(count)
    return np.linalg.cholesky(matrix).T


def change_of(x: Floats, model: Floats, start: int, stop: int) -> Floats:
    """Return samples minus their least-squares interpolation."""
    b, count = inverse_correlation(model), stop - start
    upper = factor(b, 1e-11 * b[0], count)
    banded = np.zeros((count, count))
    for k in range(count):  # diagonals, the main one last
        banded[count - 1 - k, k:] = np.diagonal(upper, k)
    return np.asarray(cho_solve_banded((banded, False), gradient(x, b, start, stop)))


def interpolate(x: Floats, model: Floats, start: int, stop: int) -> None:
    x[start:stop] = 0.0
    x[start:stop] = -change_of(x, model, start, stop)


def deviations(errors: Floats, block: int) -> Floats:
    """Return robust deviations, each block's the larger side's."""
    count = len(errors) // block
    own = np.median(np.abs(errors[: count * block].reshape(count, block)), axis=1) / 0.6745
    out = np.full(count, settings.FLOOR**0.5)
    for j in range(count):
        sides = []
        if j >= 3:
            sides.append(own[max(0, j - 1 - settings.BLOCKS) : j - 1])
        if j + 3 < count:
            sides.append(own[j + 2 : j + 2 + settings.BLOCKS])
        out[j] = max([out[j], *(np.median(side) for side in sides)])
    return out[np.minimum(np.arange(len(errors)) // block, count - 1)]


def best_run(z: Floats, upper: Floats, variance: float, prices: Floats, start: float) -> Run:
    """Return the length of the likeliest run that begins with z, and its gain over ``start``."""
    values = np.linalg.solve(upper.T, z)
    gains = np.cumsum(0.5 * values**2 / variance - prices)
    best, length, highest = start, 0, max(start, 0.0) if start > -1.0 else start
    for i, gain in enumerate(gains):
        highest = max(highest, gain)
        if gain > best:
            best, length = gain, i + 1
        elif gain < highest - 30.0:
            break
    return 0, length, best


class Detector:
    """As :class:`ResidualDetector` at the full rate, without features."""

    def __init__(self, plan: tuple[tuple[int, ...], tuple[float, ...], Floats]) -> None:
        lengths, numbers, _ = plan
        _, self.order, self.segment, self.limit, self.longest, self.side = lengths[:6]
        self.far_side, self.block, self.back, self.ahead, self.hole = lengths[6:]
        self.regulariser, self.prefilter = numbers[1:3]

    def find(self, x: Floats, start: int, stop: int, threshold: float) -> list[Run]:
        size = self.segment
        count = -(-(stop - start) // size)
        low = start - size + size // 2 - 2 * size
        frames = [x[low + i * size : low + i * size + 4 * size] for i in range(count + 2)]
        models = [model_of(frame, self.order) for frame in frames]
        errors = np.concatenate(
            [
                residual(x, model, start + (i - 1) * size, start + i * size)
                for i, model in enumerate(models)
            ]
        )
        deviation = deviations(errors, self.block)
        scored = [
            run
            for i in range(count)
            for run in self._scan(
                x, models[i + 1], start + i * size, deviation[(i + 1) * size : (i + 2) * size],
                max(0.3 * np.mean(frames[i + 1] ** 2), 1e-9),
            )
        ]  # fmt: skip
        found = self._choose(x, start, scored, models[1:], threshold)
        found += self._pops(x, start, stop, models[1:], threshold, found)
        return sorted(run for run in found if run[0] < stop and run[1] > start)

    def _scan(
        self, x: Floats, model: Floats, start: int, deviation: Floats, power: float
    ) -> list[Run]:
        b, scored = inverse_correlation(model), []
        ridge = np.mean(deviation**2) / power
        upper = factor(b, ridge, self.longest)
        prices = np.log(np.diagonal(upper) / np.sqrt(ridge))
        z = gradient(x, b, start, start + self.segment + self.longest)
        for at in range(0, self.segment, 4):
            variance = deviation[at] ** 2
            if np.max(z[at : at + 4] ** 2) >= self.prefilter * variance * (b[0] + ridge):
                part = z[at : at + self.longest]
                _, length, best = best_run(part, upper, variance, prices, -1.0)
                if best >= settings.MIN_SCORE:
                    scored.append((start + at, start + at + length, best))
        return scored

    def _choose(
        self, x: Floats, begin: int, scored: list[Run], models: Sequence[Floats], threshold: float
    ) -> list[Run]:
        taken = np.zeros(len(x), bool)
        found = []
        for start, stop, _ in sorted(scored, key=lambda run: (-run[2], run[0])):
            until = start + -(-(stop - start) // 4) * 4
            if taken[start:until].any():
                continue
            taken[start:until] = True
            model = models[(start - begin) // self.segment]
            if self._prominence(x, model, start, stop) < settings.MIN_PROMINENCE:
                continue
            run = self._placed(x, model, start - self.back, start + self.ahead, stop)
            if run is None or not run[2] > threshold:
                continue
            first = begin + max(0, (run[0] - begin) // 4) * 4
            taken[first : max(first, begin + -(-(run[1] - begin) // 4) * 4)] = True
            found.append(run)
        return found

    def _pops(
        self, x: Floats, begin: int, end: int, models: Sequence[Floats], threshold: float,
        found: list[Run],
    ) -> list[Run]:  # fmt: skip
        block, side, armed, pops = self.side // 4, 4 * self.side, True, list[Run]()
        for turn in range((end - begin) // block):
            at = begin + turn * block
            power = np.mean(x[at : at + block] ** 2)
            after = x[at + self.longest : at + self.longest + side]
            sides = max(np.mean(x[at - side : at] ** 2), np.mean(after**2))
            above = power > settings.LOUD * (sides + 1e-12)
            if above and armed:
                model = models[(at - begin) // self.segment]
                run = self._placed(x, model, at - 2 * block, at + block, at + block)
                if run is not None and run[2] > threshold and all(
                    run[1] <= other[0] or other[1] <= run[0] for other in found + pops
                ):  # fmt: skip
                    pops.append(run)
            armed = not above
        return pops

    def _placed(self, x: Floats, model: Floats, first: int, last: int, stop: int) -> Run | None:
        frame, until = 4 * self.segment, max(stop + 2, last + self.hole)
        repaired = x.copy()
        interpolate(repaired, model, first, until)
        low = (first + until - frame) // 2
        model = model_of(repaired[low : low + frame], self.order)
        for penalty in (settings.COMPLEXITY_PENALTY, settings.HIGH_COMPLEXITY_PENALTY):
            start, count = self._refined(x, model, first, last, penalty)
            if count <= self.limit:
                break
        if not 0 < count <= self.limit:
            return None
        stands_out = self._prominence(x, model, start, start + count)
        return start, start + count, stands_out * self._contrast(x, model, start, start + count)

    def _refined(
        self, x: Floats, model: Floats, first: int, last: int, penalty: float
    ) -> tuple[int, int]:
        b, end = inverse_correlation(model), last + self.longest
        upper = factor(b, 1e-11 * b[0], self.longest)
        z = gradient(x, b, first, end)
        sides = ((first - self.far_side, first), (end, end + self.far_side))
        variance = max(settings.FLOOR, *(np.mean(residual(x, model, *s) ** 2) for s in sides))
        best, found = 0.0, (first, 0)
        for start in range(first, last + 1, 2):
            part = z[start - first : start - first + self.longest]
            prices = np.full(self.longest, penalty)
            _, length, gain = best_run(part, upper, variance, prices, 0.0)
            if gain > best:
                best, found = gain, (start, length)
        return found

    def _prominence(self, x: Floats, model: Floats, start: int, stop: int) -> float:
        change = change_of(x, model, start, stop)
        taken = gradient(x, inverse_correlation(model), start, stop) @ change
        repaired, left = x.copy(), settings.FLOOR
        repaired[start:stop] -= change
        for y, a, b in ((repaired, start, stop), (repaired[::-1], len(x) - stop, len(x) - start)):
            for part in ((a - self.side, a), (a, b), (b, b + self.side)):
                left = max(left, np.mean(residual(y, model, *part) ** 2))
        return float(taken / (stop - start + self.regulariser) / left)

    def _contrast(self, x: Floats, model: Floats, start: int, stop: int) -> float:
        power, step, louder = np.mean(change_of(x, model, start, stop) ** 2), 1.0, np.inf
        for width in (self.side, 4 * self.side):
            before = np.mean(x[start - width : start] ** 2) + settings.FLOOR
            after = np.mean(x[stop : stop + width] ** 2) + settings.FLOOR
            step = max(step, after / before / settings.RISE, before / after / settings.FALL)
            louder = min(louder, power / max(before, after))
        return float(max(1.0, louder / settings.LOUD) / step)


def features_of(
    x: Floats, model: Floats, start: int, stop: int, block: int, rate: float,
    evidence: tuple[float, float],
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """Return wave, levels and facts of a candidate, as :class:`CandidateFeatures` says."""
    half, middle = max(32 * block, 256), (start + stop) // 2
    change = change_of(x, model, start, stop)
    repaired = x.copy()
    repaired[start:stop] -= change
    spans = (middle - half, middle + half), (len(x) - middle - half, len(x) - middle + half)
    forward, given_forward = (residual(y, model, *spans[0]) for y in (repaired, x))
    backward, given_backward = (residual(y[::-1], model, *spans[1])[::-1] for y in (repaired, x))
    blocks = np.s_[half - 32 * block : half + 32 * block]

    def powers(row: Floats) -> Floats:
        return np.mean(row[blocks].reshape(64, block) ** 2, axis=1)

    inner, near = np.s_[middle - 256 : middle + 256], np.s_[half - 256 : half + 256]
    deviation = np.sqrt(np.median(powers(forward))) + 1e-6
    level = np.sqrt(np.mean(repaired[inner] ** 2)) + 1e-6
    here = np.s_[middle - half : middle + half]
    bends = np.convolve(repaired, [1.0, -2.0, 1.0], "same")[here]
    levels = np.stack(
        [
            0.5 * np.log(powers(repaired[here]) / level**2 + 1e-6),
            0.5 * np.log(powers(forward) / deviation**2 + 1e-6),
            np.log(np.abs(given_forward[blocks]).reshape(64, block).max(1) / deviation + 1e-6),
            0.5 * np.log(powers(backward) / deviation**2 + 1e-6),
            0.5 * np.log(powers(bends) / level**2 + 1e-6),
        ]
    )
    spread = np.zeros(len(x))
    spread[start:stop] = change
    rows = [x[inner] / level, spread[inner] / deviation]
    rows += [row[near] / deviation for row in (given_forward, given_backward, forward)]
    largest = np.abs(change).max()
    ratios = [*evidence, evidence[0] * evidence[1], (stop - start) / rate * 1e3, deviation / level]
    ratios += [largest / deviation + 1e-6, largest / level + 1e-6, rate / 44_100.0]
    return np.arcsinh(rows), levels, np.append(np.log(ratios), (stop - start) / 512)
