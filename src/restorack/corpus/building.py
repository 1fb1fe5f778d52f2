"""Build a corpus: plan its pieces, make them in several processes, note down what came out."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from restorack.corpus.catalogue import (
    CATALOGUE,
    Piece,
    Split,
    add_to_catalogue,
    read_catalogue,
    summarise_sources,
)
from restorack.corpus.finishing import held_out_of, split_of
from restorack.corpus.fluidsynth import find_soundfonts
from restorack.corpus.jobs import Format, Job, PhraseJob, RecordingJob, RenderJob
from restorack.corpus.notes import score_names, varied_order
from restorack.corpus.phrases import instruments_of
from restorack.corpus.recordings import Recording, read_recordings
from restorack.corpus.workers import behave_as_worker
from restorack.errors import CorpusError, RestorackError
from restorack.io.atomic import write_whole

FAILURES, LICENCES = "failed.jsonl", "LICENCES.md"
PHRASE_S, NOTES_PER_PHRASE = 30.0, 6
"""A phrase of half a minute for every six notes of an instrument."""


@dataclass(frozen=True)
class Plan:
    """What is built.

    Attributes
    ----------
    minutes : float
        Of rendered scores; 0 for none.
    recordings : tuple of Path
        Folders with a table of sources.
    seconds : float
        The longest stretch of a score.
    validation_share : float
        Share of works that is held out.
    seed : int
    """

    minutes: float = 300.0
    recordings: tuple[Path, ...] = ()
    seconds: float = 60.0
    validation_share: float = 0.1
    seed: int = 0


@dataclass
class Built:
    """What came of it.

    Attributes
    ----------
    added, skipped : int
        Pieces that were made, and that were there already.
    failed : dict of str to str
        Reasons, by key.
    rendered : float
        Seconds of rendered scores in the whole corpus.
    minutes : dict of str to float
        By kind and split, of the whole corpus.
    """

    added: int = 0
    skipped: int = 0
    rendered: float = 0.0
    failed: dict[str, str] = field(default_factory=dict)
    minutes: dict[str, float] = field(default_factory=dict)


OnPiece = Callable[[str, float, int], None]
"""Told of each piece: its key, the share of the work that is done, the number of failures."""


def build_corpus(
    folder: Path, plan: Plan, form: Format, *, jobs: int = 1, on_piece: OnPiece | None = None
) -> Built:
    """Build a corpus, or go on with one.

    Parameters
    ----------
    folder : Path
        Made if need be. What its catalogue has already is not made again.
    plan : Plan
    form : Format
    jobs : int
        Processes; 0 makes everything in this one.
    on_piece : callable, optional

    Raises
    ------
    CorpusError
        Where FluidSynth, a soundfont, music21 or a table of sources is missing, or nothing came
        out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pieces = known_pieces(folder)
    known, failed = {piece.key for piece in pieces}, read_failures(folder)
    fixed = [one for one in recorded_jobs(plan) if one.key not in known and one.key not in failed]
    scores = (one for one in score_jobs(plan) if one.key not in known and one.key not in failed)
    built = Built(skipped=len(known), failed=failed)
    built.rendered = sum(piece.seconds for piece in pieces if piece.kind == "render")
    wanted = max(1.0, 60.0 * plan.minutes)
    work = _Work(form, jobs)
    try:
        for done, (job, made) in enumerate(work.results(iter(fixed)), 1):
            _noted(folder, job, made, built)
            _tell(on_piece, job, 0.1 * done / len(fixed), built)
        for job, made in work.results(scores, lambda: built.rendered >= wanted):
            _noted(folder, job, made, built)
            _tell(on_piece, job, 0.1 + 0.9 * min(1.0, built.rendered / wanted), built)
    finally:
        work.close()
    pieces = known_pieces(folder)
    if not pieces:
        reasons = next(iter(built.failed.values()), "")
        raise CorpusError("nothing came out", where=str(folder), rule=reasons)
    built.minutes = minutes_by_kind(pieces)
    write_licences(folder, pieces)
    return built


def recorded_jobs(plan: Plan) -> Iterator[Job]:
    """Yield the pieces that are made from the plan's folders of recordings."""
    for folder in plan.recordings:
        recordings = read_recordings(folder)
        source = folder.resolve().name
        whole = [one for one in recordings if one.kind != "notes"]
        held_out = held_out_of({one.work for one in whole}, plan.validation_share)
        for one in whole:
            yield RecordingJob(one, source, "validation" if one.work in held_out else "train")
        yield from _phrases([one for one in recordings if one.kind == "notes"], source, plan)


