"""Tune a preset: search its parameters, and write the best."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path

from restorack.chains import Chain
from restorack.errors import ParameterError, RestorackError
from restorack.io.atomic import check_writable
from restorack.plugins.matching.match import reference_profile
from restorack.presets import dump_preset, load_preset
from restorack.presets.overrides import defer_checks
from restorack.tuning.history import History, KnobEntry, Trial, read_history, recipe_of
from restorack.tuning.knobs import Knob, knobs_of, set_knobs
from restorack.tuning.objectives import (
    AnalysisObjective,
    Excerpt,
    Objective,
    PairObjective,
    StyleObjective,
    mean_loss,
    read_excerpt,
    read_pair,
)
from restorack.tuning.prior import Expectation, expectations
from restorack.tuning.search import CmaSearch, Floats, GridSearch, Search

METHODS = ("cma", "grid")

PRIOR = 0.05
"""What a parameter costs that is one spread away from the preset's value, in the unit of the loss
(dB): a clear gain outweighs it, noise does not. By hand."""
FAILED = 1e6
"""What the search hears of a chain that failed: worse than anything."""
MOST_TRIALS = 100_000
"""More take days, and the history a hundred MB. By hand."""

PathLikeStr = str | PathLike[str]
OnTrial = Callable[[int, History], None]


@dataclass(frozen=True)
class TuneOptions:
    """How a search is made; see :func:`tune`."""

    metric: str = "snr_db"
    trials: int = 200
    method: str = "cma"
    grid: int = 7
    prior: float = PRIOR
    seed: int = 0
    seconds: float = 10.0
    resume: bool = False
    force: bool = False

    def check(self) -> None:
        """Raise :class:`ParameterError` for values out of range."""
        if self.method not in METHODS:
            raise ParameterError(f"method {self.method!r}", rule=f"one of {', '.join(METHODS)}")
        if not 1 <= self.trials <= MOST_TRIALS:
            raise ParameterError(f"{self.trials} trials", rule=f"1 to {MOST_TRIALS}")
        if not (0.0 <= self.prior <= 100.0 and 0.5 <= self.seconds <= 600.0):
            raise ParameterError(
                f"prior {self.prior}, seconds {self.seconds}",
                rule="a prior of 0 to 100, excerpts of 0.5 to 600 seconds",
            )


def tune(
    preset: PathLikeStr | Chain,
    output: PathLikeStr,
    vary: Sequence[str] = (),
    *,
    pairs: Sequence[tuple[PathLikeStr, PathLikeStr]] = (),
    inputs: Sequence[PathLikeStr] = (),
    references: Sequence[PathLikeStr] = (),
    options: TuneOptions | None = None,
    on_trial: OnTrial | None = None,
) -> History:
    """Search the parameters of a preset without gradients, and write the best as a preset.

    Parameters
    ----------
    preset : path-like or Chain
        A preset's name or path, or a chain; any stages, hosted plugins included.
    output : path-like
        The preset that is written; beside it ``NAME.history.json`` has all trials.
    vary : sequence of str
        ``STAGE.PARAM`` or ``STAGE.PARAM=LOW..HIGH``; by default all numbers that the preset sets
        of restorack's stages.
    pairs : sequence of (degraded, clean)
        Towards these by ``options.metric``.
    inputs : sequence of path-like
        Recordings that are processed; with ``references`` towards how those sound, else by
        our analysis: what it finds wrong, and how far the tone has moved.
    references : sequence of path-like
        Audio files or folders of them.
    options : TuneOptions, optional
        ``metric`` of pairs; ``trials`` at most (a grid is searched whole); ``method`` (``cma`` or
        ``grid``), ``grid`` points a parameter; ``prior`` weight of the spread of the shipped
        presets around the preset's own values; ``seed``; ``seconds`` of the middle of every
        recording; ``resume`` from the history beside the output; ``force`` replaces files.
    on_trial : callable, optional
        Gets the number of trials and the history after every trial.

    Returns
    -------
    History

    Raises
    ------
    ParameterError
        For parameters that are not there, ranges, and options that do not fit.
    AudioError, FileError
        For recordings and files that cannot be used.
    """
    chosen = options or TuneOptions()
    chosen.check()
    chain = preset if isinstance(preset, Chain) else load_preset(preset)
    defer_checks(chain)
    knobs = knobs_of(chain, vary)
    excerpts, objective = _aims(pairs, inputs, references, chosen)
    target, record = Path(output), history_path(Path(output))
    sources = [one for pair in pairs for one in pair] + list(inputs)
    check_writable(target, force=chosen.force, sources=sources)
    check_writable(record, force=chosen.force or chosen.resume, sources=sources)
    expected = expectations(chain, knobs)
    history = _begun(chain, knobs, expected, excerpts, objective, chosen, references)
    known = read_history(record, history.recipe) if chosen.resume and record.exists() else []
    bench = _Bench(chain, knobs, expected, excerpts, objective, chosen.prior)
    _search(bench, history, known, chosen, record, on_trial)
    best = history.best
    if best is None:
        raise ParameterError(
            f"all {len(history.trials)} trials failed: {history.trials[-1].remark}",
            rule="a chain that works with some of the values",
        )
    set_knobs(chain, knobs, best.values)
    said = f"Tuned from {chain.settings.name or 'a chain'}: {objective.name}, "
    start = history.trials[0].objective
    said += f"{'failed' if start is None else f'{start:.4g}'} to {best.objective:.4g}."
    chain.settings = replace(chain.settings, advice=())
    chain.save(target, name=target.stem, description=said, force=chosen.force)
    history.status = "done"
    history.save(record)
    return history


def history_path(output: Path) -> Path:
    """Return where the history of a tuned preset is."""
    return output.with_name(f"{output.stem}.history.json")


def _aims(
    pairs: Sequence[tuple[PathLikeStr, PathLikeStr]],
    inputs: Sequence[PathLikeStr],
    references: Sequence[PathLikeStr],
    options: TuneOptions,
) -> tuple[list[Excerpt], Objective]:
    """Return what is processed, and what is better."""
    if bool(pairs) == bool(inputs) or (pairs and references):
        raise ParameterError(
            f"{len(pairs)} pairs, {len(inputs)} inputs, {len(references)} references",
            rule="either pairs, or inputs with or without references",
        )
    if pairs:
        made = [read_pair(Path(one), Path(two), options.seconds) for one, two in pairs]
        return made, PairObjective(options.metric)
    excerpts = [Excerpt(*read_excerpt(Path(one), options.seconds)) for one in inputs]
    if references:
        return excerpts, StyleObjective(reference_profile([Path(one) for one in references]))
    return excerpts, AnalysisObjective()


def _begun(
    chain: Chain, knobs: Sequence[Knob], expected: Sequence[Expectation],
    excerpts: Sequence[Excerpt], objective: Objective, options: TuneOptions,
    references: Sequence[PathLikeStr],
) -> History:  # fmt: skip
    sounds = [part.tobytes() for one in excerpts for part in (one.rows, one.clean)
              if part is not None]  # fmt: skip
    recipe = recipe_of(
        dump_preset(chain), knobs, objective.name, options.method, options.grid, options.prior,
        options.seed, [str(one) for one in references], *sounds,
    )  # fmt: skip
    return History(
        preset=chain.settings.name or "chain", objective=objective.name, method=options.method,
        seed=options.seed, prior_weight=options.prior, recipe=recipe,
        knobs=[
            KnobEntry(name=knob.name, low=knob.low, high=knob.high, start=knob.start,
                      presets=one.presets, centre=one.centre, spread=one.spread)
            for knob, one in zip(knobs, expected, strict=True)
        ],
    )  # fmt: skip


class _Bench:
    """Makes trials."""

    def __init__(
        self, chain: Chain, knobs: Sequence[Knob], expected: Sequence[Expectation],
        excerpts: Sequence[Excerpt], objective: Objective, prior: float,
    ) -> None:  # fmt: skip
        self._chain, self.knobs, self._expected = chain, knobs, expected
        self._excerpts, self._objective, self._prior = excerpts, objective, prior

    def trial(self, values: list[float]) -> Trial:
        """Process the excerpts with some values, and judge what comes out."""
        places = [knob.place(value) for knob, value in zip(self.knobs, values, strict=True)]
        surprises = [one.surprise(at) for one, at in zip(self._expected, places, strict=True)]
        prior = self._prior * sum(surprises)
        try:
            set_knobs(self._chain, self.knobs, values)
            outs = [self._chain.process(one.rows, one.sample_rate) for one in self._excerpts]
            objective = mean_loss(self._objective, self._excerpts, outs)
        except RestorackError as error:
            return Trial(values=values, objective=None, prior=prior, remark=str(error)[:300])
        if not math.isfinite(objective):
            return Trial(values=values, objective=None, prior=prior, remark="no finite loss")
        return Trial(values=values, objective=objective, prior=prior)


def _search(
    bench: _Bench, history: History, known: Sequence[Trial], options: TuneOptions, record: Path,
    on_trial: OnTrial | None,
) -> None:  # fmt: skip
    """Make trials until the search or its budget ends; known ones are not made again."""
    start = [knob.start for knob in bench.knobs]
    places = [knob.place(value) for knob, value in zip(bench.knobs, start, strict=True)]
    search: Search = (
        CmaSearch(places, options.seed)
        if options.method == "cma"
        else GridSearch(len(start), options.grid)
    )
    left = list(known)

    def made(values: list[float]) -> Trial:
        trial = left.pop(0) if left and left[0].values == values else bench.trial(values)
        history.trials.append(trial)
        if on_trial is not None:
            on_trial(len(history.trials), history)
        return trial

    made(start)
    most = options.trials if options.method == "cma" else MOST_TRIALS
    while len(history.trials) < most and (asked := search.ask()):
        losses = [made(_values(bench.knobs, one)).loss for one in asked]
        search.tell(asked, [loss if math.isfinite(loss) else FAILED for loss in losses])
        history.save(record)


def _values(knobs: Sequence[Knob], places: Floats) -> list[float]:
    return [knob.value(float(place)) for knob, place in zip(knobs, places, strict=True)]
