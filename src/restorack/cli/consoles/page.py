"""What the making of a page shows: a bar for each render, the files that fail, where it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restorack.cli.console import Screen
from restorack.cli.consoles.progress_bars import bar
from restorack.cli.failures import Failure, InterruptedBatchError, failure_of
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
    reference : Path or None
        The same without damage.
    """

    findings: Findings | None = None
    reason: str = ""
    reference: Path | None = None


@dataclass
class PageRun:
    """The making of a page.

    Attributes
    ----------
    screen : Screen
    target : PageTarget
    files : sequence of Path
    chains : sequence of sequence of Chain
        What each file goes through.
    options : PageOptions
    title : str or None
        None: made of the files' and presets' names.
    known : sequence of Known
        Of each file; empty: nothing.
    told : callable or None
        Called with the number of each file that was rendered, and its renders.
    """

    screen: Screen
    target: PageTarget
    files: Sequence[Path]
    chains: Sequence[Sequence[Chain]]
    options: PageOptions
    title: str | None = None
    known: Sequence[Known] = ()
    told: Callable[[int, Sequence[Version]], None] | None = None
    failures: list[Failure] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    warnings: dict[str, list[str]] = field(default_factory=dict)
    errors: dict[str, Any] = field(default_factory=dict)
    page: Path | None = None

    def run(self) -> None:
        """Render the files, write the page, and say where it is.

        Raises
        ------
        RestorackError
            Where no page can be made of them, or the disk is full.
        InterruptedBatchError
            After Ctrl-C.
        """
        from rich.markup import escape

        from restorack.reports.listening.making import PageMaker

        self.target.make(self.files)
        maker = PageMaker(self.target, self.files, self.chains, self.options)
        for note in maker.notes:
            self.screen.note(note)
        try:
            for number in range(len(self.files)):
                self._add(maker, number)
        except KeyboardInterrupt:
            raise InterruptedBatchError(self.document()) from None
        if maker.recordings:
            self.page = self.target.path
            maker.write(self.title or default_title(maker))
            size = self.page.stat().st_size / 1e6
            self.screen.show(escape(f"the page is {self.page} ({size:.1f} MB)"))

    def _add(self, maker: PageMaker, number: int) -> None:
        """Render a file; one that fails is noted."""
        file = self.files[number]
        place = f"{number + 1}/{len(self.files)}" if len(self.files) > 1 else ""
        known = self.known[number] if self.known else Known()
        try:
            versions = maker.add(
                number,
                lambda shown: bar(self.screen, shown, place),
                findings=known.findings,
                reason=known.reason,
                reference=known.reference,
            )
        except (ClosedPipeError, DiskFullError):
            raise
        except Exception as error:
            self.failures.append(failure_of(error))
            self.screen.fail(self.failures[-1])
            self.errors[path_text(file)] = self.failures[-1].to_dict()
            return
        self.done.append(path_text(file))
        self._warn(path_text(file), versions)
        if self.told is not None:
            self.told(number, versions)

    def _warn(self, name: str, versions: Sequence[Version]) -> None:
        texts = [text for version in versions for text in version.result.warnings]
        if texts:
            self.warnings[name] = texts
        for text in texts:
            self.screen.note(f"{name}: {text}")

    def document(self) -> dict[str, Any]:
        """Return what was made, ready for JSON."""
        return {
            "page": path_text(self.page) if self.page is not None else None,
            "files": self.done,
            "warnings": self.warnings,
            "errors": self.errors,
        }


def default_title(maker: PageMaker) -> str:
    """Return a heading of what is on the page."""
    chains = [chain for each in maker.chains for chain in each]
    names = list(dict.fromkeys(chain.settings.name or "the chain" for chain in chains))
    shown = maker.recordings[0].name if len(maker.recordings) == 1 else "Recordings"
    if len(maker.chains[0]) > 1:
        return f"{shown}: {', '.join(names)}"
    return f"{shown}: before and after {', '.join(names)}"
