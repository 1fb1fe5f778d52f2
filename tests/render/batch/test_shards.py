"""Parts of a batch: one list, each file once, one folder, and one view of all."""

import json
import subprocess
import sys
from dataclasses import replace
from itertools import chain

import pytest
from batches import InlineExecutor, run_inline, want, write

from restorack.errors import FileError, ParameterError, PluginError
from restorack.io.atomic import PART_SUFFIX, name_digest
from restorack.render.batch import OutputLayout, RunOptions, plan_only
from restorack.render.batch.event_log import EventLog
from restorack.render.batch.job import Outcome
from restorack.render.batch.manifest import Manifest
from restorack.render.batch.shards import Shard, parse_shard
from restorack.render.batch.status import batch_status


def part_of(folder, number, count, **more):
    wanted = want(folder, **more)
    return replace(wanted, layout=OutputLayout(folder, Shard(number, count)))


def sources(tmp_path, count=7):
    return [write(tmp_path / "in" / f"{number}.wav", number) for number in range(count)]


def test_parts_are_named_by_k_of_n():
    assert parse_shard("3/64") == Shard(3, 64)
    for words in ("0/4", "5/4", "1", "a/b", "1/0", "-1/2", ""):
        with pytest.raises(ParameterError, match="K from 1 to N"):
            parse_shard(words)


@pytest.mark.parametrize("count", [1, 2, 3, 9])
def test_every_file_is_in_one_part_whatever_the_order_of_the_list(tmp_path, count):
    files = sources(tmp_path)
    parts = [
        [job.key for job, _ in plan_only(given, part_of(tmp_path / "out", number, count))]
        for number in range(1, count + 1)
        for given in (files, files[::-1])
    ]
    assert parts[::2] == parts[1::2]
    assert sorted(chain(*parts[::2])) == [f"{number}.wav" for number in range(7)]
    sizes = [len(part) for part in parts]
    assert max(sizes) - min(sizes) <= 1


def test_parts_give_the_bytes_of_one_batch_and_know_of_each_other(tmp_path):
    files = sources(tmp_path)
    run_inline(files, want(tmp_path / "whole"))
    for number in (1, 2, 3):
        run_inline(files, part_of(tmp_path / "parts", number, 3))
    for number in range(7):
        name = f"{number}.wav"
        whole = (tmp_path / "whole" / name).read_bytes()
        assert (tmp_path / "parts" / name).read_bytes() == whole
    # Another split, and a batch alone, find all of it done.
    for wanted in (part_of(tmp_path / "parts", 1, 2), want(tmp_path / "parts")):
        result, executor = run_inline(files, wanted)
        assert {entry.status for entry in result.entries} == {"unchanged"}
        assert executor.keys == []


def test_a_manifest_that_another_part_is_making_is_no_hindrance(tmp_path):
    files = sources(tmp_path, 2)
    state = tmp_path / "out" / ".restorack"
    state.mkdir(parents=True)
    (state / "manifest-2-of-2.sqlite").write_bytes(b"")
    (state / "manifest-3-of-3.sqlite").write_bytes(b"no database" * 100)
    result, _ = run_inline(files, part_of(tmp_path / "out", 1, 2))
    assert [entry.status for entry in result.entries] == ["done"]


def test_parts_work_at_the_same_time_and_a_batch_alone_does_not(tmp_path):
    one, other = (part_of(tmp_path / "out", number, 2).layout for number in (1, 2))
    with one.owned():
        with other.owned(), pytest.raises(FileError, match="another batch"), one.owned():
            pass
        with pytest.raises(FileError, match="another batch"), OutputLayout(one.root).owned():
            pass
    with OutputLayout(one.root).owned(), pytest.raises(FileError, match="another"), one.owned():
        pass


def test_a_part_leaves_the_temporary_files_of_others_alone(tmp_path):
    files = sources(tmp_path, 2)
    out = tmp_path / "out"
    run_inline(files, part_of(out, 1, 2))
    mine, others = (out / f".{name_digest(out / name)}-00000000{PART_SUFFIX}"
                    for name in ("0.wav", "1.wav"))  # fmt: skip
    mine.write_bytes(b"x")
    others.write_bytes(b"x")
    result, _ = run_inline(files, part_of(out, 1, 2))
    assert result.swept == 1
    assert not mine.exists()
    assert others.exists()


def test_the_status_counts_every_file_once_over_all_parts(tmp_path):
    files = sources(tmp_path)

    def fails(job):
        return Outcome(job.key, "failed", error=ValueError("no")) if job.key == "3.wav" else None

    for number in (1, 2):
        run_inline(files, part_of(tmp_path / "out", number, 2), executor=InlineExecutor(fails))
    found = batch_status(tmp_path / "out")
    assert found.counts["done"] == 6
    assert found.counts["failed"] == 1
    assert [row["key"] for row in found.failures] == ["3.wav"]
    assert (found.files, found.left, found.estimate_seconds) == (7, 0, None)
    assert sorted(part.shard for part in found.parts) == ["1/2", "2/2"]
    assert found.files_per_hour > 0
    assert found.speed > 0
    json.dumps(found.to_dict())
    run_inline(files, want(tmp_path / "out"))
    assert batch_status(tmp_path / "out").counts["done"] == 7
    with pytest.raises(FileError, match="no batch"):
        batch_status(tmp_path / "in")


