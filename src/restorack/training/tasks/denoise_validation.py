"""How well the denoiser does on held-out scenes: decibels gained, noise left, music lost."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from restorack.metrics.noise import noise_attenuation_db, weak_partials_db
from restorack.training.tasks.denoise_losses import Heard, LossWeights, denoising_losses

SNRS_DB = (10.0, 15.0, 20.0, 25.0, 35.0, 5.0)
"""Of one scene after the other."""

CROPS = 2
"""Of each scene, at random places."""

HARDLY_NOISY_DB = 30.0
"""Scenes from here on have little to gain and have a figure of their own."""

WORST_SHARE = 0.1
"""Of the scenes, whose mean says how bad it gets; one scene alone would be chance."""


@dataclass(frozen=True)
class Judged:
    """What became of one scene.

    Attributes
    ----------
    snr_db : float
        Music over noise.
    gain_db : float
        Noise over error.
    spectral_distance : float
        In units of 10 dB.
    weak_partials_db, noise_attenuation_db : float
        Of :mod:`restorack.metrics.noise`; NaN where there is nothing weak, or no noise alone.
    """

    snr_db: float
    gain_db: float
    spectral_distance: float
    weak_partials_db: float
    noise_attenuation_db: float


def judge(heard: Heard, snr_db: float) -> Judged:
    """Return figures of a scene's crops, taken together."""
    parts = denoising_losses(heard, LossWeights(spectral_distance=1.0))
    clean, estimate, noise = (
        one.cpu().numpy() for one in (heard.clean, heard.estimate, heard.noise)
    )
    return Judged(
        snr_db,
        -float(parts["change_db"]),
        float(parts["spectral_distance"]),
        weak_partials_db(clean, estimate, noise),
        noise_attenuation_db(clean, estimate, noise),
    )


def summarise(scenes: Sequence[Judged]) -> dict[str, float]:
    """Return medians over the noisy scenes, the worst of all, and the gain of the quiet ones.

    ``weak_partials_db`` below 0 says that music was eaten, a low ``noise_attenuation_db`` that
    noise was left.
    """
    noisy = [one for one in scenes if one.snr_db < HARDLY_NOISY_DB]
    quiet = [one for one in scenes if one.snr_db >= HARDLY_NOISY_DB]
    gains = sorted(one.gain_db for one in scenes)
    tenth = gains[: max(1, round(WORST_SHARE * len(gains)))]
    return {
        "gain_db": _median(one.gain_db for one in noisy),
        "worst_gain_db": gains[0],
        "worst_tenth_gain_db": float(np.mean(tenth)),
        "gain_at_35_db": _median(one.gain_db for one in quiet),
        "spectral_distance": _median(one.spectral_distance for one in noisy),
        "weak_partials_db": _median(one.weak_partials_db for one in noisy),
        "noise_attenuation_db": _median(one.noise_attenuation_db for one in noisy),
    }


def score(metrics: Mapping[str, float]) -> float:
    """Return decibels of gain, less for the worst tenth and the log-spectral distance.

    The one worst scene does not count by itself: where a floor is wrong by chance, it would
    choose the weights.
    """
    worst = min(0.0, metrics["worst_tenth_gain_db"])
    return metrics["gain_db"] + 0.3 * worst - 3.0 * metrics["spectral_distance"]


def _median(values: Iterable[float]) -> float:
    """Return the median of what is defined, 0 where nothing is."""
    defined = [value for value in values if not math.isnan(value)]
    return float(np.median(defined)) if defined else 0.0
