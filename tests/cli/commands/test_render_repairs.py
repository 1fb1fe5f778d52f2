"""``restorack render --repairs``: the list of a report, edited, followed; lists that are wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from command_line import RATE, Cli

STAGE = ("--stage", "restorack.Declicker")
Report = dict[str, Any]


def read(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="float64", always_2d=True)[0].T


@pytest.fixture
def disc(tmp_path: Path) -> Path:
    """A second of a stereo tone in a little noise, a click every 50 ms on each wall."""
    random = np.random.default_rng(5)
    time = np.arange(RATE) / RATE
    tone = 0.1 * np.sin(2 * np.pi * 310 * time) + 0.05 * np.sin(2 * np.pi * 930 * time)
    rows = np.stack([tone, tone]) + 2e-4 * random.standard_normal((2, len(time)))
    for row in range(2):
        for start in range(3000 + 500 * row, rows.shape[1] - 3000, RATE // 20):
            rows[row, start : start + 20] += 0.3 * random.standard_normal(20)
    path = tmp_path / "disc.wav"
    soundfile.write(path, rows.T, RATE, "PCM_24")
    return path


@pytest.fixture
def first(cli: Cli, disc: Path, tmp_path: Path) -> tuple[np.ndarray, Path]:
    """Return the first render, and where its report is."""
    out, report = tmp_path / "first.wav", tmp_path / "first.json"
    assert cli("render", disc, *STAGE, "-o", out, "--report", report).code == 0
    return read(out), report


def findings(report: Report) -> Report:
    (found,) = (part["findings"] for part in report["stages"])
    return dict(found)


def edited(report: Path, edit: Callable[[Report], None]) -> Path:
    """Return a copy of a report whose findings were edited."""
    document = json.loads(report.read_text())
    edit(document["stages"][0]["findings"])
    path = report.with_name("edited.json")
    path.write_text(json.dumps(document))
    return path


def test_the_report_of_a_render_brings_the_same_file(
    cli: Cli, disc: Path, first: tuple[np.ndarray, Path], tmp_path: Path
) -> None:
    expected, report = first
    assert findings(json.loads(report.read_text()))["repairs"] > 25
    again = tmp_path / "again.wav"
    assert cli("render", disc, *STAGE, "--repairs", report, "-o", again).code == 0
    np.testing.assert_array_equal(read(again), expected)


def test_single_repairs_are_reverted_and_the_others_kept(
    cli: Cli, disc: Path, first: tuple[np.ndarray, Path], tmp_path: Path
) -> None:
    kept, report = first
    given, expected = read(disc), kept.copy()
    spans: list[tuple[int, slice]] = []

    def revert(found: Report) -> None:
        for entry in found["listed"][5::10]:
            entry["keep"] = False
            stop = entry["sample"] + entry["width"] + entry["tail"]
            spans.append((entry["channel"], slice(entry["sample"], stop)))

    path = edited(report, revert)
    for channel, span in spans:
        expected[channel, span] = given[channel, span]
    out, told = tmp_path / "out.wav", tmp_path / "told.json"
    words = ("render", disc, *STAGE, "--repairs", path, "-o", out, "--report", told)
    assert cli(*words).code == 0
    np.testing.assert_array_equal(read(out), expected)
    assert (expected != kept).any()
    assert findings(json.loads(told.read_text()))["reverted"] == len(spans)


def test_a_list_of_one_repair_changes_nothing_else(
    cli: Cli, disc: Path, first: tuple[np.ndarray, Path], tmp_path: Path
) -> None:
    _, report = first

    def leave_one(found: Report) -> None:
        found["listed"] = [{"sample": 3000, "width": 20, "channel": 0, "keep": True}]

    out = tmp_path / "one.wav"
    path = edited(report, leave_one)
    assert cli("render", disc, *STAGE, "--repairs", path, "-o", out).code == 0
    changed = np.argwhere(read(out) != read(disc))
    assert len(changed) > 0
    assert set(changed[:, 0]) == {0}
    assert changed[:, 1].min() >= 3000
    assert changed[:, 1].max() < 3020


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda found: found["listed"][0].update(keep="no"), "true or false"),
        (lambda found: found["listed"][0].update(width=0), "width 0"),
        (lambda found: found["listed"][0].pop("sample"), "sample"),
        (lambda found: found["listed"][0].update(channel=7), "channel 7"),
        (lambda found: found["listed"][0].update(crc32=1), "other samples"),
        (lambda found: found.update(samples=17), "sample"),
        (lambda found: found.update(samples=RATE - 1), f"{RATE - 1}"),
        (lambda found: found.update(sample_rate_hz=8000), "8000"),
        (lambda found: found.update(unlisted=3), "not listed"),
        (lambda found: found.update(stage="restorack.Dehum"), "0 lists"),
    ],
)
def test_a_wrong_list_is_refused_and_nothing_is_written(
    cli: Cli,
    disc: Path,
    first: tuple[np.ndarray, Path],
    tmp_path: Path,
    edit: Callable[[Report], None],
    said: str,
) -> None:
    path = edited(first[1], edit)
    out = tmp_path / "never.wav"
    ran = cli("render", disc, *STAGE, "--repairs", path, "-o", out)
    assert ran.code != 0
    assert said in ran.err
    assert not out.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"stages": 1}', "[" * 100_000])
def test_what_is_no_list_is_refused(cli: Cli, disc: Path, tmp_path: Path, text: str) -> None:
    path, out = tmp_path / "list.json", tmp_path / "never.wav"
    path.write_text(text)
    ran = cli("render", disc, *STAGE, "--repairs", path, "-o", out)
    assert ran.code != 0
    assert str(path) in ran.err
    assert not out.exists()


def test_a_list_that_is_not_there_is_refused(cli: Cli, disc: Path, tmp_path: Path) -> None:
    ran = cli("render", disc, *STAGE, "--repairs", tmp_path / "none.json")
    assert ran.code != 0
    assert "none.json" in ran.err


def test_stages_that_keep_no_list_cannot_follow_one(
    cli: Cli, disc: Path, first: tuple[np.ndarray, Path]
) -> None:
    ran = cli("render", disc, "--stage", "restorack.Dehum", "--repairs", first[1])
    assert ran.code != 0
    assert "Declicker" in ran.err
