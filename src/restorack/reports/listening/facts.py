"""Files, hashes and versions: what a reader needs to make the same again."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from restorack.io.reader import AudioReader
from restorack.reports.listening.page import Fact
from restorack.version import __version__

if TYPE_CHECKING:
    from restorack.reports.listening.encoding import Coding
    from restorack.reports.listening.recording import Sources, Version


def source_facts(sources: Sources, coding: Coding) -> list[Fact]:
    """Return what there is to say of the source, and of how the page plays it."""
    with AudioReader(sources.source) as reader:
        info = reader.info
    channels = {1: "mono", 2: "stereo"}.get(info.channels, f"{info.channels} channels")
    form = f"{info.format} {info.subtype}, {info.sample_rate:g} Hz, {channels}"
    played = "FLAC, 24 bit" if coding.codec == "flac" else f"Opus, {coding.kbps:.0f} kb/s a channel"
    more = "; more than two channels are averaged into one" if info.channels > 2 else ""
    link = sources.links.get("before", "")
    return [
        Fact("Before", sources.source.name, link=link),
        Fact("Format", f"{form}, {info.frames / info.sample_rate:.3f} s"),
        Fact("SHA-256", sha256(sources.source), is_hash=True),
        Fact("Played here as", f"{played}, {coding.rate} Hz{more}"),
    ]


def version_facts(versions: Sequence[Version]) -> list[Fact]:
    """Return the hash of each output and of what made it, and the versions of all software."""
    found: list[Fact] = []
    versions_of_software: dict[str, str] = {}
    for version in versions:
        result = version.result
        form = f"{result.output_format} {result.output_subtype}, {result.output_rate:g} Hz"
        found.append(Fact(f"After, {version.name or 'stages'}", f"{form}, {result.engine}"))
        found.append(Fact("SHA-256", sha256(version.output), is_hash=True))
        if version.recipe is not None:
            document = json.loads(version.recipe.document)
            found.append(Fact("Preset, SHA-256", document["preset_sha256"], is_hash=True))
            found.append(Fact("Recipe, SHA-256", version.recipe.digest, is_hash=True))
            versions_of_software |= document["versions"]
            found += [
                Fact(f"Weights {name}", value, is_hash=True)
                for name, value in sorted(document["weights"].items())
                if version is versions[-1]
            ]
    known = versions_of_software or {"restorack": __version__, "python": platform.python_version()}
    text = ", ".join(f"{name} {number}" for name, number in known.items())
    return [*found, Fact("Versions", text)]


def sha256(path: Path) -> str:
    """Return the hash of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
