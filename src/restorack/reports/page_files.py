"""The files of a page: their names, a batch's jobs of them, and what lies beside each render."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from restorack.dsp.arrays import Rows
from restorack.io.file_names import fitting_name
from restorack.io.reader import AudioInfo, AudioReader
from restorack.io.writer import AudioWriter
from restorack.render.batch.given_outputs import GivenOutputs
from restorack.render.batch.job import Job
from restorack.render.batch.output_layout import Kind
from restorack.render.batch.plan import Names, claim_names
from restorack.render.batch.recipe import Recipe
from restorack.render.result import RenderResult
from restorack.reports.page import PageItem
from restorack.reports.report import RenderReport
from restorack.reports.sidecars import write_sidecars

TOP_HZ = 22_050.0
"""Upper end of the pictures."""

BLOCK = 1 << 16
"""Samples that are copied at a time."""

ENDINGS: dict[Kind, str] = {
    "output": ".after.wav", "picture": ".png", "report": ".report.json",
}  # fmt: skip


@dataclass(frozen=True)
class PageFiles:
    """What a page shows, in its folder.

    Attributes
    ----------
    folder : Path
    force : bool
        Replace files.
    items : dict
        A job's key to what the page shows of it, once it is rendered.
    """

    folder: Path
    force: bool = False
    items: dict[str, PageItem] = field(default_factory=dict)

    def jobs(self, sources: Sequence[Path], recipe: Recipe) -> tuple[list[Job], GivenOutputs]:
        """Return the jobs of recordings, in order, and where their files go.

        Raises
        ------
        FileError
            Where a file of the page would replace a recording, also another one's.
        """
        keys = name_recordings(sources)
        files = {
            key: {kind: self._path(key, ending) for kind, ending in ENDINGS.items()} for key in keys
        }
        layout = GivenOutputs(files, (self.folder,))
        jobs = [
            Job(key, source, layout, recipe, tuple(ENDINGS), self.force, sidecars=self.write_beside)
            for key, source in zip(keys, sources, strict=True)
        ]
        names = Names(folds_case=False, remedy="choose another folder with --out")
        for key in keys:
            for path in (self._before(key), self._difference(key)):
                names.claim_path(path, f"a file of {key}")
        claim_names(jobs, names)
        return jobs, layout

    def write_beside(self, job: Job, result: RenderResult) -> None:
        """Write all of a recording but its render, and keep what the page shows of it."""
        before, after = self._before(job.key), job.product("output")
        difference = self._difference(job.key)
        lost = [f"before: {text}" for text in self._copy(job.source, before)]
        players = [("before", before), ("after", after)]
        if result.input_rate == result.output_rate:
            texts = self._subtract(job.source, after, difference)
            lost += [f"difference: {text}" for text in texts]
            players.append(("difference: what was removed", difference))
        result.warnings.extend(lost)
        write_sidecars(job, result, top_hz=TOP_HZ)
        report = RenderReport.of(result)
        self.items[job.key] = PageItem(job.source.name, players, job.product("picture"), report)

    def _path(self, key: str, ending: str) -> Path:
        return self.folder / fitting_name(key, ending)

    def _before(self, key: str) -> Path:
        return self._path(key, ".before.wav")

    def _difference(self, key: str) -> Path:
        return self._path(key, ".difference.wav")

    def _copy(self, source: Path, target: Path) -> list[str]:
        """Copy a recording in the format that every browser plays; return the warnings."""
        with AudioReader(source) as reader:
            return self._write(reader.blocks(BLOCK), target, reader.info, source)

    def _subtract(self, source: Path, after: Path, target: Path) -> list[str]:
        """Write before minus after, which browsers play too; return the warnings."""
        with AudioReader(source) as first, AudioReader(after) as second:
            pairs = zip(first.blocks(BLOCK), second.blocks(BLOCK), strict=False)
            blocks = (before - restored for before, restored in pairs)
            return self._write(blocks, target, first.info, source)

    def _write(
        self, blocks: Iterator[Rows], target: Path, info: AudioInfo, source: Path
    ) -> list[str]:
        with AudioWriter(
            target, info.sample_rate, info.channels,
            subtype="PCM_24", force=self.force, sources=[source],
        ) as writer:  # fmt: skip
            for block in blocks:
                writer.write(block)
        return writer.warnings


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
