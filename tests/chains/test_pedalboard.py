"""Programs written for pedalboard: one import changes, and the samples stay."""

from __future__ import annotations

import copy
import io
import pickle
from pathlib import Path

import numpy as np
import pedalboard
import pytest
import soundfile
from pedalboard.io import AudioFile
from toys import Gain, PeakTo, Withholder

from restorack.chains import Chain, Parallel, Pedalboard
from restorack.errors import (
    AudioError,
    AudioTypeError,
    ParameterError,
    StreamWarning,
    UnknownAttributeError,
)
from restorack.testing.signals import worn_music

RATE = 44_100
AUDIO = worn_music(RATE, 0.7, 2)
VST3 = Path("/usr/lib/vst3")

PROGRAM = """
board = Pedalboard([HighpassFilter(60), Compressor(threshold_db=-24, ratio=4)])
board.append(Chorus())
board.insert(0, Gain(gain_db=-6))
board[1].cutoff_frequency_hz = 80
board.append(Mix([Gain(-3), Delay(0.1, mix=1.0)]))
board.append(load_plugin(PLUGIN)) if PLUGIN else None
del board[2]
board.append(Reverb(room_size=0.3))
result = board(AUDIO, RATE, buffer_size=1024)
again = board.process(AUDIO[0], sample_rate=RATE) if not PLUGIN else result
"""


def results_of(source: type, plugin: str) -> tuple[np.ndarray, np.ndarray]:
    names = vars(pedalboard) | {"Pedalboard": source, "AUDIO": AUDIO, "RATE": RATE}
    scope = dict(names, PLUGIN=plugin)
    exec(PROGRAM, scope)  # noqa: S102  ten lines of this file
    return scope["result"], scope["again"]


def test_the_same_program_gives_the_same_samples() -> None:
    for ours, theirs in zip(
        results_of(Pedalboard, ""), results_of(pedalboard.Pedalboard, ""), strict=True
    ):
        assert np.array_equal(ours, theirs)


def test_a_loaded_vst3_gives_the_same_samples() -> None:
    plugin = str(VST3 / "ZamCompX2.vst3")
    ours, theirs = results_of(Pedalboard, plugin), results_of(pedalboard.Pedalboard, plugin)
    assert np.array_equal(ours[0], theirs[0])


def test_a_loaded_vst3_takes_the_channels_of_the_stream() -> None:
    stereo = pedalboard.load_plugin(str(VST3 / "ZamCompX2.vst3"), {"threshold_db": -40.0})
    both = pedalboard.Pedalboard([stereo])(np.repeat(AUDIO[:1], 2, axis=0), RATE)
    mono = Chain(pedalboard.Gain(0), stereo)(AUDIO[0], RATE)
    assert np.array_equal(mono, both.mean(axis=0, dtype=np.float32))
    single = pedalboard.load_plugin(str(VST3 / "ZamComp.vst3"), {"threshold_db": -40.0})
    chain = Chain([single, Gain()])
    out = chain(AUDIO, RATE)
    for channel, row in zip(out, AUDIO, strict=True):
        assert np.array_equal(channel, Gain()(pedalboard.Pedalboard([single])(row, RATE), RATE))
    parts = [chain.process(AUDIO[:, at : at + 5000], RATE, reset=False) for at in (0, 5000)]
    parts += [chain.process(AUDIO[:, 10_000:], RATE, reset=False), chain.flush()]
    assert np.array_equal(np.concatenate(parts, axis=1), out)


def test_samples_first_is_taken_where_it_cannot_be_mistaken() -> None:
    board = Pedalboard([pedalboard.Reverb(), Withholder(samples=300)])
    expected = board(AUDIO, RATE)
    assert np.array_equal(board(AUDIO.T, RATE).T, expected)
    parts = [board.process(AUDIO[:, :20_000].T, RATE, reset=False)]
    parts += [board.process(AUDIO[:, at : at + 2].T, RATE, reset=False) for at in (20_000, 20_002)]
    parts += [board.process(AUDIO[:, 20_004:].T, RATE, reset=False), board.flush()]
    assert np.array_equal(np.concatenate(parts).T, expected)
    with pytest.raises(AudioError, match="transpose"):
        board(np.zeros((100, 100)), RATE)


def test_wrong_types_are_type_errors() -> None:
    board = Pedalboard()
    for attempt in (
        lambda: board.process([], "forty"),
        lambda: board.process([], RATE, "big"),
        lambda: board.process([], RATE, 1.5),
    ):
        with pytest.raises(AudioTypeError):
            attempt()
    with pytest.raises(AudioError):
        board.process([], RATE, 0)


