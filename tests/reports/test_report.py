"""The JSON report: strict JSON with stable keys; and its table for people."""

from __future__ import annotations

import io
import json
import os
import platform
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from restorack.core.records import Records, plain
from restorack.errors import FileError
from restorack.render.result import RenderResult, StageReport
from restorack.reports.json_text import json_pieces, jsonable
from restorack.reports.report import RenderReport, write_report
from restorack.reports.table import stage_table, summary_lines


def result(**changes: Any) -> RenderResult:
    values: dict[str, Any] = {
        "source": Path("in.wav"),
        "output": Path("out.wav"),
        "difference": None,
        "preset": "78rpm",
        "engine": "stream",
        "channels": 2,
        "input_rate": 44_100.0,
        "work_rate": 44_100.0,
        "output_rate": 22_050.0,
        "frames_in": 88_200,
        "frames_out": 44_100,
        "output_format": "WAV",
        "output_subtype": "PCM_24",
        "seconds": 0.5,
        "speed": 4.0,
        "estimated_memory": 1_000,
        "true_peak_dbtp": -1.0,
        "ceiling_gain_db": -0.5,
        "clipped": 0,
        "dithered": 3,
        "unchanged": 22_050,
        "samples": 88_200,
        "stages": [
            StageReport(["declicker"], "restorack", 0.25, 64, {"repairs": 7}, "7 clicks repaired")
        ],
    }
    return RenderResult(**(values | changes))


def test_the_keys_are_the_contract() -> None:
    document = RenderReport.of(result()).to_dict()
    assert list(document) == [
        "report_schema", "status", "restorack_version", "preset", "source", "output", "difference",
        "channels", "work_rate_hz", "engine", "render_seconds", "speed_times_real_time",
        "estimated_memory_bytes", "stages", "bypassed", "skipped_plugins", "warnings",
        "instruction_set", "rendered_at",
    ]  # fmt: skip
    assert datetime.fromisoformat(document["rendered_at"]).tzinfo is not None
    assert document["instruction_set"].split()[0] == platform.machine()
    assert list(document["source"]) == ["path", "sample_rate_hz", "frames", "duration_seconds"]
    assert list(document["output"])[4:] == [
        "format", "subtype", "true_peak_dbtp", "ceiling_gain_db", "clipped_samples",
        "dithered_samples", "unchanged_samples", "total_samples",
    ]  # fmt: skip
    assert list(document["stages"][0]) == [
        "stages", "engine", "seconds", "latency_samples", "findings", "summary",
    ]  # fmt: skip
    assert document["source"]["duration_seconds"] == document["output"]["duration_seconds"] == 2.0
    assert document["report_schema"] == 1


def test_findings_become_strict_json() -> None:
    findings = {
        "number": np.float32(1.5),
        "array": np.arange(3),
        "none": float("nan"),
        "endless": np.inf,
        "path": Path("a"),
        "pair": (1, True),
        5: {"deep": np.bool_(True)},
    }
    found = jsonable(findings)
    assert found == {
        "number": 1.5,
        "array": [0, 1, 2],
        "none": None,
        "endless": None,
        "path": "a",
        "pair": [1, True],
        "5": {"deep": True},
    }
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_names_that_are_no_utf8_can_be_reported() -> None:
    strange = Path(os.fsdecode(b"caf\xe9.wav"))
    document = RenderReport.of(result(source=strange)).to_dict()
    assert document["source"]["path"] == "caf\\xe9.wav"
    json.dumps(document, ensure_ascii=False).encode("utf-8")


class Pairs(Records):
    """A number, and whether it is even."""

    layout = "<d?"

    def __init__(self, numbers: Iterable[float]) -> None:
        super().__init__()
        for number in numbers:
            self._keep(number, number % 2 == 0)

    def _entry(self, values: tuple[Any, ...]) -> dict[str, Any]:
        return {"number": values[0], "even": values[1]}


@pytest.mark.parametrize(
    "document",
    [
        {
            "name": 'Dvořák "9"\n',
            "empty": [{}, [], Pairs([])],
            "none": None,
            "tuple": (1, -0.0, 1e300),
        },
        [Pairs([1, 2]), {"deep": [[Pairs([3.5])], {"more": Pairs(range(3))}]}],
        Pairs([4]),
        {},
        "text",
    ],
)
def test_pieces_are_the_text_that_json_indents(document: Any) -> None:
    whole = json.dumps(plain(document), indent=2, ensure_ascii=False, allow_nan=False)
    assert "".join(json_pieces(document)) == whole


def test_what_json_does_not_know_is_refused_or_none() -> None:
    with pytest.raises(ValueError, match="JSON"):
        list(json_pieces({"number": float("nan")}))
    assert json.loads("".join(json_pieces(Pairs([float("nan")])))) == [
        {"number": None, "even": False}
    ]


def test_records_stay_compact_on_their_way_to_the_file(tmp_path: Path) -> None:
    pairs = Pairs(range(1000))
    stage = StageReport(["declicker"], "restorack", 0.25, 64, {"repairs": 1000, "listed": pairs})
    assert stage.findings["listed"] == list(pairs)
    assert stage == StageReport(["declicker"], "restorack", 0.25, 64, stage.findings)
    done = result(stages=[stage])
    assert done.to_dict()["stages"][0]["findings"] == stage.findings
    report = RenderReport.of(done)
    document = report.document()
    assert document["stages"][0]["findings"]["listed"] is pairs
    write_report(tmp_path / "report.json", document)
    assert json.loads((tmp_path / "report.json").read_bytes()) == report.to_dict()
    assert report.to_dict()["stages"][0]["findings"] == stage.findings


def test_a_report_appears_whole_and_replaces_nothing(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write_report(path, {"name": "Dvořák"})
    assert json.loads(path.read_bytes()) == {"name": "Dvořák"}
    with pytest.raises(FileError, match="exists"):
        write_report(path, {})
    write_report(path, [1], force=True)
    assert json.loads(path.read_bytes()) == [1]
    with pytest.raises(FileError, match="source"):
        write_report(path, [2], force=True, sources=[path])
    assert os.listdir(tmp_path) == ["report.json"]


def test_the_table_names_what_was_left_out() -> None:
    from rich.console import Console

    report = RenderReport.of(result(bypassed=["air"], skipped=["vst3 Nope"], clipped=2))
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(stage_table(report))
    text = console.export_text()
    assert all(
        word in text for word in ("declicker", "7 clicks repaired", "air", "bypassed", "vst3 Nope")
    )
    lines = summary_lines(report)
    assert "25.0 % of the samples unchanged" in lines[0]
    assert "after -0.5 dB for the ceiling" in lines[0]
    assert any("2 samples beyond full scale" in line for line in lines)
    assert "silence" in summary_lines(RenderReport.of(result(true_peak_dbtp=None)))[0]
