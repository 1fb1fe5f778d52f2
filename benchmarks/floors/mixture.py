"""Fit the weights of `meters.noise_floor.mixture`, leaving a noise or a recording out.

    python benchmarks/floors/mixture.py --music DIR --noise DIR [--seconds 24] [--per-noise 3]

The pairs are those of crossval.py. What is fitted is the gain of a Wiener filter over the
band tracks of each pair, two cells to a band: its quieter bins, and the others. Losses count
threefold; a clean recording loses by what changes in it. Printed are the gains by the shipped
weights, by those fitted to all, and by those fitted without the noise, or the recording, that
they are judged on; then the weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import crossval as pairs
import numpy as np
import torch

from restorack.dsp.decibels import db_to_amplitude, db_to_power
from restorack.meters.noise_floor import mixture, passage, steady_floor
from restorack.meters.noise_floor.heard import Heard
from restorack.meters.noise_floor.steady_bands import steady_bands
from restorack.meters.noise_floor.tracks import TrackMeter
from restorack.meters.noise_floor.white_noise import white_noise
from restorack.networks import decibels as tensors
from restorack.plugins.denoise.noise_psd import blind_floor

FRAMES, FOLDS, STEPS = 24, 4, 150
QUIET_SHARE, DEEPEST_DB, OVERSUBTRACTION = 0.6, -15.0, 1.3
HARMED, MOST_DB, TOUCHED_WEIGHT, UNTOUCHED_DB = 3.0, 10.0, 0.03, -60.0
BANDS, WHOLE = list(mixture.BAND_WEIGHTS), list(mixture.WHOLE_WEIGHTS)


@dataclass
class Pair:
    """Features, both levels in dB, and cells of a pair, padded to as many bands as any has."""

    noise: str
    music: str
    clean: bool
    seen: np.ndarray
    steady: np.ndarray
    judged: np.ndarray
    cells: np.ndarray
    noise_cells: np.ndarray
    widths: np.ndarray


def heard_in(rows: np.ndarray) -> Heard | None:
    """Return what the package measures in a recording."""
    caught: list[Heard] = []
    shipped = steady_floor.passage_floor

    def catch(heard: Heard, *ways: object) -> passage.PassageFloor:
        caught.append(heard)
        return shipped(heard, *ways)  # type: ignore[arg-type]

    steady_floor.passage_floor = catch
    estimator = blind_floor(pairs.RATE, 1)
    estimator.push(rows)
    estimator.estimate()
    steady_floor.passage_floor = shipped
    return caught[0] if caught else None


def pair_of(noise: str | None, music: str, clean: np.ndarray, given: np.ndarray) -> Pair | None:
    """Return what the fit needs of a pair."""
    heard = heard_in(given[np.newaxis].astype(np.float32))
    if heard is None:
        return None
    centres = heard.bands.centres_hz
    bands = steady_bands(heard.quiet_db, heard.mean_db, centres, white_noise(pairs.RATE))
    snr_db = heard.snr_db(db_to_power(bands.floor_db))
    whole = mixture.of_the_whole(bands, heard.judged, heard.bands.middle, snr_db, heard.range_db)
    of_bands = mixture._of_bands(bands, heard.judged, centres)
    seen = [of_bands[name] for name in BANDS]
    seen += [np.full(len(centres), whole[name]) for name in WHOLE]
    chosen = np.linspace(0, len(heard.quiet_db) - 1, FRAMES).astype(int)
    quiet, mean = (db_to_power(one[chosen]) for one in (heard.quiet_db, heard.mean_db))
    rest = np.maximum((mean - QUIET_SHARE * quiet) / (1.0 - QUIET_SHARE), quiet)
    hiss = TrackMeter(pairs.RATE, 1).push((given - clean)[np.newaxis].astype(np.float32))
    hiss_cells = np.concatenate([one for _, one in hiss])[chosen]
    return Pair(
        noise or music,
        music,
        noise is None,
        np.stack(seen, axis=1),
        bands.floor_db,
        heard.judged.level_db,
        np.stack([quiet, rest], axis=-1),
        hiss_cells,
        heard.bands.widths_hz,
    )


class Mixture(torch.nn.Module):
    """The share of the steady level: a logistic curve over a weighted sum."""

    def __init__(self, weights: np.ndarray, constant: float) -> None:
        super().__init__()
        self.weights = torch.nn.Parameter(torch.tensor(weights))
        self.constant = torch.nn.Parameter(torch.tensor(constant))

    def forward(self, seen: torch.Tensor) -> torch.Tensor:
        """Return shares, shape (pairs, bands)."""
        return torch.sigmoid(seen @ self.weights + self.constant)


def scores(pair: list[Pair], share: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return each pair's gain in dB, and what is maximised."""
    stack = {
        name: torch.tensor(np.array([getattr(one, name) for one in pair]))
        for name in ("steady", "judged", "cells", "noise_cells", "widths")
    }
    clean = torch.tensor([one.clean for one in pair])
    floor_db = stack["judged"] + share * (stack["steady"] - stack["judged"])
    cells = stack["cells"]
    floor = OVERSUBTRACTION * tensors.db_to_power(floor_db[:, None, :, None])
    gain = ((cells - floor) / cells).clamp(db_to_amplitude(DEEPEST_DB))
    noise = torch.minimum(stack["noise_cells"][..., None], cells)
    size = stack["widths"][:, None, :, None] * torch.tensor([QUIET_SHARE, 1.0 - QUIET_SHARE])
    wrong = ((((1.0 - gain) ** 2) * (cells - noise) + gain**2 * noise) * size).sum((1, 2, 3))
    total, before = (cells * size).sum((1, 2, 3)), (noise * size).sum((1, 2, 3))
    gained = tensors.power_to_db((before + 1e-9 * total) / (wrong + 1e-9 * total))
    changed = tensors.power_to_db(wrong / total + db_to_power(UNTOUCHED_DB))
    noisy = torch.where(gained > 0, gained.clamp(max=MOST_DB), HARMED * gained.clamp(min=-15.0))
    return gained, torch.where(clean, TOUCHED_WEIGHT * (UNTOUCHED_DB - changed), noisy)


