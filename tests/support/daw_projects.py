"""DAWprojects by hand, as other programs write them."""

from __future__ import annotations

import zipfile
from pathlib import Path

HEAD = '<Project version="1.0"><Application name="Other" version="1"/>'
TEMPO = '<Transport><Tempo unit="bpm" value="120"/></Transport>'
MASTER = '<Track id="tm" name="Master"><Channel id="cm" role="master"/></Track>'


def track(name: str = "voice", more: str = "", channel: str = "", number: int = 1) -> str:
    """Return a track with a fader and a pan, ids ``t1``, ``c1``, ``v1``, ``p1``."""
    return (
        f'<Track id="t{number}" name="{name}" contentType="audio">'
        f'<Channel id="c{number}" role="regular" destination="cm" {channel}>'
        f'<Pan id="p{number}" unit="normalized" value="0.5"/>{more}'
        f'<Volume id="v{number}" unit="linear" value="1"/></Channel></Track>'
    )


def clip(path: str = "audio/mono.wav", attributes: str = 'time="0" duration="1"') -> str:
    """Return a clip of a file."""
    return f'<Clip {attributes}><Audio channels="1" sampleRate="44100" duration="1">' + (
        f'<File path="{path}"/></Audio></Clip>'
    )


def document(structure: str, lanes: str, unit: str = "seconds", more: str = "") -> str:
    """Return a project's text."""
    return (
        f"{HEAD}{TEMPO}<Structure>{structure}{MASTER}</Structure>"
        f'<Arrangement><Lanes timeUnit="{unit}">{lanes}</Lanes>{more}</Arrangement></Project>'
    )


def write(path: Path, text: str | bytes, files: dict[str, bytes | Path] | None = None) -> Path:
    """Write a ZIP with a project's text and files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.xml", text)
        for name, data in (files or {}).items():
            archive.writestr(name, data.read_bytes() if isinstance(data, Path) else data)
    return path
