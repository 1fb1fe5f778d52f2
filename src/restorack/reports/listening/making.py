"""Make a page: render recordings, keep what each stage gave, write what there is to hear."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from restorack.errors import FileError, RestorackError
from restorack.io.reader import AudioReader
from restorack.io.writer import AudioWriter
from restorack.render.api import render
from restorack.reports.listening.budget import LIMIT_MB, Demand, Fit, fit
from restorack.reports.listening.encoding import Codec
from restorack.reports.listening.names import name_recordings
from restorack.reports.listening.page import PageRecording, page_html
from restorack.reports.listening.recording import Sources, Version, Wanted, make_recording
from restorack.reports.listening.sound import MOST_CHANNELS, Sound
from restorack.reports.listening.taps import StageOutputs
from restorack.reports.listening.target import PageTarget
from restorack.reports.report import RenderReport, write_report

if TYPE_CHECKING:
    from restorack.chains import Chain
    from restorack.meters.findings import Findings
    from restorack.render.progress import OnProgress

Watch = Callable[[str], AbstractContextManager["OnProgress | None"]]
"""Surrounds a render; gets what it is called, and gives what is told of its progress."""


@dataclass(frozen=True)
class PageOptions:
    """How a page is made.

    Attributes
    ----------
    codec : {"flac", "opus"} or None
        None: FLAC where it fits, else Opus.
    limit_mb : float
        Of a page in one file.
    with_stages : bool
        The output of each stage, where there is room.
    analysed : bool
        Measure noise, clicks and hum before and after.
    strict : bool
        Refuse incomplete inputs.
    start, stop : float or None
        The part of each recording that was rendered, in seconds.
    ending : str
        Of renders beside a page in a folder.
    """

    codec: Codec | None = None
    limit_mb: float = LIMIT_MB
    with_stages: bool = True
    analysed: bool = True
    strict: bool = False
    start: float | None = None
    stop: float | None = None
    ending: str = ".after.wav"


@dataclass
class PageMaker:
    """A page in the making.

    Attributes
    ----------
    target : PageTarget
    sources : sequence of Path
        The recordings.
    chains : sequence of sequence of Chain
        What each recording goes through, one render for each.
    options : PageOptions
    recordings : list of PageRecording
        Those that are done.
    notes : list of str
        What a person should know, such as that there was no room for the outputs of stages.
    """

    target: PageTarget
    sources: Sequence[Path]
    chains: Sequence[Sequence[Chain]]
    options: PageOptions = field(default_factory=PageOptions)
    recordings: list[PageRecording] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Decide the audio's coding for all recordings together."""
        self._names = name_recordings(self.sources)
        self._demands = [self._demand(number) for number in range(len(self.sources))]
        known = [one for one in self._demands if one is not None]
        self._fit: Fit | None = None
        if known:
            limit = None if self.target.is_folder else self.options.limit_mb
            self._fit = fit(known, self.options.codec, limit)
            if not self._fit.with_stages and any(one.stages for one in known):
                self.notes.append(
                    f"the outputs of stages do not fit into {self.options.limit_mb:g} MB: left "
                    "out; a folder (--output DIR) or --max-mb has room for them"
                )

    def _demand(self, number: int) -> Demand | None:
        """Return what a recording asks for; None where it cannot be read: its render says why."""
        try:
            with AudioReader(self.sources[number]) as reader:
                info = reader.info
                first, last = reader.span(self.options.start, self.options.stop)
        except RestorackError:
            return None
        chains = self.chains[number]
        stages = len(chains[0].runs()) - 1 if self._has_stages(number) else 0
        channels = info.channels if info.channels <= MOST_CHANNELS else 1
        seconds, rate = (last - first) / info.sample_rate, float(info.sample_rate)
        return Demand(seconds, channels, rate, 1 + 2 * len(chains), stages)

    def _has_stages(self, number: int) -> bool:
        return self.options.with_stages and len(self.chains[number]) == 1

    def add(
        self,
        number: int,
        watch: Watch = lambda name: nullcontext(),
        *,
        findings: Findings | None = None,
        reason: str = "",
        reference: Path | None = None,
    ) -> list[Version]:
        """Render a recording through every chain, and put it on the page.

        Parameters
        ----------
        number : int
            Of the recording.
        watch : callable
        findings : Findings, optional
            Of the source, where it was analysed already.
        reason : str
            Why the preset was chosen.
        reference : Path, optional
            The recording without damage.

        Raises
        ------
        RestorackError
            Where it cannot be read, rendered or written.
        """
        source = self.sources[number]
        with tempfile.TemporaryDirectory(prefix="restorack-page-") as folder:
            versions = [
                self._render(source, number, chain, place, Path(folder), watch)
                for place, chain in enumerate(self.chains[number])
            ]
            self.put(number, versions, findings=findings, reason=reason, reference=reference)
            self._write_beside(source, number, versions)
        return versions

    def put(
        self,
        number: int,
        versions: Sequence[Version],
        *,
        findings: Findings | None = None,
        reason: str = "",
        reference: Path | None = None,
    ) -> None:
        """Put a recording on the page that was rendered elsewhere; parameters as of :meth:`add`."""
        sources = Sources(self.sources[number], versions, reference, findings, reason)
        self.recordings.append(make_recording(sources, self._wanted(number)))

    def listens(self, number: int) -> bool:
        """Return whether the outputs of a recording's stages go on the page."""
        return self._has_stages(number) and self._fit is not None and self._fit.with_stages

    def _wanted(self, number: int) -> Wanted:
        """Return how a recording is shown: its share of the room, and where its audio goes."""
        chosen = self._fit
        if chosen is None or self._demands[number] is None:
            raise FileError(
                "was no audio file when the page was begun",
                where=str(self.sources[number]),
                remedy="make the page again",
            )
        limit = None
        if not self.target.is_folder:
            weights = [one.seconds * one.channels if one else 0.0 for one in self._demands]
            room = 0.72 * self.options.limit_mb * 1e6
            limit = room * weights[number] / max(sum(weights), 1e-9)
        return Wanted(
            chosen, limit, self.options.codec is None,
            self.target.parts(number + 1), self.options.analysed,
            self.options.start, self.options.stop,
        )  # fmt: skip

    def _render(
        self, source: Path, number: int, chain: Chain, place: int, work: Path, watch: Watch
    ) -> Version:
        output = self._output(number, place, work)
        stages = work / f"{place}"
        stages.mkdir()
        with (
            listening(stages, wanted=self.listens(number)) as outputs,
            watch(source.name) as on_progress,
        ):
            result = render(
                source, output, chain, format="wav", strict=self.options.strict,
                force=self.target.force or not self.target.is_folder,
                on_progress=on_progress, on_stage=outputs.on_stage if outputs else None,
            )  # fmt: skip
        return Version.of(chain, result, output, outputs.files if outputs else ())

    def _output(self, number: int, place: int, work: Path) -> Path:
        if not self.target.is_folder:
            return work / f"after-{place}.wav"
        return self.target.beside(self._named(number, place), self.options.ending, self.sources)

    def _named(self, number: int, place: int) -> str:
        name = self._names[number]
        chains = self.chains[number]
        return f"{name}.{chains[place].settings.name}" if len(chains) > 1 else name

    def _write_beside(self, source: Path, number: int, versions: Sequence[Version]) -> None:
        """Write report and difference of each render beside a page in a folder."""
        if not self.target.is_folder:
            return
        for place, version in enumerate(versions):
            name = self._named(number, place)
            report = self.target.beside(name, ".report.json", self.sources)
            write_report(
                report, RenderReport.of(version.result).document(),
                force=self.target.force, sources=self.sources,
            )  # fmt: skip
            result = version.result
            if result.input_rate == result.output_rate and result.frames_in == result.frames_out:
                self._write_difference(source, version, name)

    def _write_difference(self, source: Path, version: Version, name: str) -> None:
        removed = Sound(source, version.output)
        rate, channels, _ = removed.shape()
        path = self.target.beside(name, ".difference.wav", self.sources)
        with AudioWriter(
            path, rate, channels, subtype="PCM_24", force=self.target.force, sources=self.sources
        ) as writer:
            for block in removed.blocks():
                writer.write(block)

    def write(self, title: str) -> None:
        """Write the page of what was added."""
        self.target.write(page_html(title, self.recordings), self.sources)


@contextmanager
def listening(folder: Path, *, wanted: bool) -> Iterator[StageOutputs | None]:
    """Keep the outputs of stages in a folder, where they are wanted."""
    if not wanted:
        yield None
        return
    with StageOutputs(folder) as outputs:
        yield outputs
