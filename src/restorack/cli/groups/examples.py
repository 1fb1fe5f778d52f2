"""``restorack examples``: clips to try things with, made from nothing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from restorack.cli.console import JsonFlag, QuietFlag, Screen
from restorack.cli.quantities import quantity
from restorack.errors import ParameterError, suggest

examples = typer.Typer(
    help="Make clips to try things with; nothing is downloaded.", rich_markup_mode=None
)

GENERATED_RATE, TRUE_RATE = 32_000, 44_100
"""Sample rates in Hz: of the clips, as generators write them, and of the music they stand for."""


@examples.callback()
def _examples() -> None:
    """Make clips to try things with; nothing is downloaded."""


@dataclass(frozen=True)
class ExampleClip:
    """A clip that was written.

    Attributes
    ----------
    path : str
        32 kHz, 16 bits, mono.
    style : str
    seed : int
    truth : str or None
        The music before the codec: 44.1 kHz, 24 bits.
    """

    path: str
    style: str
    seed: int
    truth: str | None


@examples.command()
def musicgen(
    folder: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Where the clips go.")
    ] = Path("musicgen"),
    count: Annotated[int, typer.Option("--count", min=1, max=1000, help="How many.")] = 10,
    seconds: Annotated[
        float,
        typer.Option(
            "--seconds", parser=quantity("s", 1, 600), metavar="TIME", help="Length of each."
        ),
    ] = 10.0,
    style: Annotated[
        str | None,
        typer.Option(
            "--style",
            metavar="NAME",
            help="Only this one: ballad, house, folk, synthwave, strings, lofi, jazz or ambient.",
        ),
    ] = None,
    truth: Annotated[
        bool, typer.Option("--truth", help="Also write the music before the codec, 44.1 kHz.")
    ] = False,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed, other music.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Replace files.")] = False,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Make clips that sound as MusicGen's output does: 32 kHz, through the tokens of a codec.

    The music is made from formulas in eight styles in turn; NeuralCodecDamage quantises it as
    EnCodec's four codebooks do. Polish a folder of them with
    restorack batch DIR --preset musicgen-polish.
    """
    screen = Screen(as_json=as_json, quiet=quiet)
    styles = _styles(style)
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number in range(count):
        clip = _planned(folder, number, styles[number % len(styles)], seed, truth=truth)
        _write(clip, seconds, force=force)
        screen.note(clip.path)
        made.append(clip)
    screen.document([asdict(clip) for clip in made])
    screen.show(f"{count} clips in {folder}/")
    return 0


@dataclass(frozen=True)
class ExampleRecord:
    """A side that was written.

    Attributes
    ----------
    path : str
        44.1 kHz, 24 bits: mono, or stereo of an LP.
    artist, title, date : str
        Its tags.
    """

    path: str
    artist: str
    title: str
    date: str


@examples.command()
def records(
    folder: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Where the sides go.")
    ] = Path("records"),
    count: Annotated[int, typer.Option("--count", min=1, max=1000, help="How many.")] = 6,
    seconds: Annotated[
        float,
        typer.Option(
            "--seconds", parser=quantity("s", 1, 1800), metavar="TIME", help="Length of each."
        ),
    ] = 10.0,
    lp: Annotated[bool, typer.Option("--lp", help="Stereo LPs; without it shellac, mono.")] = False,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed, other records.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Replace files.")] = False,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Make sides of worn records, with tags: 78s of three conditions in turn, or LPs.

    The music is made from formulas, cut on a disc and worn by stages that damage. Restore one
    with restorack render, or all with restorack batch DIR --preset 78rpm.
    """
    screen = Screen(as_json=as_json, quiet=quiet)
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number in range(count):
        path = folder / f"{'lp' if lp else 'side'}-{number + 1:02d}.wav"
        made.append(_press(path, number, seconds, lp=lp, seed=seed, force=force))
        screen.note(str(path))
    screen.document([asdict(one) for one in made])
    screen.show(f"{count} sides in {folder}/")
    return 0


def _press(
    path: Path, number: int, seconds: float, *, lp: bool, seed: int, force: bool
) -> ExampleRecord:
    """Make a side and write it with its tags."""
    from restorack.io.metadata import Metadata
    from restorack.io.tags.fields import Tags
    from restorack.io.writer import AudioWriter
    from restorack.synthesis.record_sides import record_side

    side = record_side(number, seconds, TRUE_RATE, lp=lp, seed=seed)
    record = ExampleRecord(str(path), side.artist, side.title, side.date)
    tags = Tags()
    for name in ("artist", "title", "date"):
        tags.add(name, [getattr(side, name)])
    with AudioWriter(
        path,
        TRUE_RATE,
        len(side.samples),
        subtype="PCM_24",
        force=force,
        metadata=Metadata(TRUE_RATE, tags),
    ) as writer:
        writer.write(side.samples)
    return record


def _styles(wanted: str | None) -> list[str]:
    from restorack.synthesis.loops import STYLES

    if wanted is None:
        return list(STYLES)
    if wanted not in STYLES:
        raise ParameterError(f"no style {wanted!r}", remedy=suggest(wanted, STYLES))
    return [wanted]


def _planned(folder: Path, number: int, style: str, seed: int, *, truth: bool) -> ExampleClip:
    stem = f"musicgen-{number + 1:02d}-{style}"
    true_path = str(folder / f"{stem}.truth.wav") if truth else None
    return ExampleClip(str(folder / f"{stem}.wav"), style, 1000 * seed + number, true_path)


def _write(clip: ExampleClip, seconds: float, *, force: bool) -> None:
    """Compose, pass through the codec, and write; the truth first, so that a clip has its own."""
    import numpy as np
    import soxr

    from restorack.degrade.codecs.neural_codec_damage import NeuralCodecDamage
    from restorack.io.writer import AudioWriter
    from restorack.synthesis.loops import compose

    music = compose(clip.style, seconds, TRUE_RATE, clip.seed)[np.newaxis].astype(np.float32)
    at_rate = soxr.resample(music.T, TRUE_RATE, GENERATED_RATE, quality="VHQ").T
    coded = NeuralCodecDamage(seed=clip.seed).process(at_rate, GENERATED_RATE)
    if clip.truth is not None:
        with AudioWriter(clip.truth, TRUE_RATE, 1, subtype="PCM_24", force=force) as writer:
            writer.write(music)
    with AudioWriter(clip.path, GENERATED_RATE, 1, subtype="PCM_16", force=force) as writer:
        writer.write(np.clip(coded, -1.0, 1.0))