def test_latency_beyond_ten_seconds_is_waited_for() -> None:
    from pedalboard_native._internal import AddLatency

    board = Pedalboard([pedalboard.Chain([AddLatency(12 * 8000), AddLatency(5)])])
    audio = AUDIO[:, :9000]
    assert np.array_equal(board(audio, 8000), audio)


def test_places_without_a_plugin() -> None:
    board = Pedalboard([None, Gain(gain_db=-3)])
    assert board[0] is None
    assert np.array_equal(board(AUDIO, RATE), Gain(gain_db=-3)(AUDIO, RATE))
    assert "with 2 plugins: [None, Gain(gain_db=-3.0)]" in repr(board)
    with pytest.raises(TypeError):
        Chain([None])


def test_stages_by_name_and_joined_chains() -> None:
    chain = Chain(Gain(), pedalboard.Reverb(), Withholder())
    assert "reverb" in chain
    assert "Reverb" in chain
    assert chain["GAIN"] is chain[0]
    chain["Reverb"] = PeakTo()
    assert chain.names == ["gain", "reverb", "withholder"]
    del chain["reverb"]
    chain.remove("withholder")
    longer = chain + Withholder() + [Gain()] + chain
    assert longer.names == ["gain", "withholder", "gain_2", "gain_3"]
    assert longer[0] is chain[0]
    assert (Withholder() + chain).names == ["withholder", "gain"]
    assert (pedalboard.Gain() + chain).names == ["gain", "gain_2"]
    longer += [Withholder()]
    assert len(longer) == 5
    assert len(chain) == 1


def test_copies_share_or_copy_their_stages() -> None:
    mix = pedalboard.Mix([pedalboard.Gain(-3), pedalboard.Delay(0.01)])
    chain = Chain([Gain(gain_db=-2), pedalboard.Compressor(-30, 3), mix, Chain([Withholder()])])
    chain.slots[1].automate("ratio", [(0, 2), (0.5, 5)])
    expected = chain(AUDIO, RATE)
    assert copy.copy(chain)[0] is chain[0]
    for other in (copy.deepcopy(chain), pickle.loads(pickle.dumps(chain))):  # noqa: S301  our own
        assert other.names == chain.names
        assert other[1] is not chain[1]
        assert np.array_equal(other(AUDIO, RATE), expected)


def test_what_cannot_be_copied_is_said() -> None:
    chain = Chain([pedalboard.load_plugin(str(VST3 / "ZamComp.vst3"))])
    with pytest.raises(TypeError, match=r"restorack\.load_plugin"):
        pickle.dumps(chain)


def test_unknown_attributes_name_the_nearest() -> None:
    chain = Chain([Gain()])
    for attempt in (
        lambda: setattr(chain[0], "gain_bd", 1),
        lambda: chain[0].gain_bd,
        lambda: setattr(chain.slots[0], "enabld", False),
        lambda: chain.slots[0].enabld,
        lambda: setattr(chain, "setings", 1),
    ):
        with pytest.raises(
            UnknownAttributeError, match=r"did you mean '(gain_db|enabled|settings)'"
        ):
            attempt()
    with pytest.raises(UnknownAttributeError, match="is a method"):
        chain.bypass = True  # type: ignore[method-assign, assignment]
    assert not hasattr(chain[0], "nothing")


def test_a_bypassed_stage_passes_its_input() -> None:
    chain = Chain([Gain(gain_db=-6), Withholder(samples=9)])
    chain[0].bypass = True
    assert not chain[0].enabled
    assert np.array_equal(chain(AUDIO, RATE), AUDIO)
    assert np.array_equal(chain[0](AUDIO, RATE), AUDIO)
    assert np.array_equal(chain[0].process(AUDIO, RATE, reset=False), AUDIO)
    chain.bypass("gain", bypassed=False)
    assert chain[0].enabled
    chain.slots[0].bypass = True
    assert not chain.slots[0].active
    chain.slots[0].bypass = False
    assert not np.array_equal(chain(AUDIO, RATE), AUDIO)


def waves() -> io.BytesIO:
    buffer = io.BytesIO()
    soundfile.write(buffer, AUDIO.T, RATE, format="WAV", subtype="FLOAT")
    buffer.seek(0)
    return buffer


@pytest.mark.parametrize("kind", ["pedalboard", "soundfile"])
def test_streams_of_open_files_lose_nothing(kind: str, tmp_path: Path) -> None:
    chain = Chain([Gain(gain_db=-3), pedalboard.Reverb(), Withholder(samples=777), PeakTo()])
    out = tmp_path / "out.wav"
    if kind == "pedalboard":
        with (
            AudioFile(waves()) as source,
            AudioFile(str(out), "w", RATE, 2, bit_depth=32) as target,
        ):
            assert chain.stream(source, target, block_size=1000) == AUDIO.shape[1]
    else:
        with (
            soundfile.SoundFile(waves()) as source,
            soundfile.SoundFile(out, "w", RATE, 2, "FLOAT") as target,
        ):
            assert chain.stream(source, target) == AUDIO.shape[1]
    written = soundfile.read(out, dtype="float32")[0].T
    assert np.allclose(written, chain(AUDIO, RATE), atol=1e-6)
    assert chain[3].peak is None, "a first pass made for one file is forgotten with it"


