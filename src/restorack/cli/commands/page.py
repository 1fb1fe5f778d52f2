"""``restorack page``: a web page with recordings before and after, to look at and listen to."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from restorack.cli.console import JsonFlag, QuietFlag, Screen
from restorack.cli.options import Sandbox, Strict
from restorack.errors import FileError
from restorack.io.file_names import fitting_name
from restorack.text import path_text

if TYPE_CHECKING:
    from restorack.chains import Chain
    from restorack.dsp.arrays import Rows
    from restorack.io.reader import AudioInfo
    from restorack.reports.page import PageItem

TOP_HZ = 22_050.0
"""Upper end of the pictures."""

BLOCK = 1 << 16

ENDINGS = (".before.wav", ".after.wav", ".difference.wav", ".png", ".report.json")
"""Of the files of a recording."""


def page(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Audio files.")],
    preset: Annotated[
        str, typer.Option("--preset", "-p", metavar="NAME|FILE.yaml", help="Preset to apply.")
    ],
    folder: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Where the page and its files go.")
    ] = Path("page"),
    title: Annotated[
        str | None, typer.Option("--title", help="The page's heading; default: the preset's name.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files.")] = False,
    strict: Strict = False,
    sandbox: Sandbox = None,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Render recordings and make a page of them: spectrograms, players, what each stage did.

    DIR then holds index.html, and for every recording before, after and (where the sample rate
    stays) the difference as 24-bit WAV, a picture and the JSON report. Open index.html in any
    browser, or put the folder on a web server; nothing is loaded from elsewhere.
    """
    from rich.markup import escape

    from restorack.io.atomic import check_writable
    from restorack.presets import load_preset
    from restorack.presets.checking import check_plugins
    from restorack.presets.finding import find_preset
    from restorack.reports.page import write_page

    screen = Screen(as_json=as_json, quiet=quiet)
    chain = load_preset(find_preset(preset))
    check_plugins(chain, load_plugins=True)
    stems = name_recordings(files)
    _refuse_inputs(files, folder, stems)
    folder.mkdir(parents=True, exist_ok=True)
    index = folder / "index.html"
    check_writable(index, force=force)
    items = []
    warnings: dict[str, list[str]] = {}
    for file, stem in zip(files, stems, strict=True):
        items.append(_item(file, folder, stem, chain, force=force, strict=strict))
        screen.note(str(file))
        for text in items[-1].report.warnings:
            screen.note(f"{file}: {text}")
            warnings.setdefault(path_text(file), []).append(text)
    write_page(index, title or f"Before and after: {chain.settings.name}", items, force=force)
    names = [path_text(file) for file in files]
    screen.document({"page": path_text(index), "files": names, "warnings": warnings})
    screen.show(escape(f"the page is {index}"))
    return 0


def name_recordings(files: Sequence[Path]) -> list[str]:
    """Return a name in the page's folder for every file, no two alike.

    The first file of a stem keeps it; later ones are numbered, past every number that is the stem
    of another file. Names that differ in case only count as alike, since some disks say so.
    """
    own = {_folded(file.stem) for file in files}
    taken: set[str] = set()
    names = []
    for file in files:
        name, number = file.stem, 1
        while _folded(name) in taken or (number > 1 and _folded(name) in own):
            number += 1
            name = f"{file.stem}-{number}"
        taken.add(_folded(name))
        names.append(name)
    return names


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _written(folder: Path, stem: str) -> list[Path]:
    """Return what is written of a recording."""
    return [folder / fitting_name(stem, ending) for ending in ENDINGS]


def _refuse_inputs(files: Sequence[Path], folder: Path, stems: Sequence[str]) -> None:
    """Raise where a file of the page would replace a recording, also another one's."""
    sources = {os.path.realpath(file) for file in files}
    for stem in stems:
        for target in _written(folder, stem):
            if os.path.realpath(target) in sources:
                raise FileError(
                    "is an input",
                    where=str(target),
                    rule="a source is never overwritten, not even by --force",
                    remedy="choose another folder with --output",
                )


def _item(
    file: Path, folder: Path, stem: str, chain: Chain, *, force: bool, strict: bool
) -> PageItem:
    from restorack.render.api import render
    from restorack.reports.page import PageItem
    from restorack.reports.picture import write_picture
    from restorack.reports.report import RenderReport, write_report

    before, after, difference, picture, report = _written(folder, stem)
    told = RenderReport.of(render(file, after, chain, format="wav", force=force, strict=strict))
    warnings = [f"before: {text}" for text in _as_wave(file, before, force=force)]
    players = [("before", before), ("after", after)]
    if told.source.sample_rate_hz == told.output.sample_rate_hz:
        lost = _subtracted(file, after, difference, force=force)
        warnings += [f"difference: {text}" for text in lost]
        players.append(("difference: what was removed", difference))
    told = told.model_copy(update={"warnings": [*told.warnings, *warnings]})
    write_picture(file, after, picture, top_hz=TOP_HZ, force=force)
    write_report(report, told.document(), force=force)
    return PageItem(file.name, players, picture, told)


def _as_wave(file: Path, target: Path, *, force: bool) -> list[str]:
    """Copy a recording in the one format that every browser plays; return the writer's warnings."""
    from restorack.io.reader import AudioReader

    with AudioReader(file) as reader:
        return _write(reader.blocks(BLOCK), target, reader.info, file, force=force)


def _subtracted(file: Path, after: Path, target: Path, *, force: bool) -> list[str]:
    """Write before minus after; return the writer's warnings."""
    from restorack.io.reader import AudioReader

    with AudioReader(file) as first, AudioReader(after) as second:
        pairs = zip(first.blocks(BLOCK), second.blocks(BLOCK), strict=False)
        blocks = (before - restored for before, restored in pairs)
        return _write(blocks, target, first.info, file, force=force)


def _write(
    blocks: Iterator[Rows], target: Path, info: AudioInfo, source: Path, *, force: bool
) -> list[str]:
    from restorack.io.writer import AudioWriter

    with AudioWriter(
        target, info.sample_rate, info.channels, subtype="PCM_24", force=force, sources=[source]
    ) as writer:
        for block in blocks:
            writer.write(block)
    return writer.warnings
