"""What the making of a page shows: a bar for each render, the files that fail, where it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restorack.cli.console import Screen
from restorack.cli.failures import Failure, InterruptedBatchError, common_exit_code, failure_of
from restorack.cli.progress_bars import bar
from restorack.cli.streams import ClosedPipeError
from restorack.errors import DiskFullError
from restorack.text import path_text

if TYPE_CHECKING:
    from restorack.chains import Chain
    from restorack.meters.findings import Findings
    from restorack.reports.listening.making import PageMaker, PageOptions
    from restorack.reports.listening.recording import Version
    from restorack.reports.listening.target import PageTarget


@dataclass(frozen=True)
class Known:
    """What is known of a recording before it is rendered.

    Attributes
    ----------
    findings : Findings or None
        Of its analysis.
    reason : str
        Why its preset was chosen.
    """

    findings: Findings | None = None
    reason: str = ""


def make_page(
    screen: Screen,
    target: PageTarget,
    files: Sequence[Path],
    chains: Sequence[Chain],
    options: PageOptions,
    title: str | None,
    known: Callable[[int], Known] = lambda number: Known(),
) -> int:
    """Render recordings, write the page, say where it is; return the exit code.

    Raises
    ------
    RestorackError
        Where no page can be made of them, or the disk is full.
    InterruptedBatchError
        After Ctrl-C.
    """
    from rich.markup import escape

    from restorack.reports.listening.making import PageMaker

    target.make(files)
    maker = PageMaker(target, files, chains, options)
    for note in maker.notes:
        screen.note(note)
    made = _Made(screen)
    try:
        for number, file in enumerate(files):
            made.add(maker, number, file, known)
    except KeyboardInterrupt:
        raise InterruptedBatchError(made.document(None)) from None
    page = target.path if maker.recordings else None
    if page is not None:
        maker.write(title or default_title(maker, chains))
        size = page.stat().st_size / 1e6
        screen.show(escape(f"the page is {page} ({size:.1f} MB): open it in a browser"))
    screen.document(made.document(page))
    return common_exit_code(made.failures)


def default_title(maker: PageMaker, chains: Sequence[Chain]) -> str:
    """Return a heading of what is on the page."""
    names = " and ".join(chain.settings.name or "the chain" for chain in chains)
    what = f"before and after {names}" if len(chains) == 1 else f"through {names}"
    shown = maker.recordings[0].name if len(maker.recordings) == 1 else "Recordings"
    return f"{shown}: {what}"


class _Made:
    """The recordings of a page: those that are done, and those that failed."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self.failures: list[Failure] = []
        self._warnings: dict[str, list[str]] = {}
        self._errors: dict[str, Any] = {}
        self._files: list[str] = []

    def add(self, maker: PageMaker, number: int, file: Path, known: Callable[[int], Known]) -> None:
        """Render a recording; one that fails is noted."""
        name = path_text(file)
        place = f"{number + 1}/{len(maker.sources)}" if len(maker.sources) > 1 else ""
        try:
            have = known(number)
            versions = maker.add(
                number,
                lambda shown: bar(self._screen, shown, place),
                findings=have.findings,
                reason=have.reason,
            )
        except (ClosedPipeError, DiskFullError):
            raise
        except Exception as error:
            self.failures.append(failure_of(error))
            self._screen.fail(self.failures[-1])
            self._errors[name] = self.failures[-1].to_dict()
            return
        self._files.append(name)
        self._tell(name, versions)

    def _tell(self, name: str, versions: Sequence[Version]) -> None:
        for version in versions:
            warnings = version.result.warnings
            if warnings:
                self._warnings.setdefault(name, []).extend(warnings)
            for text in warnings:
                self._screen.note(f"{name}: {text}")

    def document(self, page: Path | None) -> dict[str, Any]:
        """Return what was made, ready for JSON."""
        return {
            "page": path_text(page) if page is not None else None,
            "files": self._files,
            "warnings": self._warnings,
            "errors": self._errors,
        }
