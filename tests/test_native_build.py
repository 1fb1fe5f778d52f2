"""The native core is built from every source, and says in one line what is missing for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def build(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "setup.py", "--quiet", "build_ext", "--build-temp", str(folder),
               "--build-lib", str(folder)]  # fmt: skip
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def test_a_missing_compiler_is_named_in_one_line(tmp_path: Path) -> None:
    done = build(tmp_path, CC=str(tmp_path / "no-compiler"))
    assert done.returncode == 1
    told = done.stderr.strip().splitlines()[-1]
    assert told.startswith("restorack is built with a C compiler and Python's headers")
    assert "gcc" in told
    assert "Traceback" not in done.stderr


def test_only_files_that_say_so_know_python() -> None:
    for path in (ROOT / "native").glob("*/*.[ch]"):
        knows = "Python.h" in path.read_text() or "python_module.h" in path.read_text()
        assert knows == (path.parent.name == "python"), path.name


def test_every_idea_is_on_the_page() -> None:
    page = (ROOT / "docs" / "inside" / "native-core.md").read_text()
    for path in (ROOT / "native").glob("*/*.c"):
        assert f"`{path.name}`" in page or path.parent.name == "tests", path.name


def test_the_installed_core_is_of_the_stable_abi() -> None:
    from restorack.dsp import _core

    suffix = "".join(Path(_core.__file__).suffixes)
    assert suffix in {".abi3.so", ".pyd"}
