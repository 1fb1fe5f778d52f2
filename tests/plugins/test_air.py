"""Air: its response against the design, its symmetry, and a gain that moves without clicks."""

import numpy as np
import pytest

from restorack.plugins.air import Air

RATE = 48_000


def response(stage: Air, rate: float = RATE, size: int = 1 << 15) -> tuple[np.ndarray, np.ndarray]:
    impulse = np.zeros(size, np.float32)
    impulse[size // 2] = 1.0
    out = stage(impulse, rate).astype(np.float64)
    spectrum = np.fft.rfft(np.roll(out, -size // 2))
    return np.arange(spectrum.size) * rate / size, spectrum


def tone(frequency: float, samples: int, rate: float = RATE) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * frequency * np.arange(samples) / rate)).astype(np.float32)


@pytest.mark.parametrize("rate", [32_000, 44_100, 48_000, 96_000, 192_000])
@pytest.mark.parametrize("amount", [0.5, 3.0, 12.0])
def test_shelf_lifts_the_top_and_leaves_the_rest(rate, amount):
    frequencies, spectrum = response(Air(amount_db=amount), rate)
    gain = 20 * np.log10(np.abs(spectrum))
    # 0.05 dB: the filter smooths the shoulder's ends over some 200 Hz.
    np.testing.assert_allclose(gain[frequencies >= 10_300], amount, atol=0.05)
    np.testing.assert_allclose(gain[frequencies <= 6_700], 0.0, atol=0.01)
    inside = gain[(frequencies > 7_000) & (frequencies < 10_300)]
    assert (np.diff(inside) > -1e-4).all()  # no bump


def test_bell_spares_what_lies_above():
    frequencies, spectrum = response(Air(amount_db=6.0, shape="bell"), 96_000)
    gain = 20 * np.log10(np.abs(spectrum))
    inside = (frequencies >= 10_300) & (frequencies <= 15_700)
    np.testing.assert_allclose(gain[inside], 6.0, atol=0.05)
    np.testing.assert_allclose(gain[frequencies >= 23_500], 0.0, atol=0.01)


def test_phase_is_zero():
    _, spectrum = response(Air(amount_db=9.0))
    assert np.abs(spectrum.imag).max() < 1e-6  # float32 rounds the response
    assert spectrum.real.min() > 0.99


def test_frequency_moves_the_shelf():
    frequencies, spectrum = response(Air(amount_db=6.0, frequency_hz=4_000))
    gain = 20 * np.log10(np.abs(spectrum))
    np.testing.assert_allclose(gain[frequencies >= 4_150], 6.0, atol=0.05)
    np.testing.assert_allclose(gain[frequencies <= 2_650], 0.0, atol=0.01)


def test_nothing_to_do_passes_bit_for_bit():
    rows = np.random.default_rng(0).standard_normal((2, 5000)).astype(np.float32)
    rows[0, :9] = -0.0
    out = Air(amount_db=0.0)(rows, RATE)
    assert out.tobytes() == rows.tobytes()
    # At 8 kHz there is no band from 7 kHz on.
    np.testing.assert_array_equal(Air(amount_db=12.0)(rows, 8_000), rows)


def test_automation_meets_the_samples_it_was_set_for():
    count = 24_000
    stage = Air()
    stage.automate("amount_db", [(0.1, 0.0), (0.4, 12.0)])
    x = tone(14_000, count)
    out = stage(x, RATE)
    amounts = np.interp(np.arange(count) / RATE, [0.1, 0.4], [0.0, 12.0])
    middle = slice(400, count - 400)  # away from the tone's hard edges
    # Straight lines of 64 samples against an exponential: 0.05 dB in 64 samples bend by less
    # than 1e-4; the band is whole at 14 kHz to 1e-4.
    wanted = x * 10 ** (amounts / 20)
    np.testing.assert_allclose(out[middle], wanted[middle], atol=3e-4)


def test_a_value_set_by_hand_glides_over_64_samples():
    stage = Air(amount_db=0.0)
    x = tone(14_000, 20_000)
    first = stage.process(x[:10_000], RATE, reset=False)
    stage.amount_db = 12.0
    out = np.concatenate([first, stage.process(x[10_000:], RATE, reset=False), stage.flush()])
    lift = 10 ** (12 / 20) - 1
    ramp = np.clip((np.arange(20_000) - first.size) / 64, 0, 1)
    middle = slice(400, 19_600)
    np.testing.assert_allclose(out[middle], (x * (1 + lift * ramp))[middle], atol=3e-4)
