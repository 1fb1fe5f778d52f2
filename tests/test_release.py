"""``scripts/release`` refuses what is not ready, before it builds anything."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DATED = "## [1.2.3] - 2026-01-02\n"


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def project(folder: Path, changelog: str) -> Path:
    """Make a project whose wheel takes no time: scripts/wheel says that it was called."""
    for name in ("scripts", "src/restorack"):
        (folder / name).mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "release", folder / "scripts")
    (folder / "scripts" / "wheel").write_text('echo "wheel $1"; exit 3\n')
    (folder / "src" / "restorack" / "version.py").write_text('__version__ = "1.2.3"\n')
    (folder / "CHANGELOG.md").write_text(changelog)
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "Begin")
    return folder


def released(folder: Path) -> subprocess.CompletedProcess[str]:
    command = ["sh", "scripts/release"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("changelog", "why"),
    [
        ("## [Unreleased]\n", "no dated section [1.2.3]"),
        ("## [1.2.3]\n", "no dated section [1.2.3]"),
        ("## [1.2.30] - 2026-01-02\n", "no dated section [1.2.3]"),
    ],
)
def test_a_version_has_a_dated_section(tmp_path: Path, changelog: str, why: str) -> None:
    ran = released(project(tmp_path / "p", changelog))
    assert ran.returncode == 1
    assert why in ran.stderr
    assert "wheel" not in ran.stdout


def test_changes_and_tags_are_refused(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", DATED)
    (folder / "new.txt").write_text("")
    assert "not committed" in released(folder).stderr
    (folder / "new.txt").unlink()
    git(folder, "tag", "v1.2.3")
    assert "tagged already" in released(folder).stderr


def test_what_is_ready_is_built(tmp_path: Path) -> None:
    ran = released(project(tmp_path / "p", DATED))
    assert "wheel dist" in ran.stdout
    assert ran.returncode == 3


def test_the_version_has_its_section() -> None:
    from restorack import __version__

    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert re.search(rf"^## \[{re.escape(__version__)}\] - \d{{4}}-", changelog, re.MULTILINE)
