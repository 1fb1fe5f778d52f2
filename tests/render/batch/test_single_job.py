"""One job from JSON: done once, again after anything, and never over another's file."""

import json

import fsspec
import numpy as np
import pytest
import soundfile

from restorack.errors import FileError, ParameterError
from restorack.io.checksums import checksums
from restorack.render.batch.single_job import error_of, read_job, run_job

RATE = 8000


@pytest.fixture
def job(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.linspace(-0.5, 0.5, 2000), RATE, subtype="PCM_16")

    def write(**more):
        values = {"job_schema": 1, "source": "a.wav", "output": "out/b.wav",
                  "preset": ["pedalboard.Gain"], "options": {"md5": True}}  # fmt: skip
        values |= more
        (tmp_path / "j.json").write_text(json.dumps({k: v for k, v in values.items() if v}))
        return tmp_path / "j.json"

    return write


def run(path):
    return run_job(read_job(path))


def test_a_job_is_done_once(tmp_path, job):
    first = run(job(set=["gain.gain_db=-6"], difference="out/d.wav"))
    assert (first["status"], first["id"], first["error"]) == ("done", "j", None)
    assert set(first["products"]) == {"output", "difference"}
    assert [one.holds for one in checksums(tmp_path / "out" / "b.wav")] == [True]
    before = (tmp_path / "out" / "b.wav").stat()
    assert run(job(set=["gain.gain_db=-6"], difference="out/d.wav"))["status"] == "unchanged"
    assert (tmp_path / "out" / "b.wav").stat().st_ino == before.st_ino
    rendered, _ = soundfile.read(tmp_path / "out" / "b.wav")
    assert np.abs(rendered).max() == pytest.approx(0.25, abs=0.01)
    kept = json.loads((tmp_path / "out" / "b.wav.job.json").read_text())
    assert kept["products"]["output"]["sha256"] == first["products"]["output"]["sha256"]


@pytest.mark.parametrize("change", ["output", "source", "preset", "killed"])
def test_it_is_done_again_where_something_changed(tmp_path, job, change):
    first = run(job())
    more = {}
    if change == "output":
        (tmp_path / "out" / "b.wav").write_bytes(b"altered")
    elif change == "source":
        soundfile.write(tmp_path / "a.wav", np.linspace(0, 0.5, 2000), RATE, subtype="PCM_16")
    elif change == "preset":
        more["set"] = ["gain.gain_db=-3"]
    else:  # after the output has appeared, before the result was kept
        result = tmp_path / "out" / "b.wav.job.json"
        kept = json.loads(result.read_text())
        names = ("job_schema", "id", "recipe_sha256", "job")
        result.write_text(json.dumps({name: kept[name] for name in names} | {"status": "running"}))
    again = run(job(**more))
    assert again["status"] == "done"
    same = change in ("output", "killed")
    assert (again["products"]["output"]["sha256"] == first["products"]["output"]["sha256"]) == same


def test_another_file_in_its_place_is_left_alone(tmp_path, job):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "b.wav").write_bytes(b"another's")
    with pytest.raises(FileError, match="exists already"):
        run(job())
    assert (tmp_path / "out" / "b.wav").read_bytes() == b"another's"
    assert run(job(force=True))["status"] == "done"


def test_a_job_that_fails_says_why_and_leaves_no_output(tmp_path, job):
    (tmp_path / "a.wav").write_bytes(b"RIFF nothing")
    found = run(job())
    assert found["status"] == "failed"
    assert isinstance(error_of(found), FileError)
    assert "damaged" in found["error"]["what"]
    assert not (tmp_path / "out" / "b.wav").exists()
    json.dumps(found)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"sauce": "a.wav"}, "unknown key 'sauce'.*source"),
        ({"options": {"sample_rat": 1}}, "unknown key 'sample_rat'"),
        ({"options": {"sample_rate": "44k"}}, "options.sample_rate is '44k'"),
        ({"options": {"engine": "magic"}}, "options.engine"),
        ({"options": {"md5": 1}}, "options.md5 is 1"),
        ({"job_schema": 2}, "job_schema is 2"),
        ({"source": None}, "source is missing"),
        ({"output": 7}, "output"),
    ],
)
def test_a_document_that_is_wrong_is_refused(job, more, told):
    with pytest.raises(ParameterError, match=told):
        read_job(job(**more))


def test_what_is_no_json_is_refused(tmp_path):
    (tmp_path / "j.json").write_text("{")
    with pytest.raises(ParameterError, match="no JSON"):
        read_job(tmp_path / "j.json")
    with pytest.raises(FileError):
        read_job(tmp_path / "none.json")


def test_files_may_be_in_a_store(tmp_path, job):
    store = fsspec.filesystem("memory")
    store.put_file(str(tmp_path / "a.wav"), "/jobs/a.wav")
    store.pipe_file(
        "/jobs/p.yaml", b"format: 1\nname: quiet\nstages: [pedalboard.Gain: {gain_db: -6}]\n"
    )
    path = job(source="memory://jobs/a.wav", output="memory://jobs/out/b.wav",
               preset="memory://jobs/p.yaml", result="r.json")  # fmt: skip
    first = run(path)
    assert (first["status"], first["error"]) == ("done", None)
    with store.open("/jobs/out/b.wav") as file:
        assert np.abs(soundfile.read(file)[0]).max() == pytest.approx(0.25, abs=0.01)
    assert run(path)["status"] == "unchanged"
    (tmp_path / "r.json").unlink()  # as on another machine: the same bytes are its own
    assert run(path)["status"] == "done"
    store.pipe_file("/jobs/out/b.wav", b"another's")
    (tmp_path / "r.json").unlink()
    found = run(path)
    assert "not of this batch" in str(error_of(found))
    assert store.cat_file("/jobs/out/b.wav") == b"another's"
