"""SNR, SI-SDR, mean squared error and correlation: closed forms, other libraries, the ends."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torchmetrics.functional import pearson_corrcoef
from torchmetrics.functional.audio import (
    scale_invariant_signal_distortion_ratio,
    signal_noise_ratio,
)

from restorack.errors import AudioError, AudioTypeError
from restorack.metrics.distortion import correlation, mse, si_sdr_db, snr_db
from restorack.metrics.inputs import MOST_DB

TIME = np.arange(4_410) / 44_100
TRUTH = np.sin(2 * np.pi * 1_000 * TIME)  # whole periods: orthogonal to the cosine, and zero mean
OTHER = np.cos(2 * np.pi * 1_000 * TIME)


def noisy(seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    truth = random.standard_normal(20_000)
    return truth, 0.7 * truth + 0.2 * random.standard_normal(20_000) + 0.05


@pytest.mark.parametrize("level", [1.0, 0.1, 0.003])
def test_both_ratios_are_those_of_energies(level: float) -> None:
    expected = -20 * np.log10(level)
    assert snr_db(TRUTH, TRUTH + level * OTHER) == pytest.approx(expected, abs=1e-9)
    assert si_sdr_db(TRUTH, TRUTH + level * OTHER) == pytest.approx(expected, abs=1e-9)


def test_only_one_of_them_hears_a_gain() -> None:
    heard = 0.5 * (TRUTH + 0.1 * OTHER)
    assert si_sdr_db(TRUTH, heard) == pytest.approx(20.0, abs=1e-9)
    assert snr_db(TRUTH, heard) == pytest.approx(-10 * np.log10(0.25 + 0.0025), abs=1e-9)
    assert si_sdr_db(TRUTH, -heard) == pytest.approx(20.0, abs=1e-9)


def test_only_one_of_them_hears_dc() -> None:
    assert si_sdr_db(TRUTH, TRUTH + 0.1) == pytest.approx(MOST_DB, abs=20)
    # mean square of DC over that of a sine
    assert si_sdr_db(TRUTH, TRUTH + 0.1, zero_mean=False) == pytest.approx(
        10 * np.log10(0.5 / 0.01)
    )


def test_error_and_correlation_have_closed_forms() -> None:
    assert mse(TRUTH, TRUTH + 0.1 * OTHER) == pytest.approx(0.01 / 2)
    assert correlation(TRUTH, TRUTH + OTHER) == pytest.approx(np.sqrt(0.5))
    assert correlation(TRUTH, -3 * TRUTH + 1) == pytest.approx(-1.0)


def test_channels_count_as_one_signal() -> None:
    truth, heard = np.stack([TRUTH, TRUTH]), np.stack([TRUTH, 0 * TRUTH])
    assert snr_db(truth, heard) == pytest.approx(10 * np.log10(2))
    assert mse(truth, heard) == pytest.approx(0.25)


def test_the_ends_of_the_scale() -> None:
    assert snr_db(TRUTH, TRUTH) == MOST_DB
    assert si_sdr_db(TRUTH, TRUTH) == MOST_DB
    assert si_sdr_db(TRUTH, OTHER) == -MOST_DB
    assert snr_db(0 * TRUTH, OTHER) == -MOST_DB
    assert mse(TRUTH, TRUTH) == 0.0
    assert np.isnan(correlation(TRUTH, 0 * TRUTH))


def test_torchmetrics_says_the_same() -> None:
    truth, heard = noisy()
    pair = torch.tensor(heard), torch.tensor(truth)
    # float64 on both sides, so that only the order of sums differs
    assert snr_db(truth, heard) == pytest.approx(float(signal_noise_ratio(*pair)), abs=1e-9)
    for centred in (False, True):
        theirs = scale_invariant_signal_distortion_ratio(*pair, zero_mean=centred)
        assert si_sdr_db(truth, heard, zero_mean=centred) == pytest.approx(float(theirs), abs=1e-9)
    assert correlation(truth, heard) == pytest.approx(float(pearson_corrcoef(*pair)), abs=1e-9)


def test_what_is_wrong_with_the_input_is_said() -> None:
    with pytest.raises(AudioError, match="shapes"):
        snr_db(TRUTH, TRUTH[1:])
    with pytest.raises(AudioTypeError, match="int16"):
        snr_db(TRUTH, (1000 * TRUTH).astype(np.int16))
    broken = TRUTH.copy()
    broken[17] = np.nan
    with pytest.raises(AudioError, match="estimate: sample nan at channel 0, position 17"):
        mse(TRUTH, broken)
    with pytest.raises(AudioError, match="channels first"):
        mse(np.zeros((1000, 2)), np.zeros((1000, 2)))
