"""A report or a picture that is not whole never appears."""

from __future__ import annotations

from pathlib import Path

import pytest

from restorack.errors import FileError
from restorack.reports import verification as verifying
from restorack.reports.report import write_report
from restorack.reports.verification import verify_json, verify_png


@pytest.mark.parametrize("most", [1 << 20, 0])
def test_json_is_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(verifying, "MOST_PARSED", most)
    for document in ({"a": [1, 2]}, [{"b": None}]):
        write_report(tmp_path / "a.json", document, force=True)
    cut = tmp_path / "cut.json"
    cut.write_bytes((tmp_path / "a.json").read_bytes()[:-3])
    with pytest.raises(FileError, match=r"final\.json: .*no whole JSON"):
        verify_json(cut, Path("final.json"))


def test_a_report_that_does_not_read_back_does_not_appear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("restorack.reports.report.json_pieces", lambda _: ["{", '"a": '])
    with pytest.raises(FileError, match="no whole JSON"):
        write_report(tmp_path / "a.json", {})
    assert list(tmp_path.iterdir()) == []


def test_both_ends_of_a_picture_are_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    for data in (b"", b"\x89PNG\r\n\x1a\n only the front", b"IEND\xaeB`\x82"):
        path.write_bytes(data)
        with pytest.raises(FileError, match="no whole PNG"):
            verify_png(path, path)
