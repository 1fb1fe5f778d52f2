"""Examples for clusters: the manifest for Kubernetes and the scripts say what the commands take."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from restorack.cli.main import build_app
from restorack.render.batch.shards import parse_shard

FOLDER = Path(__file__).parent.parent / "examples" / "cluster"


def options_of(command):
    found = get_command(build_app("batch"))
    found = found.commands["batch"] if hasattr(found, "commands") else found
    known = {name for one in found.params for name in one.opts}
    return [word for word in command if word.startswith("-") and word not in known]


def test_the_job_for_kubernetes_has_a_part_for_each_pod():
    job = yaml.safe_load((FOLDER / "kubernetes.yaml").read_text())
    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "Job")
    spec = job["spec"]
    assert spec["completionMode"] == "Indexed"
    assert spec["template"]["spec"]["restartPolicy"] == "Never"
    [container] = spec["template"]["spec"]["containers"]
    [line] = container["args"]
    names = {one["name"] for one in spec["template"]["spec"]["volumes"]}
    assert {one["name"] for one in container["volumeMounts"]} <= names
    for index in (0, spec["completions"] - 1):
        told = subprocess.run(
            ["sh", "-c", f"echo {line.removeprefix('exec ')}"],
            env={"JOB_COMPLETION_INDEX": str(index), "PATH": "/usr/bin:/bin"},
            capture_output=True, text=True, check=True,
        ).stdout.split()  # fmt: skip
        part = parse_shard(told[told.index("--shard") + 1])
        assert (part.number, part.count) == (index + 1, spec["completions"])
        assert told[:2] == ["restorack", "batch"]
        assert options_of(told) == []


@pytest.mark.parametrize("name", ["ray-cluster.sh", "slurm-one-node.sh"])
def test_the_scripts_are_right_and_name_options_that_there_are(name):
    path = FOLDER / name
    subprocess.run(["sh", "-n", path], check=True)
    [line] = re.findall(r'echo "(restorack batch .*)"', path.read_text())
    assert options_of(shlex.split(line)) == []
