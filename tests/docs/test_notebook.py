"""The notebook of the examples: its cells run in order, and it is kept without outputs."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest

NOTEBOOK = Path(__file__).parent.parent.parent / "examples" / "restoration_pipeline.ipynb"


def cells() -> list[dict[str, Any]]:
    found = json.loads(NOTEBOOK.read_text())["cells"]
    return [cell for cell in found if cell["cell_type"] == "code"]


def run(cell: dict[str, Any], names: dict[str, Any]) -> str:
    """Run a cell as a notebook does, and return what it would show of its last expression."""
    tree = ast.parse("".join(cell["source"]))
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, NOTEBOOK.name, "exec"), names)  # noqa: S102  the notebook's own words
    if last is None:
        return ""
    value = eval(compile(ast.Expression(last.value), NOTEBOOK.name, "eval"), names)  # noqa: S307
    return value._repr_html_() if hasattr(value, "_repr_html_") else repr(value)


def test_no_output_is_stored() -> None:
    assert len(cells()) > 5
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells())


@pytest.mark.slow
def test_its_cells_run_and_show_players(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "__main__"}
    with mpl.rc_context({"backend": "agg"}):
        shown = [run(cell, names) for cell in cells()]
    assert any("<audio" in text for text in shown)
    table = names["table"]
    assert table["2 extend"]["log_spectral_distance"] < table["clip"]["log_spectral_distance"]
    assert table["5 loudness"]["true_peak_dbtp"] < -1.0
    assert (tmp_path / "polished.wav").exists()
