"""Text that others wrote, such as names and tags, made safe to show and to keep in JSON."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

# What steers a terminal, turns the direction of writing or is half a character: C0 and C1
# controls, DEL, bidirectional controls, separators of lines, surrogates.
_STEERING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb\ud800-\udfff]"
)
_UNSAFE_IN_JSON = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED_BYTE = re.compile(r"\\x[0-9a-f]{2}")
_ESCAPE = re.compile(r"\\\\|\\x([0-9a-f]{2})")


def visible(text: str, keep: str = "\n\t") -> str:
    r"""Return a text that a terminal shows and does not obey.

    Parameters
    ----------
    text : str
        Of a file, a preset or a plugin; also a name that is not UTF-8, as Python decodes it.
    keep : str
        Control characters that are left alone; none for what must stay on one line.

    Returns
    -------
    str
        Control characters as ``\x1b`` and ``\u202e``, bytes that are not UTF-8 as ``\xe9``. A
        text without them is returned as it is.
    """
    return _STEERING.sub(lambda found: _shown(found.group(), keep), text)


def _shown(character: str, keep: str) -> str:
    code = ord(character)
    if character in keep:
        return character
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a name that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def json_safe(encoded: str) -> str:
    r"""Return JSON text with what steers terminals as ``\uXXXX``: the same document.

    Lone surrogates, which UTF-8 cannot hold, become ``\\xe9`` inside of their strings, as
    :func:`path_text` writes them.
    """
    escaped = _UNSAFE_IN_JSON.sub(lambda found: f"\\u{ord(found.group()):04x}", encoded)
    return _SURROGATE.sub(lambda found: "\\" + _shown(found.group(), ""), escaped)


def path_text(path: str | os.PathLike[str]) -> str:
    r"""Return a path as text that is valid UTF-8, from which the path can be had again.

    A path that is UTF-8 stays as it is. In others each byte that is not UTF-8 becomes ``\xe9``, and
    each backslash two; so does a path that happens to read like one so escaped.
    """
    text = os.fspath(path) if isinstance(path, (str, Path)) else _url(path)
    if not (_SURROGATE.search(text) or _ESCAPED_BYTE.search(text)):
        return text
    return os.fsencode(text.replace("\\", "\\\\")).decode("utf-8", "backslashreplace")


def _url(path: Any) -> str:
    """Return what a remote path is called, the host of its store with it."""
    text, options = str(path), getattr(path, "storage_options", {})
    host = options.get("host")
    if not isinstance(host, str) or "://" not in text:
        return text
    scheme, _, rest = text.partition(":///")
    user = f"{options['username']}@" if options.get("username") else ""
    port = f":{options['port']}" if options.get("port") else ""
    return f"{scheme}://{user}{host}{port}/{rest}" if rest else text


def path_of_text(text: str) -> Path:
    """Return the path of which :func:`path_text` made a text."""
    if not _ESCAPED_BYTE.search(text):
        return Path(text)

    def byte(found: re.Match[str]) -> str:
        code = found.group(1)
        return os.fsdecode(bytes.fromhex(code)) if code else "\\"

    # Whole again, since bytes that are escaped may be part of a character that is not.
    return Path(os.fsdecode(os.fsencode(_ESCAPE.sub(byte, text))))
