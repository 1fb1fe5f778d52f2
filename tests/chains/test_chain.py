"""A chain has a list's manners, a Pedalboard's call, and the contract of a stage."""

from __future__ import annotations

import numpy as np
import pedalboard
import pytest
from toys import Gain, PeakTo, Withholder

from restorack.chains import Chain, Parallel
from restorack.errors import ParameterError, PluginError, RestorackError
from restorack.testing.checks import SPLITS, stream
from restorack.testing.signals import worn_music

RATE = 44_100
AUDIO = worn_music(RATE, 0.7, 2)


def mixed_chain() -> Chain:
    return Chain(
        [
            Gain(gain_db=-3),
            pedalboard.HighpassFilter(60),
            pedalboard.Compressor(-20, 4, 10, 100),
            Withholder(samples=777),
            PeakTo(),
            pedalboard.BrickwallLimiter(),
            Chain([pedalboard.LowpassFilter(9000), Withholder(samples=5)]),
        ]
    )


def test_a_chain_does_what_its_stages_do_one_after_the_other() -> None:
    expected = AUDIO
    for stage in mixed_chain():
        expected = stage(expected, RATE)
    assert np.array_equal(mixed_chain()(AUDIO, RATE), expected)


@pytest.mark.parametrize("sizes", SPLITS, ids=str)
def test_prepared_streams_equal_the_whole_for_every_split(sizes: list[int]) -> None:
    chain = mixed_chain()
    chain.prepare([AUDIO[:, :9999], AUDIO[:, 9999:]], RATE)
    assert np.array_equal(stream(chain, AUDIO, RATE, sizes), mixed_chain()(AUDIO, RATE))


def test_no_more_is_withheld_than_predicted() -> None:
    chain = mixed_chain()
    chain.prepare([AUDIO], RATE)
    limit, held = chain.predict_latency(RATE), 0
    for at in range(0, AUDIO.shape[1], 50):
        block = AUDIO[:, at : at + 50]
        held += block.shape[1] - chain.process(block, RATE, reset=False).shape[1]
        assert held <= limit
    assert chain.flush().shape[1] == held > 0


def test_each_stage_runs_no_more_often_than_needed() -> None:
    PeakTo.passes = 0
    chain = Chain([Gain(), PeakTo(), Gain(), PeakTo()])
    chain(AUDIO, RATE)
    assert PeakTo.passes == 2
    assert chain[1].peak is None, "a first pass made for one file is forgotten with it"


def test_a_prepared_chain_keeps_what_it_learned() -> None:
    chain = Chain([PeakTo()])
    chain.prepare([AUDIO * 2], RATE)
    assert np.allclose(chain(AUDIO, RATE), AUDIO / np.abs(AUDIO * 2).max(), rtol=1e-6)
    chain.forget()
    assert np.isclose(np.abs(chain(AUDIO, RATE)).max(), 1.0)


def test_list_manners() -> None:
    first, second, third = Gain(), pedalboard.Gain(3), Withholder()
    chain = Chain([first, second])
    chain.append(third)
    chain.insert(1, Chain())
    assert [type(stage).__name__ for stage in chain] == ["Gain", "Chain", "Gain", "Withholder"]
    assert chain.names == ["gain", "chain", "gain_2", "withholder"]
    assert chain["gain"] is first
    assert chain[-1] is third
    assert list(chain[2:]) == [second, third]
    del chain[1]
    chain[0] = pedalboard.Gain(1)
    chain[1:] = [Withholder(samples=1)]
    assert len(chain) == 2
    assert chain.pop() is not third
    chain.clear()
    assert np.array_equal(chain(AUDIO, RATE), AUDIO)


def test_stages_that_replace_others_take_no_name_that_is_kept() -> None:
    chain = Chain([pedalboard.Gain(1), pedalboard.Gain(2), pedalboard.Gain(3)])
    chain[1:3] = [pedalboard.Gain(4)]
    assert [slot.name for slot in chain.slots] == ["gain", "gain_2"]


