"""Say what a file is and what it says about itself."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

from restorack.io.checksums import stated_md5
from restorack.io.metadata import read_metadata
from restorack.io.reader import AudioReader
from restorack.io.wave.riff import is_wave
from restorack.text import path_text


def describe_file(path: str | PathLike[str], *, strict: bool = False) -> dict[str, Any]:
    """Describe an audio file.

    Parameters
    ----------
    path : path-like
    strict : bool
        Refuse a file of which sound is missing, or may be.

    Returns
    -------
    dict
        Ready for JSON: ``path``, ``format``, ``subtype``, ``sample_rate`` in Hz, ``channels``,
        ``frames``, ``duration`` in seconds, ``bits`` (None where the coding has no word length),
        ``is_lossy``, ``size`` in bytes, ``tags`` (name to list of texts), ``pictures`` (kind,
        type and size), ``bext``, ``chunks`` (names and sizes), ``md5`` (as a WAV file's chunk
        states it, else None), ``missing_seconds`` (of sound, None
        where nobody can tell), ``warnings``.

    Raises
    ------
    FileError, AudioError
        As :class:`~restorack.io.reader.AudioReader` does.
    """
    source = Path(path)
    with AudioReader(source, strict=strict) as reader:
        info = reader.info
    metadata = read_metadata(source)
    return {
        "path": path_text(source),
        "format": info.format,
        "subtype": info.subtype,
        "sample_rate": info.sample_rate,
        "channels": info.channels,
        "frames": info.frames,
        "duration": info.duration,
        "bits": info.bits,
        "is_lossy": info.is_lossy,
        "size": source.stat().st_size,
        "tags": {name: list(texts) for name, texts in sorted(metadata.tags.values.items())},
        "pictures": [
            {"kind": picture.kind, "mime": picture.mime, "size": len(picture.data)}
            for picture in metadata.tags.pictures
        ],
        "bext": metadata.bext,
        "chunks": [
            {"name": chunk.name.decode("latin-1"), "size": len(chunk.data)}
            for chunk in metadata.chunks
        ],
        "md5": stated_md5(source) if is_wave(source) else None,
        "missing_seconds": info.missing_seconds,
        "warnings": [*(warning.text for warning in info.warnings), *metadata.warnings],
    }
