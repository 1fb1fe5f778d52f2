"""Read and write ID3 tags and Vorbis comments, by mutagen."""
# mypy: disable-error-code="no-untyped-call"
# mutagen's own functions are only partly annotated.

from __future__ import annotations

import base64
import binascii
import io
from pathlib import Path
from typing import Any

import mutagen
from mutagen import aiff, flac, id3, mp3, oggopus, oggvorbis

from restorack.audio.tags import Picture, Tags

# Names as in Vorbis comments, in lower case.
_ID3_TEXTS = {
    "title": "TIT2", "artist": "TPE1", "album": "TALB", "albumartist": "TPE2", "date": "TDRC",
    "genre": "TCON", "isrc": "TSRC", "composer": "TCOM", "copyright": "TCOP",
    "organization": "TPUB", "conductor": "TPE3", "lyricist": "TEXT", "language": "TLAN",
    "bpm": "TBPM", "encodedby": "TENC", "originaldate": "TDOR", "subtitle": "TIT3",
    "grouping": "TIT1", "sourcemedia": "TMED", "initialkey": "TKEY", "remixer": "TPE4",
    "titlesort": "TSOT", "artistsort": "TSOP", "albumsort": "TSOA",
}  # fmt: skip
_ID3_NAMES = {code: name for name, code in _ID3_TEXTS.items()}
_ID3_COUNTED = {"tracknumber": ("TRCK", "tracktotal"), "discnumber": ("TPOS", "disctotal")}
_TOTALS = {total: number for number, (_, total) in _ID3_COUNTED.items()}


def read_tags(path: Path, name: str) -> Tags:
    """Read the tags of a FLAC, OGG, MP3 or AIFF file.

    Parameters
    ----------
    path : Path
    name : str
        libsndfile's name of the format.

    Returns
    -------
    Tags
        Empty for other formats; damaged tags become a warning, since the sound may be sound.
    """
    try:
        if name in ("MP3", "AIFF"):
            return _read_id3_file(path, name)
        if name in ("FLAC", "OGG"):
            return _read_vorbis_file(path, name)
    except (mutagen.MutagenError, ValueError, LookupError) as error:
        return Tags(warnings=[f"the tags cannot be read ({error})"])
    return Tags()


def parse_id3(data: bytes) -> Tags:
    """Return the tags of an ID3v2 block, such as a WAV file's ``id3`` chunk."""
    try:
        return _from_id3(id3.ID3(io.BytesIO(data)))
    except (mutagen.MutagenError, ValueError, LookupError) as error:
        return Tags(warnings=[f"the ID3 tag cannot be read ({error})"])


def build_id3(tags: Tags) -> bytes:
    """Return tags as an ID3v2.4 block."""
    target = io.BytesIO()
    _to_id3(tags).save(target, v1=0, padding=lambda _: 0)
    return target.getvalue()


def write_tags(path: Path, name: str, subtype: str, tags: Tags) -> list[str]:
    """Write tags into a finished FLAC, OGG, MP3 or AIFF file.

    Parameters
    ----------
    path : Path
    name, subtype : str
        libsndfile's names.
    tags : Tags

    Returns
    -------
    list of str
        What the format cannot hold.

    Raises
    ------
    OSError
        Where the file cannot be written.
    """
    if not (tags.values or tags.pictures or tags.frames):
        return []
    try:
        return _write(path, name, subtype, tags)
    except mutagen.MutagenError as error:
        cause = error.args[0] if error.args else error
        raise (cause if isinstance(cause, OSError) else OSError(str(error))) from None


def _write(path: Path, name: str, subtype: str, tags: Tags) -> list[str]:
    if name == "MP3":
        _to_id3(tags).save(path, v1=0)
        return []
    if name == "AIFF":
        file: Any = aiff.AIFF(path)
        file.add_tags()
        for frame in _to_id3(tags).values():
            file.tags.add(frame)
        file.save()
        return []
    if name in ("FLAC", "OGG"):
        return _write_vorbis(path, name, subtype, tags)
    return [f"tag {key!r} has no place in {name}" for key in tags.values]


