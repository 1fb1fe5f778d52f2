"""Tuning finds what was hidden, the same each time; it goes on from where it was, and says why."""

from __future__ import annotations

import json

import numpy as np
import pedalboard
import pytest
import soundfile

from restorack import Chain, SpectralShaper, TuneOptions, load_preset, tune, vst3
from restorack.analysis.condition import RULES
from restorack.errors import AudioError, FileError, ParameterError
from restorack.tuning.knobs import knobs_of
from restorack.tuning.objectives import severity
from restorack.tuning.prior import UNKNOWN_SPREAD, expectations

RATE = 44_100
VARY = ["peakfilter.cutoff_frequency_hz=200..5000", "peakfilter.gain_db=-12..12"]


@pytest.fixture(scope="module")
def strokes():
    """Return 2 s of noise in strokes, in stereo."""
    at = np.arange(2 * RATE) / RATE
    noise = np.random.default_rng(0).standard_normal((2, at.size))
    return (0.1 * noise * (0.1 + np.exp(-(at % 0.4) / 0.08))).astype(np.float32)


def written(path, rows):
    soundfile.write(path, rows.T, RATE, subtype="FLOAT")
    return path


@pytest.fixture
def hidden(strokes, tmp_path):
    """Return a recording, and the same through an equaliser that is to be found."""
    equalised = pedalboard.Pedalboard([pedalboard.PeakFilter(1_200, 6.0, 1.0)])(strokes, RATE)
    return written(tmp_path / "plain.wav", strokes), written(tmp_path / "eq.wav", equalised)


def flat():
    return Chain([pedalboard.PeakFilter(600, 0.0, 1.0)])


def quick(**changes):
    return TuneOptions(**({"trials": 90, "seconds": 1.0} | changes))


def test_it_finds_a_hidden_equaliser_within_1_db(hidden, tmp_path):
    found = tune(flat(), tmp_path / "out.yaml", VARY, pairs=[hidden], options=quick())
    hz, gain_db = found.best.values
    assert abs(gain_db - 6.0) < 1.0
    assert 1_100 < hz < 1_300
    chain = load_preset(tmp_path / "out.yaml")
    assert chain["peakfilter"].gain_db == pytest.approx(gain_db, abs=1e-4)
    kept = json.loads((tmp_path / "out.history.json").read_text())
    assert kept["status"] == "done"
    assert len(kept["trials"]) == len(found.trials)
    assert min(one["objective"] + one["prior"] for one in kept["trials"]) == found.best.loss


def test_it_finds_it_by_sound_alone(hidden, tmp_path):
    plain, equalised = hidden
    found = tune(
        flat(), tmp_path / "out.yaml", VARY, inputs=[plain], references=[equalised],
        options=quick(seconds=2.0),
    )  # fmt: skip
    assert abs(found.best.values[1] - 6.0) < 1.0


@pytest.mark.slow
def test_it_finds_the_threshold_of_a_hidden_vst3_within_2_db(strokes, tmp_path):
    settings = {"ratio": 4.0, "attack_ms": 10.0, "release_ms": 80.0}
    pressed = Chain([vst3("ZamCompX2", threshold_db=-27.0, **settings)]).process(strokes, RATE)
    pair = written(tmp_path / "a.wav", strokes), written(tmp_path / "b.wav", pressed)
    chain = Chain([vst3("ZamCompX2", threshold_db=-10.0, **settings)])
    found = tune(
        chain, tmp_path / "out.yaml", ["zamcompx2.threshold_db=-50..0"], pairs=[pair],
        options=quick(trials=36),
    )  # fmt: skip
    assert abs(found.best.values[0] + 27.0) < 2.0


def test_the_same_seed_gives_the_same_search_and_another_another(hidden, tmp_path):
    def values(name, seed):
        options = quick(trials=20, seed=seed)
        found = tune(flat(), tmp_path / name, VARY, pairs=[hidden], options=options)
        return [trial.values for trial in found.trials]

    assert values("a.yaml", 1) == values("b.yaml", 1)
    assert values("c.yaml", 2) != values("d.yaml", 1)


def test_a_search_that_was_cut_goes_on_with_the_same_result(hidden, tmp_path):
    whole = tune(flat(), tmp_path / "w.yaml", VARY, pairs=[hidden], options=quick(trials=40))

    class CutError(Exception):
        pass

    def cut(count, _):
        if count == 25:
            raise CutError

    out = tmp_path / "out.yaml"
    with pytest.raises(CutError):
        tune(flat(), out, VARY, pairs=[hidden], options=quick(trials=40), on_trial=cut)
    assert not out.exists()
    kept = json.loads((tmp_path / "out.history.json").read_text())
    assert 7 <= len(kept["trials"]) < 25
    again = tune(flat(), out, VARY, pairs=[hidden], options=quick(trials=40, resume=True))
    assert again.trials == whole.trials
    other = quick(trials=40, resume=True, seed=5, force=True)
    with pytest.raises(FileError, match="another search"):
        tune(flat(), out, VARY, pairs=[hidden], options=other)


