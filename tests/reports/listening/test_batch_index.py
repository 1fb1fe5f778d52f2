"""The index of a batch: the worst first, and every name as it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from restorack.errors import FileError
from restorack.reports.listening.batch_index import IndexEntry, index_html, summary_in, write_index
from restorack.reports.listening.page import json_for_script, render_template


def page(path: Path, **summary: object) -> Path:
    content = render_template(
        "page.html.jinja", policy="", title="", version="", style="", script="",
        summary=json.dumps(summary), data=json_for_script({}), audios=[], recordings=[],
    )  # fmt: skip
    path.write_text(content)
    return path


def test_the_worst_file_is_first(tmp_path: Path) -> None:
    entries = [
        IndexEntry("little", "done", page(tmp_path / "1.html", removed_db=-30.0, warnings=[])),
        IndexEntry("much", "unchanged", page(tmp_path / "2.html", removed_db=-9.0, warnings=[])),
        IndexEntry("broken", "failed", tmp_path / "none.html", "no audio <b>"),
        IndexEntry("warned", "done", page(tmp_path / "3.html", removed_db=-50.0, warnings=["w"])),
        IndexEntry("cut", "done", page(tmp_path / "4 %.html", warnings=["x"], incomplete=True)),
    ]
    text = index_html(tmp_path, "All", entries)
    names = re.findall(r'<th scope="row">(?:<a [^>]*>)?([^<]*)', text)
    assert names == ["broken", "cut", "warned", "much", "little"]
    assert 'href="4%20%25.html"' in text
    assert "no audio &lt;b&gt;" in text


def test_a_summary_survives_what_others_wrote(tmp_path: Path) -> None:
    evil = "\"><script>&amp;'\u2028</script>"
    assert summary_in(page(tmp_path / "p.html", warnings=[evil])) == {"warnings": [evil]}
    (tmp_path / "q.html").write_text("nothing")
    assert summary_in(tmp_path / "q.html") is None


def test_an_index_of_others_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "index.html"
    path.write_text("mine")
    with pytest.raises(FileError, match="no index of restorack"):
        write_index(path, "All", [])
    assert path.read_text() == "mine"
    write_index(path, "All", [], force=True)
    write_index(path, "All again", [])
    assert "All again" in path.read_text()
