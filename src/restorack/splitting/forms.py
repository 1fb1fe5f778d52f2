"""In which format the files of a side are written: as it is itself, where that can be."""

from __future__ import annotations

from pathlib import Path

from restorack.io.output_formats import OUTPUT_FORMATS, choose_format
from restorack.io.reader import AudioInfo

_SAME = {"WAVEX": "WAV"}
_BY_BITS = {8: "PCM_U8", 16: "PCM_16", 24: "PCM_24", 32: "PCM_32"}


def output_form(info: AudioInfo, name: str | None, subtype: str | None) -> tuple[str, str]:
    """Return format and subtype of the files.

    Without a word of the caller those of the side; WAV for formats that are only read, and FLAC of
    24 bits for lossy ones.

    Parameters
    ----------
    info : AudioInfo
        Of the side.
    name, subtype : str, optional
        As of :func:`~restorack.io.output_formats.choose_format`.

    Raises
    ------
    FileError
        For what cannot be written.
    """
    kept = _kept(info)
    wanted = name or kept[0]
    if subtype is None:
        form = OUTPUT_FORMATS.get(wanted.upper())
        subtype = kept[1] if form is not None and kept[1] in form.subtypes else None
    return choose_format(Path(info.path), wanted, subtype)


def _kept(info: AudioInfo) -> tuple[str, str]:
    name = _SAME.get(info.format, info.format)
    if info.is_lossy:
        return ("FLAC", "PCM_24") if info.channels <= OUTPUT_FORMATS["FLAC"].max_channels else (
            "WAV", "PCM_24"
        )  # fmt: skip
    if name in OUTPUT_FORMATS and info.subtype in OUTPUT_FORMATS[name].subtypes:
        return name, info.subtype
    if info.subtype in ("FLOAT", "DOUBLE"):
        return "WAV", info.subtype
    return "WAV", _BY_BITS[next(bits for bits in _BY_BITS if bits >= (info.bits or 16))]
