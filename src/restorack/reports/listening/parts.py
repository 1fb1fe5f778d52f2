"""Segments of audio beside the page, as scripts that hand over base64.

Scripts are the one kind of file beside it that a page from disk can read.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from restorack.io.atomic import write_error, write_whole


@dataclass
class Parts:
    """A folder of segments.

    Attributes
    ----------
    folder : Path
        Beside the page; is made.
    key : str
        Tells the segments of a recording from those of the page's others.
    force : bool
        Replace files.
    written : list of Path
    """

    folder: Path
    key: str
    force: bool = False
    written: list[Path] = field(default_factory=list)

    def write(self, track: str, number: int, data: bytes) -> dict[str, object]:
        """Write a segment; return how the page finds it."""
        try:
            self.folder.mkdir(exist_ok=True)
        except OSError as error:
            raise write_error(error, self.folder) from None
        path = self.folder / f"{self.key}.{track}.{number:04d}.js"
        key = f"{self.key}/{track}/{number}"
        text = base64.b64encode(data).decode()
        content = f'restorackSegments[{json.dumps(key)}]("{text}");\n'
        write_whole(path, content.encode(), force=self.force)
        self.written.append(path)
        return {"key": key, "file": f"{quote(self.folder.name)}/{quote(path.name)}"}
