"""``restorack page``: a web page with recordings before and after, to look at and listen to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from restorack.cli.options import Sandbox
from restorack.cli.screen import JsonFlag, QuietFlag, Screen
from restorack.errors import FileError

if TYPE_CHECKING:
    from restorack.audio.gate import Rows
    from restorack.audio.reading import AudioInfo
    from restorack.chains import Chain
    from restorack.reports.page import PageItem

TOP_HZ = 22_050.0
"""Upper end of the pictures."""

BLOCK = 1 << 16


def page(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Audio files.")],
    preset: Annotated[
        str, typer.Option("--preset", "-p", metavar="NAME|FILE.yaml", help="What restores them.")
    ],
    folder: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="Where the page and its files go.")
    ] = Path("page"),
    title: Annotated[
        str | None, typer.Option("--title", help="The page's heading; default: the preset's name.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", "-f", help="Replace files.")] = False,
    sandbox: Sandbox = None,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Render recordings and make a page of them: spectrograms, players, what each stage did.

    DIR then holds index.html, and for every recording before, after and (where the sample rate
    stays) the difference as 24-bit WAV, a picture and the JSON report. Open index.html in any
    browser, or put the folder on a web server; nothing is loaded from elsewhere.
    """
    from restorack.presets import load_preset
    from restorack.presets.checking import check_plugins
    from restorack.presets.finding import find_preset
    from restorack.reports.page import write_page

    screen = Screen(as_json=as_json, quiet=quiet)
    chain = load_preset(find_preset(preset))
    check_plugins(chain, load_plugins=True)
    stems = _stems(files)
    folder.mkdir(exist_ok=True)
    index = folder / "index.html"
    if index.exists() and not force:
        raise FileError("exists already", where=str(index), remedy="add --force to replace it")
    items = []
    for file, stem in zip(files, stems, strict=True):
        items.append(_item(file, folder / stem, chain, force=force))
        screen.note(str(file))
    write_page(index, title or f"Before and after: {chain.settings.name}", items, force=force)
    screen.document({"page": str(index), "files": [str(file) for file in files]})
    screen.show(f"the page is {index}")
    return 0


def _stems(files: list[Path]) -> list[str]:
    """Return a name in the folder for every file; equal stems are numbered."""
    seen: dict[str, int] = {}
    stems = []
    for file in files:
        seen[file.stem] = seen.get(file.stem, 0) + 1
        stems.append(file.stem if seen[file.stem] == 1 else f"{file.stem}-{seen[file.stem]}")
    return stems


def _item(file: Path, base: Path, chain: Chain, *, force: bool) -> PageItem:
    from restorack.render.api import render
    from restorack.reports.page import PageItem
    from restorack.reports.picture import write_picture
    from restorack.reports.report import RenderReport, write_report

    before, after, difference, picture, report = (
        base.with_name(base.name + end)
        for end in (".before.wav", ".after.wav", ".difference.wav", ".png", ".report.json")
    )
    told = RenderReport.of(render(file, after, chain, format="wav", force=force))
    _as_wave(file, before, force=force)
    players = [("before", before), ("after", after)]
    if told.source.sample_rate_hz == told.output.sample_rate_hz:
        _subtracted(file, after, difference, force=force)
        players.append(("difference: what was removed", difference))
    write_picture(file, after, picture, top_hz=TOP_HZ, force=force)
    write_report(report, told.document(), force=force)
    return PageItem(file.name, players, picture, told)


def _as_wave(file: Path, target: Path, *, force: bool) -> None:
    """Copy a recording in the one format that every browser plays."""
    from restorack.audio.reading import AudioReader

    with AudioReader(file) as reader:
        _write(reader.blocks(BLOCK), target, reader.info, file, force=force)


def _subtracted(file: Path, after: Path, target: Path, *, force: bool) -> None:
    """Write before minus after."""
    from restorack.audio.reading import AudioReader

    with AudioReader(file) as first, AudioReader(after) as second:
        pairs = zip(first.blocks(BLOCK), second.blocks(BLOCK), strict=False)
        blocks = (before - restored for before, restored in pairs)
        _write(blocks, target, first.info, file, force=force)


def _write(
    blocks: Iterator[Rows], target: Path, info: AudioInfo, source: Path, *, force: bool
) -> None:
    from restorack.audio.writing import AudioWriter

    with AudioWriter(
        target, info.sample_rate, info.channels, subtype="PCM_24", force=force, sources=[source]
    ) as writer:
        for block in blocks:
            writer.write(block)
