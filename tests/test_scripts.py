"""The scripts that guard the sound: what counts as equal, and which faults are planted."""

from __future__ import annotations

import ast
import json
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

SCRIPTS = Path(__file__).parent.parent / "scripts"


def loaded(name: str) -> ModuleType:
    loader = SourceFileLoader(Path(name).stem.replace("-", "_"), str(SCRIPTS / name))
    module = module_from_spec(spec_from_loader(loader.name, loader))
    sys.modules[loader.name] = module
    loader.exec_module(module)
    return module


@pytest.fixture
def same_sound() -> ModuleType:
    return loaded("same-sound")


TONE = np.sin(np.arange(1000.0)).astype(np.float32)
OTHER = np.where(np.arange(1000) == 7, TONE + np.float32(1e-4), TONE)


def outputs(folder: Path, rendered: dict[str, np.ndarray], failed: dict[str, str]) -> Path:
    folder.mkdir()
    for case, rows in rendered.items():
        np.save(folder / f"{case}.npy", rows)
    index = {"rendered": {case: f"{case}.npy" for case in rendered}, "failed": failed}
    (folder / "index.json").write_text(json.dumps(index))
    return folder


MISSING = "not installed: PluginError: ZamX2 is not installed"


@pytest.mark.parametrize(
    ("old", "new", "status", "said"),
    [
        ({"a": TONE}, {"a": TONE}, 0, "a: equal"),
        ({"a": TONE}, {"a": OTHER}, 1, "a: DIFFERS: -80.0 dB at most, 0.10% of the samples"),
        ({"a": TONE}, {"a": TONE[:-1]}, 1, "a: DIFFERS: float32(1000,) and float32(999,)"),
        ({"a": TONE}, {"a": TONE.astype(float)}, 1, "a: DIFFERS: float32"),
        ({"a": 0 * TONE}, {"a": -0.0 * np.abs(TONE)}, 1, "a: DIFFERS: in signs of zeros"),
        ({"a": TONE}, {"a": TONE, "b": TONE}, 0, "b: in new alone"),
        ({"a": TONE, "b": TONE}, {"a": TONE}, 1, "b: in old alone"),
        ({"a": TONE}, {"a": "OSError: no"}, 1, "a: FAILS; old: rendered; new: OSError: no"),
        ({"a": "OSError: no"}, {"a": "OSError: no"}, 1, "a: FAILS"),
        ({"a": MISSING}, {"a": MISSING}, 0, f"a: {MISSING}"),
        ({"a": TONE}, {"a": MISSING}, 1, "a: FAILS"),
        ({}, {}, 1, "0 cases"),
    ],
)
def test_two_commits_are_the_same_where_every_bit_is(
    same_sound: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    old: dict, new: dict, status: int, said: str,
) -> None:  # fmt: skip
    folders = [
        outputs(
            tmp_path / name,
            {case: one for case, one in cases.items() if not isinstance(one, str)},
            {case: one for case, one in cases.items() if isinstance(one, str)},
        )
        for name, cases in (("old", old), ("new", new))
    ]
    assert same_sound.report(["old", "new"], *folders) == status
    assert said in capsys.readouterr().out


def test_stages_and_presets_are_found_by_the_projects_own_file(same_sound: ModuleType) -> None:
    root = SCRIPTS.parent
    assert "restorack.Declicker" in same_sound.stage_entries(root)
    assert "78rpm-heavy" in same_sound.preset_files(root)


SOURCE = '''
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from x import y

LIMIT: "list[3]" = 2.0

@njit(cache=True)
def f(a, b):
    """Say 1 + 1."""
    if a < 3 and not b:
        a += 1
    log("text" + "text")
    return a - LIMIT
'''


def test_faults_change_what_is_run_and_one_thing_at_a_time() -> None:
    mutation = loaded("mutation.py")
    count = len(mutation.faults(ast.parse(SOURCE)))
    plain, changed, what = ast.unparse(ast.parse(SOURCE)).splitlines(), set(), []
    for number in range(count):
        tree = ast.parse(SOURCE)
        fault = mutation.faults(tree)[number]
        fault.plant()
        text = ast.unparse(ast.fix_missing_locations(tree))
        compile(text, "mutant", "exec")
        lines = text.splitlines()
        assert lines != plain
        changed.add(text)
        what.append(fault.what)
        assert "if TYPE_CHECKING:" in lines
        assert "@njit(cache=True)" in lines
        assert "    'Say 1 + 1.'" in text.replace('"""', "'")
    assert len(changed) == count == 12
    assert "f() returns a at once" in what
    assert "Lt to GtE: a < 3" in what
    assert "3.0 in 2.0" in what
    assert "drop: log('text' + 'text')" in what


def test_what_a_module_is_built_on_is_found_in_functions_too() -> None:
    mutation = loaded("mutation.py")
    names = mutation.modules()
    declicker = mutation.needed_by(names["restorack.plugins.declick.declicker"])
    assert "restorack.plugins.declick.interpolation" in declicker
    assert "restorack.dsp.autoregression" in declicker
    assert "restorack.plugins.bandwidth.extender" not in declicker


def test_a_module_is_built_on_what_a_package_loads_when_it_is_used(tmp_path: Path) -> None:
    mutation = loaded("mutation.py")
    tests = mutation.ROOT / "tests" / "chains" / "test_chain.py"
    assert "restorack.chains.slot" in mutation.needed_by(tests, "restorack.chains")
    program = tmp_path / "program.py"
    program.write_text("from restorack import Chain, Hiss\n")
    found = mutation.imported_by(program)
    assert {"restorack.chains.chain", "restorack.degrade.additive.hiss"} <= found
