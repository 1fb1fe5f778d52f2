"""Print the test files that mirror what changed since a commit, tests that changed among them.

``plugins/denoise/unet.py`` is mirrored by ``tests/plugins/denoise/test_unet.py``, and where there
is no such file by the folder ``tests/plugins/denoise``.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SOURCES = Path("src/restorack")
NOT_TESTED_ALONE = {"__init__", "version"}


def changed_since(commit: str) -> list[Path]:
    """Return the files that differ from a commit, those that git does not know yet included."""
    known = ("git", "diff", "--name-only", "--diff-filter=d", commit)
    new = ("git", "ls-files", "--others", "--exclude-standard")
    lines: list[str] = []
    for command in (known, new):
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        lines += done.stdout.splitlines()
    return [Path(line) for line in lines]


def tests_of(path: Path) -> Path | None:
    """Return the test file or folder that mirrors a file."""
    if path.parts[0] == "tests":
        return path if path.name.startswith("test_") and path.exists() else None
    if path.suffix != ".py" or path.stem in NOT_TESTED_ALONE:
        return None
    inner = path.relative_to(SOURCES) if path.is_relative_to(SOURCES) else path
    file = Path("tests") / inner.parent / f"test_{inner.stem}.py"
    if file.exists():
        return file
    return file.parent if any(file.parent.glob("test_*.py")) else None


def main() -> None:
    """Print them, each once, a folder in place of its files."""
    found = {tests_of(path) for path in changed_since(sys.argv[1])} - {None}
    chosen = {path for path in found if path is not None}
    print(*sorted(str(p) for p in chosen if not any(q in chosen for q in p.parents)))


if __name__ == "__main__":
    main()
