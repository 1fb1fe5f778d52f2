"""The page of a render: what ``render --page`` keeps while it goes on, and writes at its end."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, cast

from restorack.cli.console import Screen

if TYPE_CHECKING:
    from restorack.chains import Chain
    from restorack.render.api import OnStage
    from restorack.render.batch import BatchResult, Job
    from restorack.render.result import RenderResult
    from restorack.reports.listening.making import PageMaker, PageOptions


class RenderPage:
    """Collects what a page needs of each job; a context that removes it at its end.

    Parameters
    ----------
    screen : Screen
    given : Path or None
        ``PAGE.html`` or a folder; None: no page is wanted.
    jobs : sequence of Job
    chain : Chain
    options : PageOptions
    force : bool
        Replace a page that exists.
    """

    def __init__(
        self,
        screen: Screen,
        given: Path | None,
        jobs: Sequence[Job],
        chain: Chain,
        options: PageOptions,
        *,
        force: bool,
    ) -> None:
        self._screen, self._chain = screen, chain
        self._maker: PageMaker | None = None
        self._keys = [job.key for job in jobs]
        self._stages: dict[str, list[tuple[str, Path]]] = {}
        if given is None:
            return
        from restorack.reports.listening.making import PageMaker
        from restorack.reports.listening.target import PageTarget

        sources = [job.source for job in jobs]
        target = PageTarget.of(given, force=force)
        target.make(sources)
        self._maker = PageMaker(target, sources, [[chain]] * len(sources), options)
        for note in self._maker.notes:
            screen.note(note)

    def __enter__(self) -> Self:
        """Make the folder of the stages' outputs."""
        self._folder = tempfile.TemporaryDirectory(prefix="restorack-page-")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove it."""
        self._folder.cleanup()

    @contextmanager
    def listen(self, job: Job) -> Iterator[OnStage | None]:
        """Keep the outputs of a job's stages."""
        from restorack.reports.listening.making import listening

        if self._maker is None:
            yield None
            return
        folder = Path(self._folder.name) / f"{len(self._stages)}"
        folder.mkdir()
        with listening(folder, wanted=self._maker.listens(self._keys.index(job.key))) as outputs:
            yield outputs.on_stage if outputs else None
        self._stages[job.key] = outputs.files if outputs else []

    def write(self, result: BatchResult) -> None:
        """Write the page of the files that were rendered."""
        from rich.markup import escape

        from restorack.cli.consoles.page import default_title
        from restorack.reports.listening.recording import Version

        if self._maker is None:
            return
        for number, entry in enumerate(result.entries):
            if entry.status != "done" or entry.outcome is None:
                continue
            rendered = cast("RenderResult", entry.outcome.result)
            output, stages = entry.job.product("output"), self._stages.get(entry.job.key, [])
            self._maker.put(number, [Version.of(self._chain, rendered, output, stages)])
        if self._maker.recordings:
            self._maker.write(default_title(self._maker))
            self._screen.show(escape(f"the page is {self._maker.target.path}"))