def test_what_is_left_of_a_part_that_was_killed_is_counted(tmp_path):
    files = sources(tmp_path, 4)
    run_inline(files[:1], part_of(tmp_path / "out", 1, 1))
    with Manifest(part_of(tmp_path / "out", 1, 1).layout.manifest) as manifest:
        manifest.begin_run(4, "1/1")  # and no end
    found = batch_status(tmp_path / "out")
    assert (found.files, found.left) == (4, 3)
    assert not found.parts[0].running


def test_a_file_that_fails_again_and_again_is_quarantined_until_it_changes(tmp_path):
    [path] = sources(tmp_path, 1)
    wanted, tried = want(tmp_path / "out"), []

    def crashes(job):
        tried.append(job.attempt)
        return Outcome(job.key, "failed", error=PluginError("crashed"), transient=True)

    options = RunOptions(retries=1, quarantine=4)
    statuses = []
    for _ in range(4):
        executor = InlineExecutor(crashes)
        result, _ = run_inline([path], wanted, executor, run_options=options)
        statuses += [entry.status for entry in result.entries]
    assert statuses == ["failed", "failed", "quarantined", "quarantined"]
    assert len(tried) == 4
    assert "quarantined after 4" in str(result.entries[0].error)
    [row] = batch_status(tmp_path / "out").failures
    assert row["status"] == "quarantined"
    assert row["error"]["what"] == "crashed"  # what its last attempt told
    write(path, 9, seconds=0.2)
    result, _ = run_inline([path], wanted, run_options=options)
    assert [entry.status for entry in result.entries] == ["done"]
    run_inline([path], wanted, executor=InlineExecutor(crashes),
               run_options=RunOptions(verify=True))  # fmt: skip
    assert batch_status(tmp_path / "out").counts["quarantined"] == 0


def test_attempts_are_counted_over_all_parts(tmp_path):
    files, tried = sources(tmp_path, 2), []

    def crashes(job):
        tried.append(job.key)
        error = PluginError("crashed")
        return Outcome(job.key, "failed", error=error, transient=True)

    options = RunOptions(retries=1, quarantine=4)
    for part in ((1, 2), (2, 2), (1, 1)):
        run_inline(files, part_of(tmp_path / "out", *part), InlineExecutor(crashes),
                   run_options=options)  # fmt: skip
    assert sorted(tried) == ["0.wav"] * 4 + ["1.wav"] * 4
    for part in ((1, 2), (1, 3), (2, 3)):
        result, _ = run_inline(files, part_of(tmp_path / "out", *part), InlineExecutor(crashes),
                               run_options=options)  # fmt: skip
        assert {entry.status for entry in result.entries} == {"quarantined"}
    assert batch_status(tmp_path / "out").counts["quarantined"] == 2


def test_what_happens_is_told_in_lines_of_json(tmp_path):
    files, log = sources(tmp_path, 2), tmp_path / "log.jsonl"
    wanted = part_of(tmp_path / "out", 1, 1)
    told = []
    for _ in range(2):
        with EventLog(log, wanted.layout.shard) as events:
            events.began(wanted)
            options = RunOptions(on_end=events.then(told.append))
            result, _ = run_inline(files, wanted, run_options=options)
            events.ended(result)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    expected = ["batch began", "file", "file", "batch ended"]
    assert [line["event"] for line in lines] == expected * 2
    assert {line["shard"] for line in lines} == {"1/1"}
    assert [line["status"] for line in lines if "key" in line] == ["done"] * 2 + ["unchanged"] * 2
    assert lines[-1]["counts"] == {"unchanged": 2}
    assert len(told) == 4
    with pytest.raises(FileError):
        EventLog(tmp_path / "none" / "log.jsonl")


AT_ONCE = """
import sys
sys.path.insert(0, sys.argv[1])
from dataclasses import replace
from pathlib import Path
from batches import InlineExecutor, run_inline, want
from restorack.render.batch import OutputLayout
from restorack.render.batch.shards import parse_shard
wanted = want(Path(sys.argv[3]))
wanted = replace(wanted, layout=OutputLayout(Path(sys.argv[3]), parse_shard(sys.argv[4])))
result, executor = run_inline([Path(sys.argv[2])], wanted)
print(" ".join(entry.status for entry in result.entries))
"""


@pytest.mark.slow  # two processes
def test_two_processes_do_their_parts_at_the_same_time(tmp_path, request):
    sources(tmp_path, 9)
    support = request.config.rootpath / "tests" / "support"
    running = [
        subprocess.Popen(
            [sys.executable, "-c", AT_ONCE, support, tmp_path / "in", tmp_path / "out", part],
            stdout=subprocess.PIPE, text=True,
        )
        for part in ("1/2", "2/2")
    ]  # fmt: skip
    told = [process.communicate()[0].split() for process in running]
    assert [process.returncode for process in running] == [0, 0]
    assert sorted(map(len, told)) == [4, 5]
    assert set(chain(*told)) == {"done"}
    found = batch_status(tmp_path / "out")
    assert (found.counts["done"], found.left) == (9, 0)
