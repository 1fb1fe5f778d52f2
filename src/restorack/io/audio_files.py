"""Which names are those of audio files, and which audio files a folder has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

LOSSLESS_SUFFIXES = (
    ".wav", ".wave", ".bwf", ".rf64", ".w64", ".aiff", ".aif", ".aifc", ".caf", ".au", ".flac",
)  # fmt: skip
LOSSY_SUFFIXES = (".ogg", ".oga", ".opus", ".mp3")
AUDIO_SUFFIXES = (*LOSSLESS_SUFFIXES, *LOSSY_SUFFIXES)
"""What counts as audio in a folder; a file that is given itself is taken whatever its name."""


def is_audio_name(name: str, suffixes: Sequence[str] = AUDIO_SUFFIXES) -> bool:
    """Return whether a name is that of an audio file: not hidden, a known suffix in any case."""
    return not name.startswith(".") and Path(name).suffix.lower() in suffixes


def audio_files(folder: Path, suffixes: Sequence[str] = AUDIO_SUFFIXES) -> list[Path]:
    """Return the audio files of a folder and those below it, sorted; none that is hidden."""
    return sorted(
        path
        for path in folder.rglob("*")
        if is_audio_name(path.name, suffixes)
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
