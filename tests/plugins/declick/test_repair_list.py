"""The list of repairs: kept repairs keep their bits, reverted ones give the input's back."""

import copy
import json
import os
from dataclasses import asdict

import numpy as np
import pytest

from restorack.chains import Chain, Parallel
from restorack.core.records import Records, plain
from restorack.errors import FileError
from restorack.plugins.declick.declicker import Declicker
from restorack.plugins.declick.repair_list import Repair, RepairRecords, checksum, read_repairs

RATE = 44_100


@pytest.fixture(scope="module")
def worn():
    """Two channels of a tone over noise, a click every 30 ms in each."""
    random = np.random.default_rng(5)
    time = np.arange(2 * RATE) / RATE
    tone = sum(np.sin(2 * np.pi * f * time) / k for k, f in enumerate((310, 620, 1240), 1))
    rows = np.stack([0.1 * tone, 0.1 * tone]) + 2e-4 * random.standard_normal((2, len(time)))
    for row in range(2):
        for start in range(3000 + 500 * row, rows.shape[1] - 3000, 1323):
            rows[row, start : start + 20] += 0.3 * random.standard_normal(20)
    return rows.astype(np.float32)


@pytest.fixture(scope="module")
def first(worn):
    stage = Declicker()
    out = stage.process(worn, RATE)
    return out, json.loads(json.dumps(stage.findings()))


def follow(worn, findings, folder, block: int = 8192):
    path = folder / "list.json"
    path.write_text(json.dumps({"stages": [{"findings": findings}]}))
    stage = Declicker(repairs_file=str(path))
    return stage.process(worn, RATE, block), stage.findings()


def test_a_list_that_keeps_all_gives_the_same_bits(worn, first, tmp_path):
    out, findings = first
    assert findings["repairs"] > 60
    again, found = follow(worn, findings, tmp_path)
    np.testing.assert_array_equal(again, out)
    assert found.pop("clicks_per_second") is None  # nothing was looked for
    assert found == {key: value for key, value in findings.items() if key in found}


@pytest.mark.parametrize("block", [1024, 50_000])
def test_what_is_reverted_is_the_input_and_the_rest_keeps_its_bits(worn, first, tmp_path, block):
    out, findings = first
    edited = json.loads(json.dumps(findings))
    expected = out.copy()
    for entry in edited["listed"][::3]:
        entry["keep"] = False
        span = slice(entry["sample"], entry["sample"] + entry["width"])
        expected[entry["channel"], span] = worn[entry["channel"], span]
    again, found = follow(worn, edited, tmp_path, block)
    np.testing.assert_array_equal(again, expected)
    assert found["reverted"] == len(edited["listed"][::3])
    assert found["repairs"] + found["reverted"] == findings["repairs"]
    assert [entry["keep"] for entry in found["listed"]] == [e["keep"] for e in edited["listed"]]


def test_a_repair_can_be_added_by_hand(worn, first, tmp_path):
    _, findings = first
    place = {"sample": 1000, "width": 30, "channel": 1}
    edited = findings | {"listed": [place]}
    out, found = follow(worn, edited, tmp_path)
    changed = out != worn
    assert changed[1, 1000:1030].any()
    changed[1, 1000:1030] = False
    assert not changed.any()
    assert [entry["found_by"] for entry in found["listed"]] == ["list"]


def test_checksums_are_those_of_the_input(worn, first):
    for entry in first[1]["listed"][:20]:
        span = slice(entry["sample"], entry["sample"] + entry["width"])
        assert entry["crc32"] == checksum(worn[entry["channel"], span])
        assert entry["seconds"] == pytest.approx(entry["sample"] / RATE, abs=1e-6)
        assert 0.0 <= entry["confidence"] <= 1.0


def test_other_audio_is_refused(worn, first, tmp_path):
    findings = first[1]
    louder = (worn * np.float32(0.9)).astype(np.float32)
    with pytest.raises(FileError, match="other samples at"):
        follow(louder, findings, tmp_path)
    with pytest.raises(FileError, match="samples"):
        follow(worn[:, :-5], findings, tmp_path)
    with pytest.raises(FileError, match="1 channels"):
        follow(worn[0], findings, tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("[]", "0 lists of repairs"),
        ('[{"stage": "restorack.Declicker"}, {"stage": "restorack.Declicker"}]', "2 lists"),
        ('{"stage": "restorack.Declicker", "unlisted": 3}', "3 repairs are counted"),
        ('{"stage": "restorack.Declicker"}', "not a list of repairs"),
        (
            '{"stage": "restorack.Declicker", "sample_rate_hz": 8000, "channels": 1, '
            '"samples": 9, "listed": [{"sample": 1, "width": 2, "channel": 1}]}',
            "channel 1",
        ),
        (
            '{"stage": "restorack.Declicker", "sample_rate_hz": 8000, "channels": 1, '
            '"samples": 9, "listed": [{"sample": 1, "width": 2, "keep": "no"}]}',
            "keep is 'no'",
        ),
    ],
)
def test_bad_lists_are_refused(tmp_path, text, words):
    path = tmp_path / "list.json"
    path.write_text(text)
    with pytest.raises(FileError, match=words):
        read_repairs(path, "restorack.Declicker")