def _write_vorbis(path: Path, name: str, subtype: str, tags: Tags) -> list[str]:
    file: Any
    if name == "FLAC":
        file = flac.FLAC(path)
    else:
        file = (oggopus.OggOpus if subtype == "OPUS" else oggvorbis.OggVorbis)(path)
    if file.tags is None:
        file.add_tags()
    warnings = [f"ID3 frame {frame.FrameID} has no place in {name}" for frame in tags.frames]
    for key, texts in tags.values.items():
        if key.isascii() and key.isprintable() and "=" not in key:
            file.tags[key.upper()] = list(texts)
        else:
            warnings.append(f"tag {key!r} has no place in {name}")
    for picture in map(_flac_picture, tags.pictures):
        if name == "FLAC":
            file.add_picture(picture)
        else:
            block = base64.b64encode(picture.write()).decode("ascii")
            file.tags.append(("METADATA_BLOCK_PICTURE", block))
    file.save()
    return warnings


def _read_id3_file(path: Path, name: str) -> Tags:
    file = (mp3.MP3 if name == "MP3" else aiff.AIFF)(path)
    return _from_id3(file.tags) if file.tags is not None else Tags()


def _from_id3(source: Any) -> Tags:
    tags = Tags()
    for frame in source.values():
        code = frame.FrameID
        counted = next((key for key, (own, _) in _ID3_COUNTED.items() if own == code), None)
        if counted:
            number, _, total = str(frame.text[0]).partition("/")
            tags.add(counted, [number])
            tags.add(_ID3_COUNTED[counted][1], [total])
        elif code == "TCON":
            tags.add("genre", frame.genres)
        elif code in _ID3_NAMES:
            tags.add(_ID3_NAMES[code], frame.text)
        elif code == "TXXX":
            tags.add(frame.desc, frame.text)
        elif code == "COMM" and not frame.desc:
            tags.add("comment", frame.text)
        elif code == "USLT" and not frame.desc:
            tags.add("lyrics", [frame.text])
        elif code == "APIC":
            tags.pictures.append(Picture(frame.data, frame.mime, int(frame.type), frame.desc))
        else:
            tags.frames.append(frame)
    return tags


def _to_id3(tags: Tags) -> Any:
    target = id3.ID3()
    for name, texts in tags.values.items():
        if name in _TOTALS and _TOTALS[name] in tags.values:
            continue
        target.add(_id3_frame(name, list(texts), tags))
    for index, picture in enumerate(tags.pictures):
        # Two frames of one description would replace each other.
        desc = picture.description or (str(index) if index else "")
        target.add(
            id3.APIC(encoding=3, mime=picture.mime, type=picture.kind, desc=desc, data=picture.data)
        )
    for frame in tags.frames:
        target.add(frame)
    return target


def _id3_frame(name: str, texts: list[str], tags: Tags) -> Any:
    if name in _ID3_COUNTED:
        code, total = _ID3_COUNTED[name]
        whole = "/".join([texts[0], *tags.values.get(total, ())[:1]])
        return id3.Frames[code](encoding=3, text=[whole])
    if name in _ID3_TEXTS:
        return id3.Frames[_ID3_TEXTS[name]](encoding=3, text=texts)
    if name == "comment":
        return id3.COMM(encoding=3, lang="XXX", desc="", text=texts)
    if name == "lyrics":
        return id3.USLT(encoding=3, lang="XXX", desc="", text="\n\n".join(texts))
    return id3.TXXX(encoding=3, desc=name.upper(), text=texts)


def _read_vorbis_file(path: Path, name: str) -> Tags:
    tags = Tags()
    file: Any
    if name == "FLAC":
        file = flac.FLAC(path)
        tags.pictures += [_picture(picture) for picture in file.pictures]
        if file.cuesheet:
            tags.warnings.append("the FLAC cue sheet is not carried")
    else:
        file = mutagen.File(path)
    for key, text in (file.tags or ()) if file is not None else ():
        if key.lower() == "metadata_block_picture":
            try:
                tags.pictures.append(_picture(flac.Picture(base64.b64decode(text))))
            except (binascii.Error, flac.error):
                tags.warnings.append("a damaged picture is not carried")
        else:
            tags.add(key, [text])
    return tags


def _picture(picture: Any) -> Picture:
    return Picture(picture.data, picture.mime, int(picture.type), picture.desc)


def _flac_picture(picture: Picture) -> Any:
    block = flac.Picture()
    block.data, block.mime = picture.data, picture.mime
    block.type, block.desc = picture.kind, picture.description
    return block