def test_blocks_into_an_open_file_are_flushed(tmp_path: Path) -> None:
    chain = Chain([Withholder(samples=777), pedalboard.Gain(-3)])
    out = tmp_path / "out.wav"
    with (
        AudioFile(waves()) as source,
        AudioFile(str(out), "w", RATE, 2, bit_depth=32) as target,
        chain.stream_to(target) as stream,
    ):
        while source.tell() < source.frames:
            stream.write(source.read(8192))
    written = soundfile.read(out, dtype="float32")[0].T
    assert np.allclose(written, chain(AUDIO, RATE), atol=1e-6)


def test_files_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    chain, other = Chain([Gain()]), str(tmp_path / "o.wav")
    with AudioFile(waves()) as source, AudioFile(other, "w", 48_000, 2) as target:
        with pytest.raises(AudioError, match=r"44100 Hz are read, 48000 Hz written"):
            chain.stream(source, target)
        with pytest.raises(TypeError, match=r"restorack\.render"):
            chain.stream(source, "out.wav")


def test_lost_samples_and_missing_passes_are_warned_of(recwarn: pytest.WarningsRecorder) -> None:
    def ended(**options: float) -> Withholder:
        stage = Withholder(samples=100, **options)
        stage.process(AUDIO, RATE, reset=False)
        return stage

    ended().flush()
    stage = Chain([PeakTo()])
    stage.prepare([AUDIO], RATE)
    stage.process(AUDIO, RATE, reset=False)
    stage.flush()
    assert not recwarn.list
    for end in (lambda s: s.reset(), lambda s: s(AUDIO, RATE), lambda s: None):
        with pytest.warns(StreamWarning, match="ended with 100 samples inside") as told:
            end(ended())
        assert told[0].filename == __file__
    with pytest.warns(StreamWarning, match="Chain: streams without its first pass"):
        Chain([PeakTo()]).process(AUDIO, RATE, reset=False)


def test_opposite_of_a_mix_of_theirs() -> None:
    """What pedalboard's Mix of Pedalboards is with ours."""
    theirs = pedalboard.Pedalboard(
        [pedalboard.Mix([pedalboard.Chain([pedalboard.Gain(-3)]), pedalboard.Delay(0.01)])]
    )
    ours = Parallel([Pedalboard([pedalboard.Gain(-3)]), [pedalboard.Delay(0.01)]])
    assert np.allclose(ours(AUDIO, RATE), theirs(AUDIO, RATE), atol=1e-6)


def test_saving_a_chain(tmp_path: Path) -> None:
    from restorack.plugins.air import Air
    from restorack.presets import load_preset

    Chain(Air(amount_db=3), pedalboard.Gain(-3)).save(tmp_path / "bright.yaml", description="Air.")
    loaded = load_preset(tmp_path / "bright.yaml")
    assert loaded.settings.name == "bright"
    assert loaded.settings.description == "Air."
    assert loaded["air"].amount_db == 3
    loaded["air"].bypass = True
    loaded.save(tmp_path / "bright.yaml", force=True)
    assert not load_preset(tmp_path / "bright.yaml").slots[0].enabled


def test_positional_arguments_name_the_class() -> None:
    with pytest.raises(TypeError, match=r"Gain takes its parameters by name: Gain\(gain_db=3\)"):
        Gain(3)
    with pytest.raises(ParameterError, match="did you mean 'gain_db'"):
        Gain(gain_bd=3)


def test_the_page_for_those_who_come_from_pedalboard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (Path(__file__).parents[2] / "docs" / "tutorials" / "pedalboard.md").read_text()
    first, streams, mixes = (part.split("```")[0] for part in text.split("```python\n")[1:])
    monkeypatch.chdir(tmp_path)
    soundfile.write("worn.wav", AUDIO.T, RATE)
    scope = dict(vars(pedalboard), audio=AUDIO, sample_rate=RATE)
    quick = first.replace("Declicker(sensitivity=0.7)", "Air(amount_db=3)")
    *imports, ours = filter(None, mixes.splitlines())
    mixed = "\n".join([*imports, f"mixed = {ours}"])
    for code in (quick.replace("Declicker", "Air"), streams, mixed):
        exec(code, scope)  # noqa: S102  our own page
    assert scope["restored"].shape == scope["mixed"](AUDIO, RATE).shape == AUDIO.shape
    assert soundfile.info("restored.wav").frames == AUDIO.shape[1]
