"""A batch in an S3 store whose transfers fail now and then: every file right, or named."""

import json
import time
from dataclasses import replace

import fsspec
import pytest
from batches import QUIETER, InlineExecutor, run_inline, statuses, want, write
from stores import KINDS, s3_server

from restorack.errors import TransferError
from restorack.io.remote import attempts, lease
from restorack.io.remote.lease import LeaseLostError
from restorack.io.remote.urls import as_path
from restorack.presets import load_preset
from restorack.render.batch import RunOptions, plan_only
from restorack.render.batch.remote import manifests
from restorack.render.batch.remote.layout import output_layout
from restorack.render.batch.shards import Shard
from restorack.render.batch.status import batch_status
from restorack.reports.sidecars import write_sidecars

COUNT = 100


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Give the faults of a server that has short files, and their local batch."""
    folder = tmp_path_factory.mktemp("local")
    for number in range(COUNT):
        write(folder / "in" / f"{number:03d}.wav", number)
    run_inline([folder / "in"], want(folder / "out"))
    with s3_server() as (_, faults):
        s3 = fsspec.filesystem("s3")
        s3.put([str(path) for path in sorted((folder / "in").iterdir())],
               [f"sides/in/{number:03d}.wav" for number in range(COUNT)])  # fmt: skip
        s3.pipe_file("sides/presets/quieter.yaml", QUIETER.encode())
        yield faults, folder / "out", s3


@pytest.fixture(autouse=True)
def quickly(monkeypatch):
    monkeypatch.setattr(attempts, "FIRST_PAUSE", 0.001)


def run(output, source="s3://sides/in", shard=None, executor=None, **options):
    with output_layout(as_path(output), shard) as layout:
        preset = load_preset("s3://sides/presets/quieter.yaml")
        wanted = replace(want(layout.root, preset), layout=layout)
        result, used = run_inline(
            [as_path(source)], wanted, executor, run_options=RunOptions(**options)
        )
    return result, used


@pytest.mark.slow  # a hundred files
def test_with_faults_in_transfer_every_file_is_right(store):
    faults, local, s3 = store
    faults.every, faults.done[:] = 40, []
    try:
        result, _ = run("s3://sides/out")
    finally:
        faults.every = 0
    assert {kind for kind, _, _ in faults.done} == set(KINDS)
    assert {method for _, method, _ in faults.done} == {"GET", "PUT"}
    assert set(statuses(result).values()) == {"done"}
    assert len(result.entries) == COUNT
    names = {name.rpartition("/")[2] for name in s3.find("sides/out") if "/." not in name}
    assert names == {path.name for path in local.glob("*.wav")}
    for path in local.glob("*.wav"):
        assert s3.cat_file(f"sides/out/{path.name}") == path.read_bytes()
    # Again, from the store's own manifest: nothing is rendered; what was altered is.
    s3.pipe_file("sides/out/007.wav", b"altered")
    before = faults.requests
    result, used = run("s3://sides/out")
    assert used.keys == ["007.wav"]
    assert faults.requests - before < COUNT / 2  # listings, and not a question for each file
    found = batch_status(as_path("s3://sides/out"))
    assert (found.counts["done"], found.left, found.parts[0].running) == (COUNT, 0, False)


def test_a_file_that_never_arrives_is_named_and_stops_no_other(store):
    faults, _, s3 = store
    s3.copy("sides/in/001.wav", "sides/few/1.wav")
    s3.copy("sides/in/002.wav", "sides/few/2.wav")
    faults.never = "few/1.wav"
    try:
        result, _ = run("s3://sides/named", "s3://sides/few", retries=0)
    finally:
        faults.never = ""
    assert statuses(result) == {"1.wav": "failed", "2.wav": "done"}
    [error] = [entry.error for entry in result.entries if entry.error is not None]
    assert isinstance(error, TransferError)
    assert error.where == "s3://sides/few/1.wav"
    assert "tried" in error.rule
    result, _ = run("s3://sides/named", "s3://sides/few")
    assert statuses(result) == {"1.wav": "done", "2.wav": "unchanged"}


def test_a_batch_that_was_killed_finds_its_files_though_not_its_manifest(store):
    _, _, s3 = store
    s3.copy("sides/in/001.wav", "sides/one/1.wav")
    run("s3://sides/killed", "s3://sides/one")
    before = s3.cat_file("sides/killed/1.wav")
    s3.rm_file("sides/killed/.restorack/manifest.sqlite")
    result, used = run("s3://sides/killed", "s3://sides/one")
    assert statuses(result) == {"1.wav": "done"}
    assert used.keys == ["1.wav"]
    assert s3.cat_file("sides/killed/1.wav") == before


def test_a_batch_whose_folder_another_has_taken_over_ends_and_writes_nothing_more(
    store, monkeypatch
):
    _, _, s3 = store
    for number in range(6):
        s3.copy(f"sides/in/{number:03d}.wav", f"sides/six/{number}.wav")
    monkeypatch.setattr(lease, "RENEW_EVERY", 0.0)
    monkeypatch.setattr(manifests, "_POLL", 0.01)
    state, done = "sides/lost/.restorack", []
    theirs = json.dumps({"token": "theirs", "host": "elsewhere", "renewed": time.time()}).encode()

    def taken_over(entry):
        done.append(entry.status)
        if len(done) == 1:
            s3.pipe_file(f"{state}/lock", theirs)
            s3.pipe_file(f"{state}/manifest.sqlite", b"theirs")
            time.sleep(1.0)

    with pytest.raises(LeaseLostError, match="another batch works into this folder"):
        run("s3://sides/lost", "s3://sides/six", on_end=taken_over)
    assert done.count("done") < 6
    assert "left" in done
    assert s3.cat_file(f"{state}/lock") == theirs
    assert s3.cat_file(f"{state}/manifest.sqlite") == b"theirs"


def test_a_strangers_file_is_left_alone(store):
    _, _, s3 = store
    s3.copy("sides/in/001.wav", "sides/one/1.wav")
    s3.pipe_file("sides/taken/1.wav", b"a stranger's")
    result, _ = run("s3://sides/taken", "s3://sides/one")
    assert "not of this batch" in str(result.entries[0].error)
    assert s3.cat_file("sides/taken/1.wav") == b"a stranger's"


def test_parts_share_a_folder_and_two_batches_do_not(store):
    _, _, s3 = store
    for number in range(4):
        s3.copy(f"sides/in/00{number}.wav", f"sides/four/00{number}.wav")
    told = [statuses(run("s3://sides/parts", "s3://sides/four", Shard(number, 2))[0])
            for number in (1, 2)]  # fmt: skip
    assert [len(part) for part in told] == [2, 2]
    assert {**told[0], **told[1]} == {f"00{number}.wav": "done" for number in range(4)}
    _, used = run("s3://sides/parts", "s3://sides/four")
    assert used.keys == []  # all parts' manifests are read
    assert batch_status(as_path("s3://sides/parts")).counts["done"] == 4
    held = {"token": "x", "host": "elsewhere", "process": 1, "renewed": 4e9}
    s3.pipe_file("sides/parts/.restorack/lock", json.dumps(held).encode())
    with pytest.raises(Exception, match=r"another batch works into this folder.*elsewhere"):
        run("s3://sides/parts", "s3://sides/four")
    with pytest.raises(Exception, match="another batch"):
        run("s3://sides/parts", "s3://sides/four", Shard(1, 2))
    s3.pipe_file("sides/parts/.restorack/lock", json.dumps(held | {"renewed": 1.0}).encode())
    run("s3://sides/parts", "s3://sides/four")  # its owner is dead
    assert not s3.exists("sides/parts/.restorack/lock")


def test_a_plan_writes_nothing(store):
    _, _, s3 = store
    with output_layout(as_path("s3://sides/planned")) as layout:
        wanted = replace(want(layout.root), layout=layout)
        jobs = plan_only([as_path("s3://sides/in")], wanted)
    assert len(jobs) == COUNT
    assert not any(done for _, done in jobs)
    assert not s3.exists("sides/planned")


@pytest.mark.parametrize("staged", [True, False])
def test_other_files_of_a_job_name_the_files_where_they_are(tmp_path, staged):
    memory = fsspec.filesystem("memory")
    source = write(tmp_path / "a.wav", 1)
    memory.put_file(str(source), "/in/a.wav")
    given = "memory://in/a.wav" if staged else str(source)
    out = f"memory://out{staged}"
    with output_layout(as_path(out)) as layout:
        wanted = replace(want(layout.root), layout=layout, kinds=("output", "report", "mets"),
                         sidecars=write_sidecars)  # fmt: skip
        result, _ = run_inline([as_path(given)], wanted, InlineExecutor())
    assert statuses(result) == {"a.wav": "done"}
    report = memory.cat_file(f"/out{staged}/a.report.json").decode()
    mets = memory.cat_file(f"/out{staged}/a.mets.xml").decode()
    assert f'"path": "{given}"' in report
    assert f'"path": "{out}/a.wav"' in report
    assert f'href="{given}"' in mets
    assert 'href="a.wav"' in mets
    assert "restorack-stage" not in report + mets
