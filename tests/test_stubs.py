"""The typed constructors say what the declarations say, and type checkers read them."""

from __future__ import annotations

import inspect
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import restorack
from restorack import stages
from restorack.core.registry import processor_class, processor_names

ROOT = Path(__file__).parent.parent

PROGRAM = """\
from restorack.stages import Declicker, SpectralDenoiser

Declicker(sensitivity=0.7, max_click_ms=4)
Declicker(sensitivty=0.7)
Declicker(sensitivity="much")
SpectralDenoiser(floor_estimate="stedy")
"""


def test_the_stubs_are_what_the_declarations_say() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "stage_stubs.py"))
    folder = ROOT / "src" / "restorack"
    assert (folder / "stages.py").read_text() == script["module"](), "run scripts/stage_stubs.py"
    assert (folder / "stages.pyi").read_text() == script["stub"](), "run scripts/stage_stubs.py"


def test_every_stage_has_its_parameters_in_its_docstring() -> None:
    for name in processor_names():
        if name.startswith("restorack."):
            cls = processor_class(name)
            assert getattr(stages, cls.__name__) is cls
            text = inspect.getdoc(cls) or ""
            for parameter in cls.parameters.values():
                assert f"\n{parameter.name} : {parameter.describe_range()}" in text, parameter.name


def test_a_stage_shows_every_value_with_its_range() -> None:
    shown = repr(restorack.Air(amount_db=3))
    assert "amount_db=3.0," in shown
    assert "# 0 to 12 dB" in shown
    made = eval(shown, {"Air": restorack.Air})  # noqa: S307  a constructor call of ours
    assert made.values() == restorack.Air(amount_db=3).values()
    assert str(restorack.Air(amount_db=3)) == "Air(amount_db=3.0)"


@pytest.mark.slow
def test_mypy_catches_a_misspelt_parameter(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    # What the classes derive from says nothing of their constructors, and takes half a minute.
    stub = tmp_path / "restorack" / "stages.pyi"
    stub.parent.mkdir()
    (stub.parent / "__init__.pyi").touch()
    shutil.copy(Path(restorack.__file__).parent / "stages.pyi", stub)
    command = [sys.executable, "-m", "mypy", "--follow-imports=skip", "--cache-dir",
               str(tmp_path / "cache"), "program.py", str(stub)]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    found = re.findall(r"^program\.py:(\d+): error: (.*)", done.stdout, re.MULTILINE)
    assert [int(line) for line, _ in found] == [4, 5, 6], done.stdout
    assert 'Unexpected keyword argument "sensitivty"' in found[0][1]
