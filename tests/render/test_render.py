"""A render is as long as its input, aligned, exact to the bit where nothing changed, and whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pedalboard
import pytest
import soundfile
from toys import Gain, PeakTo, Withholder

from restorack.chains import Chain, ChainSettings, OutputSettings, Parallel
from restorack.errors import AudioError, FileError, RenderError
from restorack.render.api import render
from restorack.render.progress import Progress
from restorack.testing.signals import worn_music

RATE = 44_100


def write(path: Path, rows: Any, rate: int = RATE, subtype: str = "PCM_24") -> Path:
    soundfile.write(path, rows.T, rate, subtype=subtype)
    return path


def read(path: Path) -> Any:
    return soundfile.read(path, dtype="float64", always_2d=True)[0].T


@pytest.fixture
def worn(tmp_path: Path) -> Path:
    return write(tmp_path / "worn.wav", worn_music(RATE, 1.3, 2))


def with_output(chain: Chain, **values: Any) -> Chain:
    settings = ChainSettings(name="test", output=OutputSettings(**values))
    return Chain(list(chain), settings)


def every_kind() -> Chain:
    return Chain(
        [
            Withholder(samples=999),
            pedalboard.HighpassFilter(60),
            PeakTo(),
            pedalboard.BrickwallLimiter(),
        ]
    )


@pytest.mark.parametrize("engine", ["dawdreamer", "stream"])
def test_an_empty_rack_copies_the_samples(worn: Path, tmp_path: Path, engine: Any) -> None:
    result = render(worn, tmp_path / "out.wav", Chain(), engine=engine)
    assert np.array_equal(read(tmp_path / "out.wav"), read(worn))
    assert result.unchanged == result.samples == read(worn).size
    assert result.dithered == 0


@pytest.mark.parametrize("channels", [1, 2, 3, 6])
@pytest.mark.parametrize("ceiling", [None, -6.0])
def test_both_engines_give_the_same_bits(tmp_path: Path, channels: int, ceiling: Any) -> None:
    source = write(tmp_path / "in.wav", worn_music(RATE, 1.1, channels))
    chain = with_output(every_kind(), ceiling_dbtp=ceiling, mix=0.7, gain_db=-1.5)
    for engine in ("dawdreamer", "stream"):
        render(source, tmp_path / f"{engine}.wav", chain, engine=engine)
    assert np.array_equal(read(tmp_path / "dawdreamer.wav"), read(tmp_path / "stream.wav"))


@pytest.mark.parametrize(
    ("subtype", "source_subtype"),
    [("PCM_24", "PCM_24"), ("PCM_16", "PCM_24"), ("FLOAT", "FLOAT"), ("PCM_32", "PCM_32")],
)
def test_output_plus_difference_is_the_input(
    tmp_path: Path, subtype: str, source_subtype: str
) -> None:
    rows = worn_music(RATE, 1.0, 2) * np.geomspace(1e-9, 1.0, RATE)
    source = write(tmp_path / "in.wav", rows, subtype=source_subtype)
    out, difference = tmp_path / "out.wav", tmp_path / "difference.wav"
    chain = with_output(every_kind(), subtype=subtype)
    result = render(source, out, chain, difference=difference)
    assert result.output_subtype == subtype
    assert np.array_equal(read(out) + read(difference), read(source))
    assert np.abs(read(difference)).max() > 0.01


def test_samples_that_no_difference_fits_are_reported(tmp_path: Path) -> None:
    rows = worn_music(RATE, 1.0, 2) / 7.0
    source = write(tmp_path / "in.wav", rows.astype(np.float64) / 7.0, subtype="DOUBLE")
    difference = tmp_path / "difference.wav"
    result = render(source, tmp_path / "out.wav", Chain([PeakTo()]), difference=difference)
    assert any("last bit" in warning for warning in result.warnings)
    assert np.allclose(read(tmp_path / "out.wav") + read(difference), read(source), atol=1e-16)


def test_the_output_is_what_the_chain_gives(worn: Path, tmp_path: Path) -> None:
    render(worn, tmp_path / "out.wav", with_output(every_kind(), subtype="FLOAT"))
    expected = every_kind()(read(worn), RATE)
    assert np.array_equal(read(tmp_path / "out.wav"), expected)


def test_dither_touches_only_what_changed(tmp_path: Path) -> None:
    class HalfGain(Gain):
        def _begin(self, sample_rate: float, channels: int) -> None:
            super()._begin(sample_rate, channels)
            self._at = 0

        def _push(self, block: Any) -> Any:
            positions = self._at + np.arange(block.shape[1])
            self._at += block.shape[1]
            return np.where(positions < 20_000, block, block * np.float32(0.3))

    source = write(tmp_path / "in.wav", worn_music(RATE, 1.0, 1), subtype="PCM_16")
    render(source, tmp_path / "out.wav", with_output(Chain([HalfGain()]), subtype="PCM_16"))
    out, given = read(tmp_path / "out.wav")[0], read(source)[0]
    assert np.array_equal(out[:20_000], given[:20_000])
    error = (out - np.float32(0.3) * given)[20_000:][given[20_000:] != 0] * 2**15
    assert np.var(error) == pytest.approx(3 / 12, rel=0.1)  # rounding 1/12 + triangular 2/12


def test_a_part_is_the_part_of_the_input(worn: Path, tmp_path: Path) -> None:
    render(worn, tmp_path / "part.wav", Chain(), start=0.25, stop=0.75)
    assert np.array_equal(read(tmp_path / "part.wav"), read(worn)[:, 11025:33075])
    with pytest.raises(AudioError, match="span"):
        render(worn, tmp_path / "no.wav", Chain(), start=5.0)


def test_a_tail_lets_reverberation_ring_out(worn: Path, tmp_path: Path) -> None:
    chain = Chain([pedalboard.Reverb(room_size=0.9)])
    render(worn, tmp_path / "out.wav", chain, tail_seconds=0.5)
    out = read(tmp_path / "out.wav")
    assert out.shape[1] == read(worn).shape[1] + round(0.5 * RATE)
    assert np.abs(out[:, -RATE // 4 :]).max() > 1e-4
    with pytest.raises(RenderError, match="length changes"):
        render(worn, tmp_path / "2.wav", chain, tail_seconds=1, difference=tmp_path / "d.wav")


def test_the_work_rate_leaves_length_and_alignment(worn: Path, tmp_path: Path) -> None:
    for rate in (32_000.0, 96_000.0):
        settings = ChainSettings(work_rate=rate, output=OutputSettings(subtype="FLOAT"))
        render(worn, tmp_path / f"{rate}.wav", Chain([], settings))
        out, given = read(tmp_path / f"{rate}.wav"), read(worn)
        assert out.shape == given.shape
        spectrum = np.fft.rfft(out[0]) * np.conj(np.fft.rfft(given[0]))
        assert int(np.argmax(np.fft.irfft(spectrum))) == 0


def test_another_output_rate(worn: Path, tmp_path: Path) -> None:
    difference = tmp_path / "d.wav"
    render(worn, tmp_path / "o.wav", Chain([Gain()]), sample_rate=48_000, difference=difference)
    assert soundfile.info(tmp_path / "o.wav").samplerate == 48_000
    whole = read(tmp_path / "o.wav") + read(difference)
    import soxr

    expected = soxr.resample(read(worn).T.astype(np.float32), RATE, 48_000, quality="VHQ").T
    assert np.abs(whole - expected[:, : whole.shape[1]]).max() < 1e-6


def test_the_ceiling_only_lowers(worn: Path, tmp_path: Path) -> None:
    loud = with_output(Chain([Gain(gain_db=12.0)]), ceiling_dbtp=-1.0)
    result = render(worn, tmp_path / "loud.wav", loud)
    assert result.true_peak_dbtp == pytest.approx(-1.0, abs=0.05)
    assert result.ceiling_gain_db < -3
    quiet = render(worn, tmp_path / "quiet.wav", with_output(Chain(), ceiling_dbtp=-0.1))
    assert quiet.ceiling_gain_db == 0
    assert np.array_equal(read(tmp_path / "quiet.wav"), read(worn))


@pytest.mark.parametrize("frames", [0, 1, 2, 511, 512, 513])
@pytest.mark.parametrize("engine", ["dawdreamer", "stream"])
def test_every_length_is_kept(tmp_path: Path, frames: int, engine: Any) -> None:
    source = write(tmp_path / "in.wav", worn_music(RATE, 1.0, 2)[:, 3000 : 3000 + frames])
    render(source, tmp_path / "out.wav", with_output(every_kind(), ceiling_dbtp=-1), engine=engine)
    assert read(tmp_path / "out.wav").shape == (2, frames)


def test_nothing_is_left_by_a_failing_render(worn: Path, tmp_path: Path) -> None:
    class Fails(Gain):
        def _push(self, block: Any) -> Any:
            if np.abs(block).max() > 0:
                return block * np.float32(np.nan)
            return block

    before = sorted(tmp_path.iterdir())
    with pytest.raises(AudioError, match="position"):
        render(worn, tmp_path / "out.wav", Chain([Fails()]), difference=tmp_path / "d.wav")
    assert sorted(tmp_path.iterdir()) == before


def test_a_fault_of_the_file_is_not_put_to_a_stage(tmp_path: Path) -> None:
    rows = worn_music(RATE, 0.5, 1)
    rows[0, 777] = np.nan
    source = write(tmp_path / "in.wav", rows, subtype="FLOAT")
    for chain in (Chain([Gain()]), Chain([Gain(), PeakTo()]), Chain([PeakTo()])):
        with pytest.raises(AudioError, match="777") as caught:
            render(source, tmp_path / "out.wav", chain)
        assert str(caught.value).startswith(str(source))


def test_targets_are_checked_before_any_work(worn: Path, tmp_path: Path) -> None:
    out = write(tmp_path / "out.wav", np.zeros((1, 10)))
    with pytest.raises(FileError, match="--force"):
        render(worn, out, Chain())
    with pytest.raises(FileError, match="never overwritten"):
        render(worn, worn, Chain(), force=True)
    with pytest.raises(FileError, match="one file"):
        render(worn, tmp_path / "x.wav", Chain(), difference=tmp_path / "x.wav")
    with pytest.raises(FileError, match="folder"):
        render(worn, tmp_path / "none" / "x.wav", Chain())
    with pytest.raises(RenderError, match="MP3"):
        render(worn, tmp_path / "x.mp3", Chain(), difference=tmp_path / "d.wav")
    render(worn, out, Chain(), force=True)
    assert np.array_equal(read(out), read(worn))


def test_progress_rises_to_one(worn: Path, tmp_path: Path) -> None:
    seen: list[Progress] = []
    render(worn, tmp_path / "out.wav", every_kind(), on_progress=seen.append)
    fractions = [progress.fraction for progress in seen]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert seen[-1].remaining == 0


def test_the_result_says_what_was_done(worn: Path, tmp_path: Path) -> None:
    chain = every_kind()
    chain.bypass("highpassfilter")
    result = render(worn, tmp_path / "out.flac", chain)
    assert [stage.engine for stage in result.stages] == ["restorack", "restorack", "pedalboard"]
    assert result.bypassed == ["highpassfilter"]
    assert (result.output_format, result.output_subtype) == ("FLAC", "PCM_24")
    assert result.to_dict()["stages"][0]["latency_samples"] == 999
    assert not chain["peakto"].is_prepared


def test_nested_and_parallel_racks_render(worn: Path, tmp_path: Path) -> None:
    chain = Chain([Parallel([[PeakTo(), Withholder()], [pedalboard.Invert(), PeakTo()]])])
    render(worn, tmp_path / "null.wav", with_output(chain, subtype="FLOAT"))
    assert not read(tmp_path / "null.wav").any()
