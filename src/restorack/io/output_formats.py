"""Which formats can be written, and what each of them can hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from restorack.dsp.arrays import MAX_CHANNELS
from restorack.errors import FileError, suggest

WAVE_FORMATS = ("WAV", "RF64")
"""That we write ourselves, with chunks."""
CHECKSUM_FORMATS = (*WAVE_FORMATS, "FLAC")
"""That hold an MD5 of their samples."""

PCM_BITS = {"PCM_S8": 8, "PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32}

# In Hz: what the formats hold (ISO 11172-3 and 13818-3 with MPEG 2.5, RFC 6716, RFC 9639), and
# what libvorbis encodes.
_MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_OPUS_RATES = (8000, 12000, 16000, 24000, 48000)
_FLAC_TOP_RATE = 655_350
_VORBIS_TOP_RATE = 192_000


@dataclass(frozen=True)
class OutputFormat:
    """One format with all that it can hold; the first subtype is the default."""

    name: str
    extensions: tuple[str, ...]
    subtypes: tuple[str, ...]
    max_channels: int = MAX_CHANNELS
    holds_no_samples: bool = True


_PCM = ("PCM_24", "PCM_16", "PCM_32", "FLOAT", "DOUBLE")

OUTPUT_FORMATS = {
    form.name: form
    for form in (
        OutputFormat("WAV", ("wav", "wave", "bwf"), (*_PCM, "PCM_U8")),
        OutputFormat("RF64", ("rf64",), (*_PCM, "PCM_U8")),
        OutputFormat("W64", ("w64",), (*_PCM, "PCM_U8")),
        OutputFormat("AIFF", ("aiff", "aif", "aifc"), _PCM),
        OutputFormat("FLAC", ("flac",), ("PCM_24", "PCM_16", "PCM_S8"), 8, False),
        OutputFormat("OGG", ("ogg", "oga", "opus"), ("VORBIS", "OPUS"), 8, False),
        OutputFormat("MP3", ("mp3",), ("MPEG_LAYER_III",), 2, False),
    )
}
"""Formats that can be written, by libsndfile's names."""

_BY_EXTENSION = {
    extension: form.name for form in OUTPUT_FORMATS.values() for extension in form.extensions
}
OUTPUT_SUFFIXES = frozenset(f".{extension}" for extension in _BY_EXTENSION)
"""Of names whose format can be written."""

_SHORT_SUBTYPES = {"MPEG": "MPEG_LAYER_III", "32F": "FLOAT", "F32": "FLOAT", "64F": "DOUBLE",
                   "F64": "DOUBLE", "32FLOAT": "FLOAT", "64FLOAT": "DOUBLE"}  # fmt: skip


def full_subtype(text: str) -> str:
    """Return a subtype by libsndfile's name.

    Parameters
    ----------
    text : str
        In any case; bits stand for PCM (``24``, ``24-bit``), with an f for floats (``32f``).
    """
    word = re.sub(r"[\s-]|BITS?", "", text.upper())
    if word.isdecimal():
        return f"PCM_{word}"
    return _SHORT_SUBTYPES.get(word, text.upper())


def choose_format(path: Path, name: str | None, subtype: str | None) -> tuple[str, str]:
    """Return the format and subtype to write.

    Parameters
    ----------
    path : Path
        Its extension decides where no name is given.
    name : str, optional
        A format in any case, such as ``flac``.
    subtype : str, optional
        In any case, or bits; where none is given, the format's default (24 bits where it has them).

    Returns
    -------
    name, subtype : str

    Raises
    ------
    FileError
        For a format, extension or subtype that cannot be written, naming those that can.
    """
    extension = path.suffix[1:].lower()
    chosen = (name or _BY_EXTENSION.get(extension, extension)).upper()
    if chosen not in OUTPUT_FORMATS:
        what = f"format {name!r}" if name else f"the extension {path.suffix!r}"
        known = ", ".join(sorted(OUTPUT_FORMATS))
        raise FileError(
            f"{what} cannot be written",
            where=str(path),
            rule=f"formats: {known}",
            remedy=suggest(chosen, OUTPUT_FORMATS)
            if name
            else "give the file one of their extensions, or name the format",
        )
    form = OUTPUT_FORMATS[chosen]
    if subtype is None:
        return chosen, "OPUS" if extension == "opus" else form.subtypes[0]
    wanted = full_subtype(subtype)
    if wanted not in form.subtypes:
        raise FileError(
            f"{chosen} cannot hold {subtype}",
            where=str(path),
            rule=f"{chosen} holds {', '.join(form.subtypes)}",
            remedy="choose one of these, or WAV, which holds every PCM and float width",
        )
    return chosen, wanted


def check_target(path: Path, name: str, subtype: str, sample_rate: float, channels: int) -> int:
    """Return the sample rate as an integer, or refuse what the format cannot hold.

    Parameters
    ----------
    path : Path
        For the error.
    name, subtype : str
        As :func:`choose_format` returns them.
    sample_rate : float
        In Hz.
    channels : int

    Returns
    -------
    int

    Raises
    ------
    FileError
        With the formats or rates that would do.
    """
    rate = round(sample_rate)
    if rate != sample_rate or rate < 1:
        raise FileError(
            f"sample rate {sample_rate!r} Hz",
            where=str(path),
            rule="files state their rate in whole Hz",
            remedy=f"resample to {max(rate, 1)} Hz",
        )
    most = OUTPUT_FORMATS[name].max_channels
    if not 1 <= channels <= most:
        raise FileError(
            f"{channels} channels in {name}",
            where=str(path),
            rule=f"{name} holds 1 to {most} channels",
            remedy="write WAV" if channels <= MAX_CHANNELS else f"at most {MAX_CHANNELS} channels",
        )
    rule = _broken_rate_rule(name, subtype, rate)
    if rule:
        raise FileError(
            f"{rate} Hz in {name} {subtype}",
            where=str(path),
            rule=rule,
            remedy="choose an output sample rate that it holds (48000), or write WAV",
        )
    return rate


def _broken_rate_rule(name: str, subtype: str, rate: int) -> str:
    if name == "MP3" and rate not in _MP3_RATES:
        return f"MP3 holds {', '.join(map(str, _MP3_RATES))} Hz"
    if subtype == "OPUS" and rate not in _OPUS_RATES:
        return f"Opus holds {', '.join(map(str, _OPUS_RATES))} Hz"
    # Beyond this libvorbis has no setting, and libsndfile crashes instead of saying so.
    if subtype == "VORBIS" and rate > _VORBIS_TOP_RATE:
        return f"Vorbis holds up to {_VORBIS_TOP_RATE} Hz"
    # FLAC's frame header states rates above 65535 Hz in tens of Hz.
    if name == "FLAC" and (rate > _FLAC_TOP_RATE or (rate > 65_535 and rate % 10)):
        return f"FLAC holds up to 65535 Hz, and multiples of 10 Hz up to {_FLAC_TOP_RATE} Hz"
    return ""


def require_checksum_format(path: Path, name: str) -> None:
    """Raise :class:`FileError` for a format that holds no MD5 of its samples."""
    if name not in CHECKSUM_FORMATS:
        raise FileError(
            f"{name} holds no MD5 of its samples",
            where=str(path),
            rule=f"--md5 is for {', '.join(CHECKSUM_FORMATS)}",
            remedy="write one of these, or leave --md5 out",
        )
