"""BandwidthExtender: nothing below the edge, plausible sound above it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import signal

from restorack.plugins.bandwidth.extender import BandwidthExtender
from restorack.testing.checks import stream

RATE = 44_100
Floats = NDArray[np.float64]


def low_passed(audio: Floats, edge: float) -> NDArray[np.float32]:
    taps = signal.firwin(1023, edge, fs=RATE, window=("kaiser", 10.0))
    return np.asarray(signal.fftconvolve(audio, taps[np.newaxis], "same", axes=1), np.float32)


def falling_noise(seconds: float, channels: int = 1, fall_db: float = 12.0) -> Floats:
    """Noise that falls by so many dB per octave above 1 kHz."""
    count = int(seconds * RATE)
    white = np.random.default_rng(3).standard_normal((channels, count))
    hertz = np.maximum(np.fft.rfftfreq(count, 1 / RATE), 1000.0)
    shape = (hertz / 1000.0) ** (-fall_db / 6.02)
    return np.asarray(0.05 * np.fft.irfft(np.fft.rfft(white, axis=1) * shape, count, axis=1))


def band_db(audio: Floats, low: float, high: float) -> float:
    count = audio.shape[-1]
    window = np.blackman(count)  # no leakage from where the file ends
    spectrum = np.fft.rfft(np.asarray(audio, float) * window, axis=-1)
    hertz = np.fft.rfftfreq(count, 1 / RATE)
    part = np.abs(spectrum[..., (hertz >= low) & (hertz < high)]) ** 2
    return float(10 * np.log10(part.sum() / count**2 + 1e-30))


@pytest.mark.parametrize("mode", ["auto", "classical", "neural"])
@pytest.mark.parametrize("edge", [4000.0, 8000.0, 15_000.0])
def test_nothing_changes_below_the_edge(edge: float, mode: str) -> None:
    given = low_passed(falling_noise(4, 2), edge)
    one = BandwidthExtender(amount_db=6.0, mode=mode)
    added = one.process(given, RATE).astype(float) - given
    assert one.findings()["edge_hz"] == pytest.approx(edge, rel=0.02)
    assert band_db(added, 0, 0.97 * edge) < band_db(given, 0, 0.97 * edge) - 80
    assert band_db(added, edge, 20_000) > band_db(given, edge / 2, edge) - 40


@pytest.mark.parametrize("edge", [4000.0, 8000.0])
def test_added_energy_is_near_the_truth(edge: float) -> None:
    truth = falling_noise(4)
    out = BandwidthExtender().process(low_passed(truth, edge), RATE)
    for low, high in ((1.05 * edge, 1.5 * edge), (1.5 * edge, 2.2 * edge)):
        assert band_db(out, low, high) == pytest.approx(band_db(truth, low, high), abs=6)


def test_a_full_band_passes_bit_for_bit() -> None:
    for fall in (0.0, 12.0, 24.0):
        audio = falling_noise(3, 2, fall).astype(np.float32)
        assert np.array_equal(BandwidthExtender().process(audio, RATE), audio)


@pytest.mark.parametrize("edge", [17_500.0, 20_500.0])
def test_a_band_that_ends_high_passes_bit_for_bit(edge: float) -> None:
    audio = low_passed(falling_noise(3), edge)
    one = BandwidthExtender()
    assert np.array_equal(one.process(audio, RATE), audio)
    assert one.findings()["edge_hz"] is None


def test_an_edge_that_was_asked_for_is_taken() -> None:
    given = low_passed(falling_noise(2), 17_500.0)
    one = BandwidthExtender(edge_hz=17_500.0)
    assert band_db(one.process(given, RATE), 18_000, 20_000) > band_db(given, 18_000, 20_000) + 30


def test_nothing_is_added_above_the_maximum() -> None:
    given = low_passed(falling_noise(3), 6000.0)
    out = BandwidthExtender(max_frequency_hz=10_000.0).process(given, RATE)
    above = band_db(out.astype(float) - given, 10_400, 22_000)
    assert above < band_db(out, 9000, 10_000) - 40


@pytest.mark.parametrize("mode", ["auto", "classical", "neural"])
def test_silence_between_sounds_stays_silent(mode: str) -> None:
    given = low_passed(falling_noise(4), 8000.0)
    given[:, RATE : 3 * RATE] = 0.0
    out = BandwidthExtender(mode=mode).process(given, RATE)
    assert not out[:, RATE + 4000 : 3 * RATE - 4000].any()


def test_added_sound_follows_onsets_in_time() -> None:
    count = 4 * RATE
    bursts = np.zeros((1, count))
    random = np.random.default_rng(4)
    begins = np.arange(RATE // 2, count - RATE // 2, RATE // 2)
    for begin in begins:
        fall = np.exp(-np.arange(4000) / 800.0)
        bursts[0, begin : begin + 4000] = 0.3 * random.standard_normal(4000) * fall
    given = low_passed(bursts, 8000.0)
    added = np.abs(BandwidthExtender().process(given, RATE)[0].astype(float) - given[0])
    for begin in begins:
        before = np.mean(added[begin - 2000 : begin - 300] ** 2)
        after = np.mean(added[begin : begin + 1000] ** 2)
        assert after > 1000 * before
        peak = begin - 500 + np.argmax(np.convolve(added[begin - 500 : begin + 2000], np.ones(100)))
        assert -100 < peak - begin < 500


def test_amount_moves_the_level() -> None:
    given = low_passed(falling_noise(3), 8000.0)
    one = BandwidthExtender(amount_db=0.0).process(given, RATE).astype(float) - given
    more = BandwidthExtender(amount_db=6.0).process(given, RATE).astype(float) - given
    assert band_db(more, 8500, 20_000) - band_db(one, 8500, 20_000) == pytest.approx(6.0, abs=0.05)


def test_the_network_follows_its_surroundings_and_loses_no_sample() -> None:
    given = low_passed(falling_noise(3), 6000.0)
    one = BandwidthExtender(mode="neural")
    whole = one.process(given, RATE)
    assert whole.shape == given.shape
    added = whole.astype(float) - given
    for part in (slice(0, RATE), slice(2 * RATE, 3 * RATE)):
        assert band_db(added[:, part], 6500, 9000) > band_db(given[:, part], 3000, 5500) - 40
    one.prepare([given], RATE)
    assert np.array_equal(stream(one, given, RATE, [1, 5000, 300]), whole)
    withheld = one.predict_latency(RATE)
    assert withheld > BandwidthExtender(mode="classical").predict_latency(RATE)


def test_the_default_lies_between_its_two_halves() -> None:
    given = low_passed(falling_noise(4), 6000.0)
    levels = {}
    for mode in ("auto", "classical", "neural"):
        one = BandwidthExtender(mode=mode, transient_emphasis=0.4)
        added = one.process(given, RATE).astype(float) - given
        levels[mode] = band_db(added[:, RATE : 3 * RATE], 7000, 12_000)
    halves = sorted([levels["classical"], levels["neural"]])
    assert halves[0] - 0.5 < levels["auto"] < halves[1] + 0.5
    assert BandwidthExtender().mode == "auto"


@pytest.mark.parametrize("seed", [0, 1])
def test_the_streamed_network_is_the_trained_one(seed: int) -> None:
    import torch

    from restorack.inference.band_envelope import EnvelopeStream
    from restorack.inference.network import Network
    from restorack.networks.band_envelope import BandEnvelope

    torch.manual_seed(seed)
    network = BandEnvelope(width=8, dilations=(1, 3))
    tensors = {name: value.numpy() for name, value in network.state_dict().items()}
    features = np.random.default_rng(seed).standard_normal((64, 52)).astype(np.float32)
    with torch.no_grad():
        expected = network(torch.from_numpy(features.T[np.newaxis].copy()))[0].T.numpy()
    one = EnvelopeStream(Network(network.layer_lists()["envelope"], tensors))
    pushed = [one.push(features[at : at + 16]) for at in range(0, 64, 16)]
    levels, excess = (np.concatenate(part) for part in zip(*pushed, strict=True))
    streamed = np.concatenate([levels, levels + excess], axis=1)
    inner = slice(one.delay, 64 - one.delay)  # at its ends the network pads with zeros
    assert np.allclose(streamed[2 * one.delay :], expected[inner], atol=1e-4)


def test_a_source_on_one_side_stays_on_that_side() -> None:
    mono = low_passed(falling_noise(3), 8000.0)
    given = np.concatenate([mono, 0.25 * mono])
    added = BandwidthExtender().process(given, RATE).astype(float) - given
    assert np.allclose(added[1], 0.25 * added[0], atol=1e-6)


def test_a_stream_without_a_first_pass_starts_when_it_knows_the_edge() -> None:
    given = low_passed(falling_noise(7), 8000.0)
    whole = stream(BandwidthExtender(), given, RATE, [1 << 30])
    assert np.array_equal(stream(BandwidthExtender(), given, RATE, [5, 7000]), whole)
    assert np.array_equal(whole[:, : 2 * RATE], given[:, : 2 * RATE])
    prepared = BandwidthExtender().process(given, RATE)
    late = slice(5 * RATE, 7 * RATE)
    level = band_db(prepared[:, late], 8500, 16_000)
    assert band_db(whole[:, late], 8500, 16_000) == pytest.approx(level, abs=1.5)


def test_findings_say_what_was_added() -> None:
    given = low_passed(falling_noise(3), 8000.0)
    one = BandwidthExtender()
    added = one.process(given, RATE).astype(float) - given
    expected = 10 * np.log10(np.sum(added**2) / np.sum(given.astype(float) ** 2))
    assert one.findings()["added_db"] == pytest.approx(expected, abs=0.05)
    assert one.findings()["is_wall"] is True


def test_an_edge_that_changes_is_followed() -> None:
    truth = falling_noise(30)
    given = np.concatenate(
        [low_passed(truth, 5000.0)[:, : 15 * RATE], low_passed(truth, 9000.0)[:, 15 * RATE :]],
        axis=1,
    )
    one = BandwidthExtender()
    out = one.process(given, RATE)
    low, high = one.findings()["edges"]
    assert (low["hz"], high["hz"]) == (
        pytest.approx(5000, rel=0.03),
        pytest.approx(9000, rel=0.03),
    )
    (begin, change), (again, end) = low["seconds"][0], high["seconds"][0]
    assert begin is None
    assert end is None
    assert change == again == pytest.approx(15, abs=3.5)
    early, late = slice(RATE, 11 * RATE), slice(19 * RATE, 29 * RATE)
    for part, edge in ((early, 5000.0), (late, 9000.0)):
        added = out[:, part].astype(float) - given[:, part]
        assert band_db(added, 0, 0.97 * edge) < band_db(given[:, part], 0, 0.97 * edge) - 80
        expected = band_db(truth[:, part], 1.1 * edge, 1.5 * edge)
        assert band_db(out[:, part], 1.1 * edge, 1.5 * edge) == pytest.approx(expected, abs=6)


def test_a_part_with_a_full_band_is_left_alone() -> None:
    truth = falling_noise(30, fall_db=9.0)
    given = low_passed(truth, 6000.0)
    given[:, 15 * RATE :] = truth[:, 15 * RATE :]
    one = BandwidthExtender()
    out = one.process(given, RATE)
    assert np.array_equal(out[:, 20 * RATE :], given[:, 20 * RATE :])
    expected = band_db(truth[:, : 10 * RATE], 6600, 9000)
    assert band_db(out[:, : 10 * RATE], 6600, 9000) == pytest.approx(expected, abs=6)
    assert [one["hz"] for one in one.findings()["edges"]] == [pytest.approx(6000, rel=0.03)]


@pytest.mark.parametrize("mode", ["auto", "classical", "neural"])
def test_a_drifting_edge_streams_as_it_renders(mode: str) -> None:
    truth = falling_noise(24)
    given = np.concatenate(
        [low_passed(truth, 5000.0)[:, : 12 * RATE], low_passed(truth, 8000.0)[:, 12 * RATE :]],
        axis=1,
    )
    one = BandwidthExtender(mode=mode)
    whole = one.process(given, RATE)
    one.prepare([given], RATE)
    assert np.array_equal(stream(one, given, RATE, [7, 9000, 100_000]), whole)
    assert len(one.findings()["edges"]) == 2


@pytest.mark.parametrize("mode", ["auto", "classical", "neural"])
def test_emphasis_raises_onsets_and_leaves_steady_sound(mode: str) -> None:
    noise = falling_noise(4)
    onset = np.ones(noise.shape[1])
    for begin in range(RATE // 2, 4 * RATE, RATE // 2):
        onset[begin : begin + 2000] = 10.0  # 20 dB for 45 ms
    given = low_passed(noise * onset, 8000.0)
    rises = {}
    for emphasis in (0.0, 1.0):
        one = BandwidthExtender(mode=mode, transient_emphasis=emphasis)
        added = np.square(one.process(given, RATE).astype(float) - given)[0]
        hits = np.mean([added[at : at + 1500].mean() for at in range(RATE, 3 * RATE, RATE // 2)])
        rest = np.mean([added[at - 6000 : at - 1500].mean() for at in range(RATE, 3 * RATE, RATE)])
        rises[emphasis] = 10 * np.log10(hits), 10 * np.log10(rest)
    assert rises[1.0][0] > rises[0.0][0] + 3
    assert rises[1.0][1] == pytest.approx(rises[0.0][1], abs=2)
