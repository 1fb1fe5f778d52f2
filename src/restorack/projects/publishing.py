"""A text and the files beside it, which appear together or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from restorack.io.atomic import AtomicFile, write_all
from restorack.io.writer import AudioWriter
from restorack.projects.audio import assembled
from restorack.projects.model import Clip

AUDIO = "-audio"
"""What the folder beside a session or a project ends with."""

Save = Callable[[Path, ExitStack, bool], None]
"""Writes a file to a path, with force or without; it appears when the stack of contexts ends."""


def folder_beside(output: Path) -> Path:
    """Return the folder of the files of a session or a project."""
    return output.parent / f"{output.stem}{AUDIO}"


def publish(
    output: Path,
    data: bytes,
    files: Mapping[Path, Save],
    *,
    force: bool,
    sources: Sequence[Path],
) -> None:
    """Write a text, and files into the folder beside it; the text appears last.

    Parameters
    ----------
    output : Path
    data : bytes
    files : mapping of Path to callable
        All in :func:`folder_beside`.
    force : bool
        Replace files that exist.
    sources : sequence of Path
        Never overwritten.

    Raises
    ------
    FileError
        For files that exist or cannot be written.
    """
    folder = folder_beside(output)
    made = bool(files) and not folder.exists()
    with ExitStack() as stack:
        text = stack.enter_context(AtomicFile(output, force=force, sources=sources))
        if made:
            folder.mkdir()
            stack.push(lambda kind, *_: _remove_empty(folder) if kind else None)
        for path, save in files.items():
            AtomicFile(path, force=force, sources=sources).check()
            save(path, stack, force)
        write_all(text.descriptor, data)


def copy_of(source: Path) -> Save:
    """Return what copies a file."""

    def save(path: Path, stack: ExitStack, force: bool) -> None:
        target = stack.enter_context(AtomicFile(path, force=force))
        with source.open("rb") as data:
            while block := data.read(1 << 20):
                write_all(target.descriptor, block)

    return save


def bytes_of(data: bytes) -> Save:
    """Return what writes bytes."""

    def save(path: Path, stack: ExitStack, force: bool) -> None:
        write_all(stack.enter_context(AtomicFile(path, force=force)).descriptor, data)

    return save


def assembly_of(clips: Sequence[Clip]) -> Save:
    """Return what writes clips as one 32-bit float file."""

    def save(path: Path, stack: ExitStack, force: bool) -> None:
        blocks, channels, rate = assembled(clips)
        writer = stack.enter_context(
            AudioWriter(path, rate, channels, format="WAV", subtype="FLOAT", force=force)
        )
        for block in blocks:
            writer.write(block)
        writer.finish()

    return save


def path_from(path: Path, home: Path) -> str:
    """Return a path as a text in a folder writes it: from there, where it lies below."""
    whole, base = path.absolute(), home.absolute()
    return whole.relative_to(base).as_posix() if whole.is_relative_to(base) else str(whole)


def _remove_empty(folder: Path) -> None:
    if not any(folder.iterdir()):
        folder.rmdir()
