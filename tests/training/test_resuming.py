"""A run that was cut, killed or slowed by processes gives the same weights as one that was not."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from safetensors import safe_open
from training_corpus import make_corpus

from restorack.errors import ConfigError, FileError, TrainingError
from restorack.training.checkpoint import load_checkpoint
from restorack.training.progress import TrainingProgress
from restorack.training.run import Trained, train

CONFIG = """\
format: 1
seed: 3
corpus: {path: corpus}
task: {seconds: 2.1, frames: 32, crops: 2, validation_scenes: 2}
network: {width: 4, dilations: [1]}
data: {batch: 2, pool: POOL, reuse: REUSE, workers: WORKERS}
optimiser: {warmup_steps: 2}
budget: {steps: STEPS}
every: {validate_steps: 5, log_steps: 2, checkpoint_steps: 2}
threads: 1
"""


def configured(
    folder: Path, *, pool: int = 5, reuse: float = 1.5, workers: int = 0, steps: int = 9
) -> Path:
    if not (folder / "corpus").exists():
        make_corpus(folder / "corpus")
    text = CONFIG
    for word, value in {"POOL": pool, "REUSE": reuse, "WORKERS": workers, "STEPS": steps}.items():
        text = text.replace(word, str(value))
    path = folder / f"config-{workers}-{steps}.yaml"
    path.write_text(text)
    return path


class CutError(Exception):
    """Stands for a power cut."""


def cut_at(step: int):
    def on_progress(progress: TrainingProgress) -> None:
        if progress.step == step and progress.doing == "training":
            raise CutError

    return on_progress


def weights(done: Trained) -> dict:
    with safe_open(str(done.weights), framework="np") as file:
        return {name: file.get_tensor(name).tobytes() for name in file.keys()}  # noqa: SIM118


def latest(folder: Path) -> dict:
    kept = load_checkpoint(folder / "checkpoint.safetensors")
    return {name: value.numpy().tobytes() for name, value in kept.tensors.items()}


@pytest.mark.parametrize(("pool", "reuse"), [(0, 1.0), (5, 1.5)])
def test_a_cut_run_ends_as_an_undisturbed_one(tmp_path: Path, pool: int, reuse: float) -> None:
    config = configured(tmp_path, pool=pool, reuse=reuse)
    whole = train("tiny-hiss", config, tmp_path / "whole", device="cpu")
    for step in (3, 7, 8):  # once before any validation, once between two checkpoints
        with pytest.raises(CutError):
            train(
                "tiny-hiss", config, tmp_path / "cut", resume=True, device="cpu",
                on_progress=cut_at(step),
            )  # fmt: skip
    resumed = train("tiny-hiss", config, tmp_path / "cut", resume=True, device="cpu")
    assert weights(whole) == weights(resumed)
    assert latest(tmp_path / "whole") == latest(tmp_path / "cut")
    assert len(latest(tmp_path / "whole")) > 10
    for name in ("log.csv", "validation.csv"):
        assert without_seconds(tmp_path / "whole" / name) == without_seconds(
            tmp_path / "cut" / name
        )


def without_seconds(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        rows = list(csv.DictReader(file))
    return [{key: value for key, value in row.items() if key != "seconds"} for row in rows]


def test_the_weights_depend_on_the_seed(tmp_path: Path) -> None:
    config = configured(tmp_path, steps=3)
    one = train("tiny-hiss", config, tmp_path / "one", device="cpu")
    config.write_text(config.read_text().replace("seed: 3", "seed: 4"))
    other = train("tiny-hiss", config, tmp_path / "other", device="cpu")
    assert weights(one) != weights(other)


def test_a_run_is_not_overwritten(tmp_path: Path) -> None:
    config = configured(tmp_path, steps=2)
    train("tiny-hiss", config, tmp_path / "run", device="cpu")
    with pytest.raises(FileError, match="--resume"):
        train("tiny-hiss", config, tmp_path / "run", device="cpu")


def test_a_run_is_resumed_with_its_own_configuration(tmp_path: Path) -> None:
    config = configured(tmp_path, steps=2)
    train("tiny-hiss", config, tmp_path / "run", device="cpu")
    longer = configured(tmp_path, steps=4)
    done = train("tiny-hiss", longer, tmp_path / "run", resume=True, device="cpu")
    assert done.steps == 4
    longer.write_text(longer.read_text().replace("batch: 2", "batch: 3"))
    with pytest.raises(ConfigError, match="data"):
        train("tiny-hiss", longer, tmp_path / "run", resume=True, device="cpu")


def test_a_damaged_checkpoint_is_an_error(tmp_path: Path) -> None:
    config = configured(tmp_path, steps=2)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "checkpoint.safetensors").write_bytes(b"\x10" * 64)
    with pytest.raises(TrainingError, match="checkpoint"):
        train("tiny-hiss", config, tmp_path / "run", resume=True, device="cpu")


@pytest.mark.slow
def test_a_killed_run_leaves_no_workers_and_ends_as_one_without(tmp_path: Path) -> None:
    whole = train("tiny-hiss", configured(tmp_path, steps=12), tmp_path / "whole", device="cpu")
    with_workers = configured(tmp_path, workers=2, steps=12)
    command = [
        sys.executable, "-m", "restorack", "train", "tiny-hiss", "--config", str(with_workers),
        "--out", str(tmp_path / "killed"), "--device", "cpu", "--json",
    ]  # fmt: skip
    running = psutil.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL)
    checkpoint = tmp_path / "killed" / "checkpoint.safetensors"
    while not checkpoint.exists():
        assert running.poll() is None
        time.sleep(0.01)
    workers = running.children(recursive=True)
    assert len(workers) >= 2
    running.kill()
    running.wait()
    gone, alive = psutil.wait_procs(workers, timeout=30)
    assert not alive, gone
    assert load_checkpoint(checkpoint).state["step"] < 12
    done = subprocess.run([*command, "--resume"], capture_output=True, text=True, check=True)
    document = json.loads(done.stdout)
    assert document["steps"] == 12
    assert latest(tmp_path / "whole") == latest(tmp_path / "killed")
    resumed = Trained(Path(document["weights"]), 12, 0.0, {})
    assert weights(whole) == weights(resumed)
