"""The tutorials do what they say: their blocks are run word for word."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages.page_blocks import blocks, run_in

DOCS = Path(__file__).parent.parent.parent / "docs"
PAGES = sorted((DOCS / "tutorials").glob("*.md"))


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_line_of_a_tutorial_works(page: Path, tmp_path: Path) -> None:
    assert blocks(page)
    ran = run_in(tmp_path, page)
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"


@pytest.mark.parametrize("text", ["```sh\nfalse\ntrue\n```\n", "```python\n1 / 0\n```\n"])
def test_a_line_that_fails_is_noticed(text: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"```sh\necho fine\n```\n\n{text}\n```console\nfalse\n```\n")
    ran = run_in(tmp_path, page)
    assert ran.returncode != 0
    assert "fine" in ran.stdout