def score_jobs(plan: Plan) -> Iterator[Job]:
    """Yield renders of scores in a random order, each once, then again on other fonts."""
    if plan.minutes <= 0:
        return
    soundfonts = find_soundfonts()
    rng = np.random.default_rng([plan.seed, 1])
    names = varied_order(score_names(), rng)
    for turn in range(len(soundfonts)):
        for number, name in enumerate(names):
            font = soundfonts[(number + turn) % len(soundfonts)]
            split = split_of(name, plan.validation_share)
            yield RenderJob(name, font, split, plan.seed, plan.seconds)


def known_pieces(folder: Path) -> list[Piece]:
    """Return what a corpus has already; nothing where there is none yet."""
    return read_catalogue(folder) if (folder / CATALOGUE).exists() else []


def read_failures(folder: Path) -> dict[str, str]:
    """Return what could not be made, with the reasons: it is not tried again."""
    path = folder / FAILURES
    if not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    rows = (json.loads(line) for line in lines if line.endswith("\n"))
    return {str(row["key"]): str(row["reason"]) for row in rows}


def minutes_by_kind(pieces: Sequence[Piece]) -> dict[str, float]:
    """Return minutes by ``kind/split``."""
    found: dict[str, float] = {}
    for piece in pieces:
        name = f"{piece.kind}/{piece.split}"
        found[name] = found.get(name, 0.0) + piece.seconds / 60.0
    return {name: round(minutes, 1) for name, minutes in sorted(found.items())}


def write_licences(folder: Path, pieces: Sequence[Piece]) -> None:
    """Write ``LICENCES.md``: what the corpus is made of, whose it is, and on what terms."""
    rows = [
        f"| {row['source']} | {row['minutes']:.1f} | {row['licence']} | {row['attribution']} |"
        for row in summarise_sources(pieces)
    ]
    head = ["# What this corpus is made of", ""]
    head += ["| source | minutes | licence | attribution |", "|---|---|---|---|"]
    write_whole(folder / LICENCES, "\n".join([*head, *rows, ""]).encode())


def _phrases(notes: list[Recording], source: str, plan: Plan) -> Iterator[Job]:
    instruments = instruments_of(notes)
    # An instrument's room and microphone are those of all its notes: it is held out as one.
    held_out = held_out_of({one.name for one in instruments}, plan.validation_share)
    for instrument in instruments:
        count = len(instrument.recordings)
        split: Split = "validation" if instrument.name in held_out else "train"
        for number in range(max(1, count // NOTES_PER_PHRASE)):
            yield PhraseJob(instrument, source, split, 1000 * plan.seed + number, PHRASE_S)


def _noted(folder: Path, job: Job, made: Piece | str, built: Built) -> None:
    """Write down what came of a piece."""
    if isinstance(made, Piece):
        add_to_catalogue(folder, made)
        built.added += 1
        built.rendered += made.seconds if made.kind == "render" else 0.0
        return
    built.failed[job.key] = made
    with (folder / FAILURES).open("a", encoding="utf-8") as file:
        file.write(f"{json.dumps({'key': job.key, 'reason': made})}\n")


def _tell(on_piece: OnPiece | None, job: Job, share: float, built: Built) -> None:
    if on_piece is not None:
        on_piece(job.key, share, len(built.failed))


class _Work:
    """Makes pieces in other processes, in order; one that dies is a piece's failure."""

    def __init__(self, form: Format, processes: int) -> None:
        self._form, self._processes = form, processes
        self._executor: ProcessPoolExecutor | None = None

    def results(
        self, jobs: Iterator[Job], enough: Callable[[], bool] = lambda: False
    ) -> Iterator[tuple[Job, Piece | str]]:
        """Yield each job with its piece, or the reason why there is none."""
        if not self._processes:
            while not enough() and (job := next(jobs, None)) is not None:
                yield job, _made(job, self._form)
            return
        waiting: deque[tuple[Job, Future[Piece | str]]] = deque()
        while True:
            while not enough() and len(waiting) < 2 * self._processes:
                job = next(jobs, None)
                if job is None:
                    break
                waiting.append((job, self._submit(job)))
            if not waiting:
                return
            job, future = waiting.popleft()
            try:
                made = future.result()
            except BrokenProcessPool:
                self.close()
                made = self._alone(job)
                waiting = deque((other, self._submit(other)) for other, _ in waiting)
            yield job, made

    def close(self) -> None:
        """End the processes."""
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None

    def _submit(self, job: Job) -> Future[Piece | str]:
        if self._executor is None:
            self._executor = _executor(self._processes)
        return self._executor.submit(_made, job, self._form)

    def _alone(self, job: Job) -> Piece | str:
        """Make a piece in a process of its own: it may be what made the others die."""
        with _executor(1) as executor:
            try:
                return executor.submit(_made, job, self._form).result()
            except BrokenProcessPool:
                return "the process that made it died"


def _executor(processes: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(processes, get_context("spawn"), initializer=behave_as_worker)


def _made(job: Job, form: Format) -> Piece | str:
    try:
        return job.make(form)
    except RestorackError as error:
        return str(error)