HEAD = '"stage": "restorack.Declicker", "sample_rate_hz": 8000, "channels": 1, "samples": 90'


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ('"x"', "listed\\[0\\] is 'x', not an object"),
        ("[[]]", "listed\\[0\\] is a list of 1"),
        ('{"width": 2}', "sample is missing"),
        ('{"sample": 1.5, "width": 2}', "not a whole number"),
        ('{"sample": true, "width": 2}', "sample is True"),
        ('{"sample": -1, "width": 2}', "sample -1 is not from 0 to 89"),
        ('{"sample": 1e300, "width": 2}', "sample 1e.300 is not from"),
        ('{"sample": ' + "9" * 250 + ', "width": 2}', "sample 999"),
        ('{"sample": ' + "9" * 5000 + ', "width": 2}', "5000 digits"),
        ('{"sample": 1e400, "width": 2}', "1e400"),
        ('{"sample": NaN, "width": 2}', "NaN"),
        ('{"sample": 80, "width": 11}', "width 11 is not from 1 to 10"),
        ('{"sample": 1, "width": 2, "strength_db": 1e9}', "strength_db"),
        ('{"sample": 1, "width": 2, "confidence": 2}', "confidence"),
        ('{"sample": 1, "width": 2, "found_by": "\\ud800"}', "found_by is '.ud800'"),
        ('{"sample": 1, "width": 2, "found_by": []}', "found_by"),
        ('{"sample": 1, "width": 2, "crc32": -1}', "crc32"),
        ('{"sample": 1, "width": 2, "tail": "x"}', "tail"),
        ('{"sample": 1, "width": 2, "width": 3}', "'width' is given twice"),
        ('{"sample": 1, "width": 2}, {"sample": 1, "width": 2}', "listed twice"),
    ],
)
def test_wrong_entries_are_named(tmp_path, entry, words):
    path = tmp_path / "list.json"
    path.write_text("{" + HEAD + ', "listed": [' + entry + "]}")
    with pytest.raises(FileError, match=words) as caught:
        read_repairs(path, "restorack.Declicker")
    assert str(path) in str(caught.value)


def test_what_is_no_text_or_no_file_is_refused(tmp_path):
    path = tmp_path / "list.json"
    path.write_bytes(b'{"stage": "\xff"}')
    with pytest.raises(FileError, match="byte 11: not JSON: not UTF-8"):
        read_repairs(path, "restorack.Declicker")
    path.write_text('{"a":' * 100_000)
    with pytest.raises(FileError, match="nested too deeply"):
        read_repairs(path, "restorack.Declicker")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileError, match="not a regular file"):
        read_repairs(tmp_path / "pipe", "restorack.Declicker")
    with pytest.raises(FileError, match="null byte"):
        read_repairs(tmp_path / "a\0b", "restorack.Declicker")


def test_a_list_may_begin_with_a_byte_order_mark(tmp_path):
    path = tmp_path / "list.json"
    path.write_text("\ufeff{" + HEAD + ', "listed": [{"sample": 3.0, "width": 2}]}', "utf-8")
    assert read_repairs(path, "restorack.Declicker").instructions[0].sample == 3


def test_a_repair_longer_than_the_stage_fills_is_refused(worn, first, tmp_path):
    place = {"sample": 1000, "width": 30_000, "channel": 1}
    with pytest.raises(FileError, match=r"repair of 30000 samples at sample 1000.*max_click_ms"):
        follow(worn, first[1] | {"listed": [place]}, tmp_path)


def test_a_missing_list_is_an_error_of_the_stream(worn, tmp_path):
    with pytest.raises(FileError, match="cannot be read"):
        Declicker(repairs_file=str(tmp_path / "none.json")).process(worn, RATE)


def test_records_give_back_what_was_put_in():
    random = np.random.default_rng(3)
    repairs = [
        Repair(
            *map(int, random.integers(0, 1 << 40, 2)),
            int(random.integers(0, 8)),
            *map(float, random.standard_normal(5)),
            str(random.choice(["residual", "network", "both", "list", "by hand"])),
            int(random.integers(0, 1 << 32)),
            bool(random.integers(0, 2)),
            int(random.integers(0, 10_000)),
        )
        for _ in range(500)
    ]
    records = RepairRecords()
    for repair in repairs:
        records.append(repair)
    entries = [asdict(repair) for repair in repairs]
    assert len(records) == 500
    assert list(records) == plain({"a": [records]})["a"][0] == entries
    assert (records[3], records[-1], records[490:]) == (entries[3], entries[-1], entries[490:])
    with pytest.raises(IndexError):
        records[500]
    kept = copy.deepcopy(records)
    records.append(repairs[0])
    assert (list(kept), len(records)) == (entries, 501)


def test_compact_findings_say_what_findings_say(worn):
    chain = Chain([Declicker(), Parallel([[Declicker()], []])])
    chain.process(worn[:, :RATE], RATE)
    compact, found = chain.compact_findings(), chain.findings()
    assert plain(compact) == found == json.loads(json.dumps(found))
    (declicker,) = (part for part in compact.values() if "listed" in part)
    assert len(declicker["listed"]) == declicker["repairs"] > 0
    assert isinstance(declicker["listed"], Records)
