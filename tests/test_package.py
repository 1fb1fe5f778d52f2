"""The package: quick to import, complete when installed, one front door."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
import soundfile

import restorack
from restorack import errors
from restorack.core.registry import index_entries, processor_class, processor_names
from restorack.errors import RegistryError
from restorack.testing.signals import worn_music

ROOT = Path(__file__).parent.parent
HEAVY = ("torch", "scipy.signal", "numba", "librosa", "pedalboard", "dawdreamer", "matplotlib")


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def test_importing_loads_nothing_heavy() -> None:
    loaded = json.loads(run("import restorack, sys, json; print(json.dumps(list(sys.modules)))"))
    assert not [name for name in HEAVY if name in loaded]
    assert "numpy" not in loaded
    assert "pydantic" not in loaded


def test_every_public_name_is_there() -> None:
    for name in restorack.__all__:
        assert getattr(restorack, name) is not None
    assert set(restorack.__all__) <= set(dir(restorack))
    with pytest.raises(AttributeError):
        restorack.nothing  # noqa: B018


def test_render_is_called_in_either_order(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "in.wav", worn_music(44_100, 0.1, 1)[0], 44_100)
    for first in ("", "import restorack.render.plan\n"):
        code = (
            f"{first}import restorack\n"
            f"r = restorack.render({str(tmp_path / 'in.wav')!r}, {str(tmp_path / 'out.wav')!r}, "
            "restorack.Chain(), force=True)\nprint(r.frames_out)"
        )
        assert run(code).strip() == "4410"


def test_render_is_the_package_whichever_comes_first() -> None:
    for first in ("import restorack.render.plan", "restorack.load_preset", "restorack.render"):
        code = (
            f"import inspect, pickle, restorack\n{first}\n"
            "import restorack.render.plan as plan\n"
            "assert restorack.render.plan is plan\n"
            "assert restorack.render.api.render is restorack.render.render\n"
            "assert pickle.loads(pickle.dumps(restorack.render)) is restorack.render\n"
            "print(*inspect.signature(restorack.render).parameters)"
        )
        assert run(code).split()[:3] == ["source", "output", "chain"]


def test_every_error_is_public() -> None:
    kinds = [k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, Exception)]
    assert len(kinds) > 5
    for kind in kinds:
        assert getattr(restorack, kind.__name__) is kind


def test_every_processor_of_the_package_is_public() -> None:
    ours = [name for name in processor_names() if name.startswith("restorack.")]
    assert ours
    for name in ours:
        assert getattr(restorack, name.removeprefix("restorack.")) is processor_class(name)


def test_a_name_given_twice_is_an_error() -> None:
    group = "restorack.processors"
    first = metadata.EntryPoint("acme.Hush", "acme.hush:Hush", group)
    second = metadata.EntryPoint("acme.Hush", "other.hush:Hush", group)
    assert set(index_entries([first, first])) == {"acme.Hush"}
    with pytest.raises(RegistryError, match=r"acme\.hush:Hush and other\.hush:Hush"):
        index_entries([first, second])
    with pytest.raises(RegistryError, match="did you mean"):
        processor_class("restorack.Airr")


def test_every_package_is_installed() -> None:
    declared = set(
        tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    )
    folders = {ROOT / "src" / "restorack": "restorack"} | {
        ROOT / room: f"restorack.{room}" for room in ("plugins", "chains", "presets", "render")
    }
    present = set()
    for folder, name in folders.items():
        for init in folder.rglob("__init__.py"):
            if not any(part.is_symlink() for part in (init.parent, *init.parent.parents)):
                inner = init.parent.relative_to(folder).parts
                present.add(".".join((name, *inner)))
    assert declared == present


def test_the_installed_package_has_its_data() -> None:
    from restorack.presets.finding import shipped_files

    there = {path.name for path in shipped_files().values()}
    assert there == {path.name for path in (ROOT / "presets").rglob("*.yaml")}
    assert (Path(restorack.__file__).parent / "py.typed").exists()


def test_the_quickstart_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "README.md").read_text()
    code = text.split("```python\n")[1].split("```")[0]
    assert len([line for line in code.splitlines() if line.strip()]) <= 8
    monkeypatch.chdir(tmp_path)
    soundfile.write("worn.wav", worn_music(44_100, 1.0, 2).T, 44_100)
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102  our own README
    restored, _ = soundfile.read("restored.wav", always_2d=True)
    assert restored.shape == (44_100, 2)
    assert np.isfinite(restored).all()