def test_bypassing_everything_is_bit_exact() -> None:
    chain = mixed_chain()
    for name in chain.names:
        chain.bypass(name)
    assert np.array_equal(chain(AUDIO, RATE), AUDIO)
    chain.bypass("compressor", bypassed=False)
    assert not np.array_equal(chain(AUDIO, RATE), AUDIO)


def test_adjacent_pedalboard_plugins_run_as_one_board() -> None:
    runs = mixed_chain().runs()
    assert [run.engine for run in runs] == [
        "restorack", "pedalboard", "restorack", "restorack", "pedalboard", "restorack",
    ]  # fmt: skip
    assert runs[1].names == ["highpassfilter", "compressor"]
    assert runs[1].label == "stage 2-3 (highpassfilter, compressor)"


@pytest.mark.parametrize(
    "plugin",
    [
        pedalboard.PitchShift(3),
        pedalboard.MP3Compressor(),
        pedalboard.GSMFullRateCompressor(),
        pedalboard.Mix([pedalboard.BrickwallLimiter(), pedalboard.Gain(0)]),
        pedalboard.Reverb(),
        pedalboard.BrickwallLimiter(),
    ],
    ids=lambda plugin: type(plugin).__name__,
)
def test_every_native_plugin_streams_what_it_gives_at_once(plugin: pedalboard.Plugin) -> None:
    whole = pedalboard.Pedalboard([plugin])(AUDIO, RATE)
    for sizes in SPLITS[1:]:
        assert np.array_equal(stream(Chain([plugin]), AUDIO, RATE, sizes), whole)


def test_native_automation_moves_on_the_grid() -> None:
    chain = Chain([pedalboard.Gain(0)])
    chain.slots[0].automate("gain_db", [(0.0, -40.0), (0.5, 0.0)])
    whole = chain(AUDIO, RATE)
    assert np.array_equal(stream(chain, AUDIO, RATE, [1, 100, 7000]), whole)
    ratio = np.abs(whole[:, 5000:5060]).max() / np.abs(AUDIO[:, 5000:5060]).max()
    assert 20 * np.log10(ratio) == pytest.approx(-40 + 40 * 5000 / RATE / 0.5, abs=0.5)
    with pytest.raises(ParameterError, match="gain_db"):
        chain.slots[0].automate("gain_dB", [(0, 1)])


def test_mistakes_are_named() -> None:
    chain = mixed_chain()
    with pytest.raises(TypeError, match=r"did you mean Gain\(\)\?"):
        chain.append(Gain)
    with pytest.raises(ParameterError, match="did you mean 'compressor'"):
        chain.slot("compresor")

    class Broken(Gain):
        def _push(self, block):
            raise PluginError("broke")

    late = Chain([Gain()])
    late.add(Broken(), "late")
    with pytest.raises(RestorackError, match=r"stage 2 \(late\): broke"):
        late(AUDIO, RATE)


def test_parallel_mixes_aligned_branches() -> None:
    dry = Parallel([[]])
    assert np.array_equal(dry(AUDIO, RATE), AUDIO)
    both = Parallel(
        [[Withholder(samples=333)], [pedalboard.BrickwallLimiter(), Gain(gain_db=0)], []]
    )
    limited = pedalboard.Pedalboard([pedalboard.BrickwallLimiter()])(AUDIO, RATE)
    expected = (AUDIO.astype(float) * 2 + limited).astype(np.float32)
    assert np.allclose(both(AUDIO, RATE), expected, atol=1e-6)
    whole = both(AUDIO, RATE)
    for sizes in SPLITS[1:]:
        assert np.array_equal(stream(both, AUDIO, RATE, sizes), whole)


def test_opposite_branches_null() -> None:
    null = Parallel([[Withholder(samples=64)], [pedalboard.Invert()]])
    assert not null(AUDIO, RATE).any()


def test_parallel_prepares_its_branches_and_checks_its_gains() -> None:
    mix = Chain([Parallel([[PeakTo()], []], gains_db=[0, -120])])
    assert np.isclose(np.abs(mix(AUDIO, RATE)).max(), 1.0)
    with pytest.raises(ParameterError, match="one gain for each"):
        Parallel([[], []], gains_db=[0])