def fitted(pair: list[Pair]) -> Mixture:
    """Return weights that gain most."""
    torch.manual_seed(0)
    model = Mixture(np.zeros(len(BANDS) + len(WHOLE)), 0.0)
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.03, weight_decay=0.01)
    seen = torch.tensor(np.array([one.seen for one in pair]))
    for _ in range(STEPS):
        loss = -scores(pair, model(seen))[1].mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return model


def report(title: str, pair: list[Pair], share: torch.Tensor) -> None:
    """Print a line."""
    with torch.no_grad():
        gained = scores(pair, share)[0].numpy()
    noisy = gained[[not one.clean for one in pair]]
    print(
        f"{title:24s} mean {noisy.mean():5.2f}  median {np.median(noisy):5.2f}  "
        f"worst {noisy.min():6.2f}  below -0.3 dB {np.mean(noisy < -0.3):.3f}"
    )


def left_out(pair: list[Pair], groups: list[str]) -> torch.Tensor:
    """Return shares by weights that were fitted without the groups that a pair is in."""
    names = np.random.default_rng(0).permutation(np.unique(groups))
    fold = {name: number % FOLDS for number, name in enumerate(names)}
    of_pair = np.array([fold[name] for name in groups])
    seen = torch.tensor(np.array([one.seen for one in pair]))
    out = torch.zeros(seen.shape[:2], dtype=seen.dtype)
    for number in range(FOLDS):
        model = fitted([one for one, at in zip(pair, of_pair, strict=True) if at != number])
        with torch.no_grad():
            out[of_pair == number] = model(seen)[of_pair == number]
    return out


def main() -> None:
    """Run."""
    options = pairs.options(__doc__.splitlines()[0])
    made = [pair_of(*parts) for parts in pairs.recordings(options)]
    pair = [one for one in made if one is not None]
    seen = torch.tensor(np.array([one.seen for one in pair]))
    half = torch.zeros(seen.shape[:2], dtype=seen.dtype)
    report("the network alone", pair, half)
    report("what is steady alone", pair, half + 1.0)
    weights = [*mixture.BAND_WEIGHTS.values(), *mixture.WHOLE_WEIGHTS.values()]
    with torch.no_grad():
        report("as shipped", pair, Mixture(np.array(weights), mixture.CONSTANT)(seen))
    model = fitted(pair)
    with torch.no_grad():
        report("fitted to all", pair, model(seen))
    report("noises left out", pair, left_out(pair, [one.noise for one in pair]))
    report("recordings left out", pair, left_out(pair, [one.music for one in pair]))
    found = model.weights.detach().numpy().round(2)
    print(dict(zip([*BANDS, *WHOLE], found.tolist(), strict=True)), float(model.constant))


if __name__ == "__main__":
    main()
