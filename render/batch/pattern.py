"""Names of outputs from a pattern: ``{artist}/{title}.{preset}.flac``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from restorack.errors import ParameterError, suggest
from restorack.io.file_names import fitting_name
from restorack.io.output_formats import OUTPUT_SUFFIXES

TAGS = {
    "title": "title", "artist": "artist", "album": "album", "albumartist": "albumartist",
    "track": "tracknumber", "disc": "discnumber", "date": "date", "year": "date",
    "genre": "genre", "composer": "composer",
}  # fmt: skip
"""Fields that are read from a file's tags, and what the tags call them."""

NAMES = ("stem", "name", "ext", "parent", "folder", "preset")
"""Fields that are made of a file's path and the preset's name."""

_FIELD = re.compile(r"\{([^{}]*)\}")
_ENDS = re.compile(r"\A[\s.]+|[\s.]+\Z")
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\/]')
_UNPRINTED = re.compile(r"[\x00-\x1f\x7f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


@dataclass(frozen=True)
class Named:
    """What a pattern can say of a file.

    Attributes
    ----------
    source : Path
    folder : PurePosixPath
        Where it lies below the folder that was given; ``.`` for a file that was given itself.
    preset : str
    """

    source: Path
    folder: PurePosixPath
    preset: str


class Pattern:
    """A pattern with its fields checked.

    Parameters
    ----------
    text : str
        Path below the output folder. ``{field}`` stands for a field; ``{field|text}`` for a text
        where a file has no such tag.
    extension : str
        Of the output's format: appended where the pattern does not end in one of audio files.

    Raises
    ------
    ParameterError
        For a field that does not exist, or a path that would leave the output folder.
    """

    def __init__(self, text: str, extension: str) -> None:
        self.text = text
        named = PurePosixPath(text).suffix.lower() in OUTPUT_SUFFIXES
        self._text = text if named else f"{text}.{extension}"
        self._fields = [field.partition("|")[0] for field in _FIELD.findall(text)]
        self._check()

    @property
    def reads_tags(self) -> bool:
        """Whether files have to be opened to be named."""
        return any(field in TAGS for field in self._fields)

    def _check(self) -> None:
        where, known = f"--pattern {self.text}", (*TAGS, *NAMES)
        for field in self._fields:
            if field not in known:
                raise ParameterError(f"no field {field!r}", where=where,
                                     remedy=suggest(field, known))  # fmt: skip
        literal = _FIELD.sub("x", self._text)
        if "{" in literal or "}" in literal:
            raise ParameterError("a brace without its partner", where=where)
        parts = literal.split("/")
        if literal.startswith("/") or ".." in parts or "\0" in literal:
            raise ParameterError(
                "leaves the output folder", where=where, rule="a path below the output folder"
            )
        if parts[0].startswith(".restorack") or not parts[-1].rpartition(".")[0]:
            raise ParameterError("names no file of yours", where=where)

    def key(self, file: Named, read_tags: Callable[[Path], Mapping[str, str]]) -> str:
        """Return a file's key: the path of its output below the output folder.

        Parameters
        ----------
        file : Named
        read_tags : callable
            Returns the first text of each tag of a file, by its name; called only if need be.
        """
        tags = read_tags(file.source) if self.reads_tags else {}
        filled = _FIELD.sub(lambda found: _value(found.group(1), file, tags), self._text)
        return "/".join(_shortened(part) for part in _parts(filled))


def _value(field: str, file: Named, tags: Mapping[str, str]) -> str:
    name, bar, otherwise = field.partition("|")
    if name == "folder":
        return "/".join(safe_part(part) for part in file.folder.parts)
    text = safe_part(_text(name, file, tags))
    if text:
        return text
    return otherwise if bar else _without_tag(name, file)


def _text(name: str, file: Named, tags: Mapping[str, str]) -> str:
    plain = {
        "stem": file.source.stem, "name": file.source.name, "ext": file.source.suffix[1:],
        "parent": file.source.parent.name, "preset": file.preset,
    }  # fmt: skip
    if name in plain:
        return plain[name]
    text = tags.get(TAGS[name], "")
    if name in ("track", "disc"):
        number = text.partition("/")[0].strip()
        return number.zfill(2) if number.isdigit() else number
    return text[:4] if name == "year" else text


def _without_tag(name: str, file: Named) -> str:
    if name == "title":
        return safe_part(file.source.stem)
    return f"unknown {name}" if name in TAGS else "_"


def safe_part(text: str) -> str:
    """Return a text as it can stand in one part of a path, on any disk: no separators, no dots.

    Names of the system (``..``, ``CON``), control characters and what other systems forbid are
    replaced; characters are composed (NFC), so that one name is not spelt in two ways. A byte that
    is not UTF-8 becomes ``%E9``, so that names stay apart.
    """
    clean = unicodedata.normalize("NFC", _SURROGATE.sub(_byte_in_hex, text))
    clean = _ENDS.sub("", _FORBIDDEN.sub("_", clean))
    return f"_{clean}" if _RESERVED.match(clean) else clean


def _parts(filled: str) -> list[str]:
    """Return the parts of a path, none of them empty, hidden or a way up.

    Whatever tags and texts in place of tags have made of it: folders that nothing is left of are
    left out, and a file keeps its ending.
    """
    plain = _SURROGATE.sub(_byte_in_hex, _UNPRINTED.sub("_", filled))
    *folders, last = plain.split("/")
    kept = [part for part in (_ENDS.sub("", folder) for folder in folders) if part]
    stem, dot, ending = last.rpartition(".")
    return [*kept, f"{_ENDS.sub('', stem) or '_'}{dot}{ending}"]


def _byte_in_hex(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"%{code - 0xDC00:02X}" if 0xDC80 <= code <= 0xDCFF else "_"


def _shortened(part: str) -> str:
    """Return a part of a path within what disks take, its ending kept."""
    if part.startswith("."):
        part = f"_{part[1:]}"  # hidden files are nobody's wish
    stem, dot, ending = part.rpartition(".") if "." in part[-16:] else (part, "", "")
    return fitting_name(stem, dot + ending)