def test_known_trials_are_not_made_again(hidden, tmp_path, monkeypatch):
    out = tmp_path / "out.yaml"
    first = tune(flat(), out, VARY, pairs=[hidden], options=quick(trials=20))
    chain = flat()
    monkeypatch.setattr(Chain, "process", None)
    options = quick(trials=20, resume=True, force=True)
    assert tune(chain, out, VARY, pairs=[hidden], options=options).trials == first.trials


def test_a_grid_is_searched_whole(hidden, tmp_path):
    options = quick(method="grid", grid=5, trials=1)
    found = tune(flat(), tmp_path / "o.yaml", VARY, pairs=[hidden], options=options)
    assert len(found.trials) == 1 + 25
    assert found.best.values[1] == 6.0
    with pytest.raises(ParameterError, match="combinations"):
        tune(flat(), tmp_path / "p.yaml", VARY, pairs=[hidden],
             options=quick(method="grid", grid=200))  # fmt: skip


def test_the_prior_keeps_what_nothing_speaks_against(hidden, tmp_path):
    plain, _ = hidden
    free, bound = (
        tune(flat(), tmp_path / f"{prior}.yaml", VARY[1:], inputs=[plain], references=[hidden[1]],
             options=quick(prior=prior, trials=40))
        for prior in (0.0, 50.0)
    )  # fmt: skip
    assert abs(bound.best.values[0]) < 0.5 * abs(free.best.values[0])


def test_the_shipped_presets_say_how_far_a_parameter_is_moved():
    chain = load_preset("78rpm")
    knobs = knobs_of(chain, ["declicker.sensitivity", "derumble.mix"])
    known, unknown = expectations(chain, knobs)
    assert known.presets > 1
    assert known.spread < UNKNOWN_SPREAD == unknown.spread
    assert known.centre == pytest.approx(knobs[0].place(chain["declicker"].sensitivity))
    assert known.surprise(known.centre) == 0.0


def test_the_analysis_judges_without_a_reference(strokes, tmp_path):
    hum = 0.2 * np.sin(2 * np.pi * 25.0 * np.arange(strokes.shape[1]) / RATE)
    rumbling = written(tmp_path / "a.wav", (strokes + hum).astype(np.float32))
    chain = Chain([SpectralShaper(low_hz=0.0)])
    found = tune(chain, tmp_path / "o.yaml", ["spectralshaper.low_hz=0..80"], inputs=[rumbling],
                 options=quick(method="grid", grid=5, seconds=2.0, prior=0.0))  # fmt: skip
    assert found.best.values[0] >= 60.0
    assert found.best.objective < found.trials[0].objective


def test_severity_is_between_the_limits_of_the_conditions():
    by_name = {rule.figure: rule for rule in RULES}
    snr, clicks = by_name["noise.snr_db"], by_name["clicks.at_least_per_second"]
    assert [severity(snr, value) for value in (80.0, 36.0, 26.0, 16.0, 3.0)] == [0, 1, 2, 3, 3]
    assert 1.0 < severity(snr, 30.0) < 2.0
    assert [severity(clicks, value) for value in (0.0, 0.3, 12.0, 99.0)] == [0, 1, 3, 3]
    assert severity(clicks, None) == 0.0


@pytest.mark.parametrize(
    ("vary", "said"),
    [
        (["peakfilter.gain_db"], "no range of their own"),
        (["peakfilter.gain_db=3..1"], "LOW is below HIGH"),
        (["peakfilter.gain_db=a..b"], "LOW..HIGH"),
        (["peakfilter.gain=0..1"], "gain_db"),
        (["peak.gain_db=0..1"], "peakfilter"),
        (["gain_db"], "STAGE.PARAM"),
        ([], "nothing to tune"),
        (["peakfilter.q=1..2", "peakfilter.q=1..3"], "twice"),
    ],
)
def test_wrong_parameters_are_named(hidden, tmp_path, vary, said):
    with pytest.raises(ParameterError) as caught:
        tune(flat(), tmp_path / "o.yaml", vary, pairs=[hidden], options=quick())
    assert said in str(caught.value)
    assert not list(tmp_path.glob("o.*"))


def test_wrong_aims_are_named(hidden, strokes, tmp_path):
    plain, _ = hidden
    short = written(tmp_path / "short.wav", strokes[:, : RATE // 2])
    out = tmp_path / "o.yaml"
    with pytest.raises(AudioError, match="differ"):
        tune(flat(), out, VARY, pairs=[(plain, short)], options=quick(seconds=0.5))
    with pytest.raises(ParameterError, match="either pairs"):
        tune(flat(), out, VARY, pairs=[hidden], inputs=[plain])
    with pytest.raises(ParameterError, match="either pairs"):
        tune(flat(), out, VARY)
    with pytest.raises(ParameterError, match="snr_db"):
        tune(flat(), out, VARY, pairs=[hidden], options=quick(metric="snr"))
    with pytest.raises(ParameterError, match="trials"):
        tune(flat(), out, VARY, pairs=[hidden], options=quick(trials=0))
    out.write_text("mine")
    with pytest.raises(FileError, match="exists"):
        tune(flat(), out, VARY, pairs=[hidden], options=quick())
    assert out.read_text() == "mine"
