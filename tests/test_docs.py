"""The documentation says what the code does."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from restorack.metrics import METRICS
from restorack.presets import preset_names
from restorack.testing.checks import CONTRACT_CHECKS

ROOT = Path(__file__).parent.parent


def test_the_page_of_stages_is_what_the_declarations_say() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "pages" / "stage_docs.py")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed == (ROOT / "docs" / "reference" / "stages.md").read_text()


def test_every_shipped_preset_is_in_the_documentation() -> None:
    text = (ROOT / "docs" / "guides" / "presets.md").read_text()
    for path in (ROOT / "presets").rglob("*.yaml"):
        assert path.stem in preset_names()
        assert f"`{path.stem}`" in text


def pages() -> list[Path]:
    """Return the pages of the site, without what a build has put beside them."""
    found = (ROOT / "docs").rglob("*.md")
    return [page for page in found if not page.relative_to(ROOT).parts[1].startswith("_")]


def test_every_page_is_in_the_tree_of_the_site() -> None:
    docs = ROOT / "docs"
    trees = re.findall(r"```\{toctree\}\n(.*?)```", (docs / "index.md").read_text(), re.DOTALL)
    lines = [line for tree in trees for line in tree.splitlines() if line and line[0] != ":"]
    listed = [re.sub(r".*<(.*)>", r"\1", line) for line in lines]
    there = {page.relative_to(docs).with_suffix("").as_posix() for page in pages()}
    assert sorted(listed) == sorted(there - {"index"})


def test_links_lead_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *pages()]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_metric_is_in_the_documentation() -> None:
    text = (ROOT / "docs" / "reference" / "metrics.md").read_text()
    rows = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    documented = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert documented == list(METRICS)


def test_every_key_of_a_training_is_in_the_documentation() -> None:
    from restorack.training.config import TrainingConfig

    text = (ROOT / "docs" / "guides" / "training.md").read_text()
    for name, field in TrainingConfig.model_fields.items():
        assert f"`{name}" in text, name
        for inner in getattr(field.annotation, "model_fields", {}):
            assert f"`{inner}`" in text or f"`{name}.{inner}`" in text, f"{name}.{inner}"


def test_the_examples_of_training_are_right() -> None:
    from restorack.training.config import read_config
    from restorack.training.tasks import task_class

    examples = sorted((ROOT / "examples" / "training").glob("*.yaml"))
    assert examples
    for path in examples:
        settings = task_class(path.stem).settings_type
        assert read_config(path, settings).stage == path.stem


def test_the_map_and_the_glossary_name_files_that_are_there() -> None:
    roots = [ROOT, ROOT / "src" / "restorack", ROOT / "render" / "batch"]
    for page in ("architecture.md", "glossary.md"):
        named = re.findall(
            r"`((?:\w+/)*\w+\.py)`", next(one for one in pages() if one.name == page).read_text()
        )
        assert len(named) > 10
        for path in named:
            assert any((root / path).exists() for root in roots), f"{page}: {path}"


def test_the_map_has_every_room() -> None:
    text = (ROOT / "docs" / "developing" / "architecture.md").read_text()
    rooms = {path.parent.name for path in (ROOT / "src" / "restorack").glob("*/__init__.py")}
    for room in rooms:
        assert f"| `{room}` |" in text, room


@pytest.mark.slow
def test_the_stage_of_the_page_keeps_the_contract(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A newcomer's first stage, by the page alone."""
    text = (ROOT / "docs" / "tutorials" / "writing-a-stage.md").read_text()
    (tmp_path / "first_stage.py").write_text(text.split("```python\n")[1].split("```")[0])
    monkeypatch.syspath_prepend(tmp_path)
    stage = importlib.import_module("first_stage").Gain
    for check in CONTRACT_CHECKS:
        check.check(stage)
