"""The state of a batch for Prometheus: true, parseable, and said to have ended."""

import re
import urllib.error
import urllib.request

import pytest
from batches import InlineExecutor, run_inline, want, write

from restorack.errors import FileError, ParameterError, PluginError
from restorack.render.batch import ProgressCounters, RunOptions
from restorack.render.batch.job import Outcome
from restorack.render.batch.metrics import metrics_text, published, served

_LINE = re.compile(r'(restorack_batch_\w+)((?:\{(?:\w+="(?:[^"\\]|\\.)*",?)*\})?) (\S+)')


def values(text):
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, labels, value = _LINE.fullmatch(line).groups()
            found[name + labels] = float(value)
    return found


def test_a_batch_is_counted_and_has_ended(tmp_path):
    files = [write(tmp_path / "in" / f"{number}.wav", number) for number in range(3)]
    counters, path = ProgressCounters(), tmp_path / "batch.prom"

    def crashes(job):
        error = PluginError("crashed")
        return Outcome(job.key, "failed", error=error, transient=True) if "1" in job.key else None

    with published(counters, {"shard": "1/2"}, path):
        assert values(path.read_text())['restorack_batch_running{shard="1/2"}'] == 1
        run_inline(files, want(tmp_path / "out"), InlineExecutor(crashes), counters=counters,
                   run_options=RunOptions(retries=2))  # fmt: skip
    found = values(path.read_text())
    assert found['restorack_batch_files{shard="1/2",status="done"}'] == 2
    assert found['restorack_batch_files{shard="1/2",status="failed"}'] == 1
    assert found['restorack_batch_files_expected{shard="1/2"}'] == 3
    assert found['restorack_batch_retries_total{shard="1/2"}'] == 2
    assert found['restorack_batch_running{shard="1/2"}'] == 0
    assert found['restorack_batch_audio_seconds_total{shard="1/2"}'] == pytest.approx(0.2)
    assert found['restorack_batch_files_per_hour{shard="1/2"}'] > 0
    run_inline(files, want(tmp_path / "out"), InlineExecutor(crashes), counters=counters,
               run_options=RunOptions(quarantine=3))  # fmt: skip
    assert counters.quarantined == 1


def test_every_metric_has_a_type_and_labels_are_escaped():
    text = metrics_text(ProgressCounters(), {"name": 'a "b"\\\n'}, running=True)
    assert r'name="a \"b\"\\\n"' in text
    typed = set(re.findall(r"# TYPE (\S+) (?:gauge|counter)", text))
    assert typed == {name.partition("{")[0] for name in values(text)}


def test_a_page_is_served():
    counters = ProgressCounters(files=7)
    with served(counters, {}, 0) as (host, port):
        with urllib.request.urlopen(f"http://{host}:{port}/metrics") as answer:
            assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            assert values(answer.read().decode())["restorack_batch_files_expected"] == 7
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"http://{host}:{port}/other")
        with pytest.raises(ParameterError, match="cannot be had"), served(counters, {}, port):
            pass


def test_a_file_that_cannot_be_written_is_refused_before_the_batch(tmp_path):
    with pytest.raises(FileError), published(ProgressCounters(), {}, tmp_path / "no" / "x.prom"):
        pass
