"""Runs the shell and Python blocks of a page of the documentation, in order and word for word.

As a program, ``page_blocks.py PAGE``, it runs them in the working folder: shell blocks by bash,
which ends at the first command that fails; Python blocks one after the other in one namespace, as
a reader types them. ``console`` blocks, and other languages, are not run.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

_BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path) -> list[tuple[str, str]]:
    """Return language and text of every block that is run."""
    return [(kind, text) for kind, text in _BLOCK.findall(page.read_text())]


def run(page: Path) -> None:
    """Run a page's blocks in the working folder."""
    names: dict[str, Any] = {"__name__": "__page__"}
    for kind, text in blocks(page):
        print(text, flush=True)
        if kind == "sh":
            subprocess.run(["bash", "-euo", "pipefail", "-c", text], check=True)
        else:
            exec(compile(text, page.name, "exec"), names)  # noqa: S102  the page's own words


def run_in(folder: Path, page: Path) -> subprocess.CompletedProcess[str]:
    """Run a page's blocks in a process and a folder of their own, with this Python's commands."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [sys.executable, __file__, str(page)],
        cwd=folder,
        env=os.environ | {"PATH": path, "HOME": str(folder), "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )


if __name__ == "__main__":
    run(Path(sys.argv[1]))
