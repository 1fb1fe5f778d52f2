"""Where a page goes: one file that holds everything, or a folder with the audio beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from restorack.errors import FileError
from restorack.io.atomic import check_writable, write_error, write_whole
from restorack.io.file_names import fitting_name
from restorack.reports.listening.parts import Parts

SUFFIXES = (".html", ".htm")
AUDIO = "audio"
"""The folder of segments."""


@dataclass(frozen=True)
class PageTarget:
    """Where a page goes.

    Attributes
    ----------
    path : Path
        The page itself.
    is_folder : bool
        Audio and renders lie beside it.
    force : bool
        Replace files.
    """

    path: Path
    is_folder: bool
    force: bool = False

    @classmethod
    def of(cls, given: Path, *, folder: bool = False, force: bool = False) -> PageTarget:
        """Return the target of what a command line names: a folder unless it ends in .html."""
        if given.suffix.lower() in SUFFIXES and not folder and not given.is_dir():
            return cls(given, False, force)
        return cls(given / "index.html", True, force)

    def make(self, sources: Sequence[Path] = ()) -> None:
        """Make the folder, and refuse a page that exists, but by force.

        Raises
        ------
        FileError
            Where the page cannot be written, or would replace an input.
        """
        folder = self.path.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise write_error(error, folder) from None
        check_writable(self.path, force=self.force, sources=sources)

    def parts(self, number: int) -> Parts | None:
        """Return where the segments of a recording go; None: into the page."""
        if not self.is_folder:
            return None
        return Parts(self.path.parent / AUDIO, f"{number:03d}", self.force)

    def beside(self, name: str, ending: str, sources: Sequence[Path]) -> Path:
        """Return the path of a recording's file beside the page.

        Raises
        ------
        FileError
            Where it would replace an input.
        """
        path = self.path.parent / fitting_name(name, ending)
        if path.resolve() in {source.resolve() for source in sources}:
            raise FileError(
                "is an input",
                where=str(path),
                rule="inputs are never replaced",
                remedy="choose another folder with --output",
            )
        check_writable(path, force=self.force, sources=sources)
        return path

    def link(self, path: Path) -> str:
        """Return the address of a file beside the page."""
        return quote(path.name.encode("utf-8", "surrogateescape"))

    def write(self, html: str, sources: Sequence[Path] = ()) -> None:
        """Write the page."""
        write_whole(self.path, html.encode(), force=self.force, sources=sources)
