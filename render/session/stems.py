"""One preset over a folder of stems: names, lengths and alignment kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import replace
from os import PathLike
from pathlib import Path

import numpy as np

from restorack.chains import Chain
from restorack.dsp.arrays import Rows
from restorack.errors import FileError, RenderError
from restorack.io.audio_files import is_audio_name
from restorack.io.output_formats import OUTPUT_SUFFIXES
from restorack.io.reader import AudioReader
from restorack.render.api import check_targets, render
from restorack.render.block_reader import BlockReader, pieces
from restorack.render.plan import Engine, RenderOptions, make_plan
from restorack.render.progress import OnProgress
from restorack.render.result import RenderResult
from restorack.render.source import BLOCK

Watch = Callable[[Path, str], AbstractContextManager[OnProgress | None]]
"""Makes what follows a stem's progress: its file, and its place such as ``3/8``."""


def find_stems(folder: str | PathLike[str]) -> list[Path]:
    """Return a folder's audio files by name; hidden ones and folders in it are left out.

    Raises
    ------
    FileError
        Where the folder does not exist or holds none.
    """
    path = Path(folder)
    if not path.is_dir():
        raise FileError("is not a folder", where=str(path), rule="stems lie in one folder")
    found = [file for file in sorted(path.iterdir()) if file.is_file() and is_audio_name(file.name)]
    if not found:
        raise FileError("holds no audio files", where=str(path), remedy="name a folder of stems")
    return found


def apply_to_stems(
    folder: str | PathLike[str],
    chain: Chain,
    output: str | PathLike[str],
    *,
    link: bool = False,
    engine: Engine = "auto",
    force: bool = False,
    strict: bool = False,
    watch: Watch | None = None,
) -> list[RenderResult]:
    """Render every stem of a folder through one chain.

    Each output has its stem's name, rate, channels and length, so that the outputs stand together
    as the stems did. The preset's ceiling is left out: a gain per stem would change the balance.

    Parameters
    ----------
    folder, output : path-like
        ``output`` is made, if its parent exists.
    chain : Chain
        Of any preset that changes neither length nor rate.
    link : bool
        Stages that hear a file before they begin (noise, loudness) hear the sum of all stems, and
        do the same to each; the stems must have one rate and one number of channels.
    engine, force, strict
        As of :func:`restorack.render.api.render`.
    watch : callable, optional

    Returns
    -------
    list of RenderResult
        In the order of the names.

    Raises
    ------
    RenderError
        For a chain that changes length or rate, and for linked stems that differ in kind.
    RestorackError
        For a stem that cannot be read, rendered or written; the stems before it are done.
    """
    sources = find_stems(folder)
    _refuse_changes(chain)
    target = Path(output)
    if not target.parent.is_dir():
        raise FileError("the folder does not exist", where=str(target.parent))
    settings = chain.settings
    bare = Chain(settings=replace(settings, output=replace(settings.output, ceiling_dbtp=None)))
    bare.slots = chain.slots
    options = RenderOptions(engine=engine, force=force, strict=strict)
    jobs = [(source, target / _named(source)) for source in sources]
    made = not target.exists()
    target.mkdir(parents=True, exist_ok=True)
    try:
        for source, out in jobs:
            with AudioReader(source) as reader:
                check_targets(make_plan(reader, out, bare, options), options)
    except BaseException:
        if made:
            target.rmdir()
        raise
    try:
        if link:
            _prepare_on_sum(bare, sources)
        return _render_all(jobs, bare, options, watch)
    finally:
        bare.forget()


def _render_all(
    jobs: Sequence[tuple[Path, Path]], chain: Chain, options: RenderOptions, watch: Watch | None
) -> list[RenderResult]:
    results = []
    for number, (source, out) in enumerate(jobs, 1):
        following = watch(source, f"{number}/{len(jobs)}") if watch else nullcontext()
        with following as on_progress:
            chain.reset()
            results.append(
                render(
                    source, out, chain,
                    engine=options.engine, force=options.force, strict=options.strict,
                    on_progress=on_progress,
                )
            )  # fmt: skip
    return results


def _named(source: Path) -> str:
    """Return the name of a stem's output: its own, as WAV where its format is not written."""
    writable = source.suffix.lower() in OUTPUT_SUFFIXES
    return source.name if writable else f"{source.stem}.wav"


def _refuse_changes(chain: Chain) -> None:
    for run in chain.runs():
        if run.stage.changes_length:
            raise RenderError(
                f"{run.label} changes the length",
                rule="stems keep their lengths and stay aligned",
                remedy="bypass the stage, or render the files on their own",
            )
    if chain.settings.output.sample_rate != "input":
        raise RenderError(
            f"the preset writes {chain.settings.output.sample_rate:g} Hz",
            rule="stems keep their rate, and with it their length in samples",
            remedy="render the files on their own, or take output.sample_rate out of the preset",
        )


def _prepare_on_sum(chain: Chain, sources: Sequence[Path]) -> None:
    """Make the first passes of a chain on the sum of all stems."""
    with ExitStack() as files:
        readers = [files.enter_context(AudioReader(source)) for source in sources]
        kinds = {(reader.info.sample_rate, reader.info.channels) for reader in readers}
        if len(kinds) > 1:
            raise RenderError(
                "linked stems of different rates or channels",
                where=str(sources[0].parent),
                rule="what all stems share is learned from their sum",
                remedy="leave out --link, or make the stems alike",
            )
        [(rate, channels)] = kinds
        frames = max(reader.info.frames for reader in readers)
        work = chain.settings.work_rate
        if work not in ("input", rate):
            raise RenderError(
                f"the preset works at {work:g} Hz, the stems have {rate} Hz",
                where=str(sources[0].parent),
                rule="linked stems are learned from at their own rate",
                remedy="leave out --link",
            )
        chain.prepare(lambda: _sums(readers, channels, frames), float(rate))


def _sums(readers: Sequence[AudioReader], channels: int, frames: int) -> Iterator[Rows]:
    pullers = [BlockReader(reader.blocks(BLOCK), channels, np.float32) for reader in readers]
    for size in pieces(frames, BLOCK):
        total = np.zeros((channels, size), np.float32)
        for puller in pullers:
            total += puller.pull(size)
        yield total
