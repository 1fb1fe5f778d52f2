"""Checksums, tables of tags, bags and METS from the command line."""

import json

import numpy as np
import pytest
import soundfile

from restorack.io.metadata import read_metadata

RATE = 44_100


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "a.wav"
    rows = np.random.default_rng(1).normal(0, 0.1, (RATE // 4, 2))
    soundfile.write(path, rows, RATE, subtype="PCM_24")
    return path


def flip(path):
    data = bytearray(path.read_bytes())
    data[-50] ^= 1
    path.write_bytes(data)


def test_verify_ends_with_2_and_the_name_of_the_checksum_that_fails(cli, source, tmp_path):
    out = tmp_path / "b.wav"
    assert cli("render", source, "--stage", "gain", "-o", out, "--md5").code == 0
    whole = cli("info", out, "--verify", "--json")
    assert whole.code == 0
    assert [one["holds"] for one in whole.document["checksums"]] == [True]
    flip(out)
    ran = cli("info", out, "--verify")
    assert ran.code == 2
    assert "MD5 chunk fails" in ran.err
    assert str(out) in ran.err
    again = cli("render", out, "--stage", "gain", "-o", tmp_path / "c.wav")
    assert again.code == 5
    assert "MD5 chunk fails" in again.err
    assert not (tmp_path / "c.wav").exists()
    assert cli("info", out).code == 0  # only asked what it is


def test_verify_says_where_there_is_no_checksum(cli, source):
    ran = cli("info", source, "--verify")
    assert ran.code == 0
    assert "no checksum" in ran.out
    assert cli("info", source, "--verify", "--json").document["checksums"] == []


def test_a_batch_writes_checksums_and_mets(cli, source, tmp_path):
    out = tmp_path / "out"
    ran = cli("batch", source, "--stage", "gain", "-o", out, "--md5", "--premis", "-j", "1")
    assert ran.code == 0
    assert (out / "a.mets.xml").read_bytes().startswith(b"<?xml")
    assert cli("info", out / "a.wav", "--verify", "--json").document["checksums"]
    bag = tmp_path / "bag"
    assert cli("archive", "bag", out, "-o", bag, "--info", "Contact-Name=N. N.").code == 0
    assert cli("archive", "validate", bag).code == 0
    flip(bag / "data" / "a.wav")
    ran = cli("archive", "validate", bag, "--json")
    assert ran.code == 5
    assert "data/a.wav was altered" in json.dumps(ran.document)
    assert cli("archive", "bag", out, "-o", tmp_path / "c", "--info", "nonsense").code == 2


def test_policies_are_printed(cli):
    assert cli("archive", "policy").code == 0
    assert "<policy" in cli("archive", "policy", "fadgi").out
    assert cli("archive", "policy", "none").code == 2


def test_a_table_sets_tags_of_many_files(cli, source, tmp_path):
    other = tmp_path / "b.flac"
    soundfile.write(other, np.zeros(500), RATE)
    table = tmp_path / "t.csv"
    table.write_text("path,Title,archive,bext_originator\na.wav,A,LC,Library\nb.flac,B,,\n")
    assert cli("tags", "set", table, "--dry-run").code == 0
    assert read_metadata(source).tags.values == {}
    assert cli("tags", "set", table).code == 0
    found = read_metadata(source)
    assert found.tags.values == {"title": ("A",), "archive": ("LC",)}
    assert found.bext["originator"] == "Library"
    assert read_metadata(other).tags.values["title"] == ("B",)


@pytest.mark.parametrize(
    ("text", "told", "code"),
    [
        ("title\nA\n", "no column is called path", 2),
        ("path,bext_desciption\na.wav,x\n", "bext_description", 2),
        ("path,title\na.wav,A\nnone.wav,B\n", "t.csv:3", 5),
        ("path,title\na.wav,A\na.wav,B\n", "a second time", 5),
        ("path,title\na.wav,A,B\n", "more cells", 2),
    ],
)
def test_a_table_that_is_wrong_changes_nothing(cli, source, tmp_path, text, told, code):
    table = tmp_path / "t.csv"
    table.write_text(text)
    before = source.read_bytes()
    ran = cli("tags", "set", table)
    assert ran.code == code
    assert told in ran.err
    assert source.read_bytes() == before


def test_a_job_prints_its_result_and_ends_with_its_code(cli, source, tmp_path):
    job = tmp_path / "j.json"
    values = {"job_schema": 1, "source": "a.wav", "output": "b.wav", "preset": ["pedalboard.Gain"]}
    job.write_text(json.dumps(values))
    for status in ("done", "unchanged"):
        ran = cli("job", "run", job)
        assert ran.code == 0
        assert ran.document["status"] == status
    source.write_bytes(b"RIFF nothing")
    ran = cli("job", "run", job)
    assert ran.code == 5
    assert ran.document["status"] == "failed"


def test_the_status_of_a_batch_is_a_word_behind_it(cli, source, tmp_path):
    assert cli("batch", "status", tmp_path).code == 5
    out = tmp_path / "out"
    log = tmp_path / "log.jsonl"
    options = ("--stage", "gain", "-o", out, "-j", "1")
    assert cli("batch", source, *options, "--shard", "1/1", "--log-json", log).code == 0
    assert len(log.read_text().splitlines()) == 3
    for words in (("batch", "status"), ("batch-status",)):
        assert cli(*words, out, "--json").document["counts"]["done"] == 1
    assert "files/hour" in cli("batch", "status", out).out
    assert cli("batch", source, *options, "--shard", "2/1").code == 2
