"""The loop learns, keeps the best, starts from weights, refuses nonsense."""

from __future__ import annotations

import csv
import math
import warnings
from pathlib import Path

import pytest
import torch
from training_corpus import make_corpus

from restorack.errors import TrainingError, WeightsError
from restorack.training import tasks
from restorack.training.run import Trained, train
from restorack.weights.store import load_tensors, read_manifest

CONFIG = """\
format: 1
seed: 1
corpus: {path: corpus}
data: {batch: 4}
optimiser: {learning_rate: 0.05, warmup_steps: 5, weight_decay: 0, average: 0.9}
every: {validate_steps: 10, log_steps: 5}
threads: 1
"""


@pytest.fixture(autouse=True)
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(tasks.TASKS, "toy", "toy_task:Toy")


def run(folder: Path, more: str = "budget: {steps: 40}", out: str = "run", **options) -> Trained:
    if not (folder / "corpus").exists():
        make_corpus(folder / "corpus", rate=8000)
    (folder / "conf.yaml").write_text(f"{CONFIG}{more}\n")
    return train("toy", folder / "conf.yaml", folder / out, device="cpu", **options)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def test_it_learns_and_exports_the_best_average(tmp_path: Path) -> None:
    done = run(tmp_path, "budget: {steps: 60}")
    validations = rows(tmp_path / "run" / "validation.csv")
    scores = [float(row["score"]) for row in validations]
    assert [int(row["step"]) for row in validations] == [10, 20, 30, 40, 50, 60]
    assert done.validation["score"] == max(scores)
    # Dropout of a tenth puts the least squares at nine tenths of the gain.
    assert scores[-1] == pytest.approx(math.log(0.9), abs=0.03)
    manifest = read_manifest(done.weights)
    best = int(validations[scores.index(max(scores))]["step"])
    assert manifest.training.steps == best
    (gain,) = load_tensors(done.weights)[0]["gain"]
    assert abs(math.log(4.0) - gain) == pytest.approx(done.validation["error"], abs=1e-6)
    losses = rows(tmp_path / "run" / "log.csv")
    assert float(losses[-1]["loss"]) < 0.2 * float(losses[0]["loss"])
    assert {"loss", "distance", "gradient_norm", "learning_rate"} <= set(losses[0])
    picture = (tmp_path / "run" / "training_loss.png").read_bytes()
    assert picture.startswith(b"\x89PNG")


def test_terms_of_a_loss_are_logged_without_a_warning(tmp_path: Path) -> None:
    """They hang on the graph that the gradients came from."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(tmp_path, "budget: {steps: 5}")
    assert float(rows(tmp_path / "run" / "log.csv")[-1]["distance"]) > 0.0


def test_the_manifest_tells_no_folders(tmp_path: Path) -> None:
    first = run(tmp_path, "budget: {steps: 1}")
    done = run(tmp_path, f"budget: {{steps: 1}}\nstart_from: {first.weights}", "second")
    config = read_manifest(done.weights).training.config
    assert config["start_from"] == first.weights.name
    assert str(tmp_path) not in repr(config)


def test_the_learning_rate_follows_the_schedule(tmp_path: Path) -> None:
    run(tmp_path)
    rates = [float(row["learning_rate"]) for row in rows(tmp_path / "run" / "log.csv")]
    assert rates[0] == pytest.approx(0.05, rel=0.05)
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 0.1 * rates[0]


def test_a_budget_in_minutes_ends(tmp_path: Path) -> None:
    done = run(tmp_path, "budget: {minutes: 0.01, steps: 1000000}")
    assert 0 < done.steps < 1_000_000
    assert done.seconds < 30


def test_training_starts_from_weights(tmp_path: Path) -> None:
    first = run(tmp_path, "budget: {steps: 60}", "first")
    more = f"budget: {{steps: 1}}\nstart_from: {first.weights}\noptimiser: {{warmup_steps: 100}}"
    text = CONFIG.replace("optimiser:", "#")
    (tmp_path / "conf.yaml").write_text(f"{text}{more}\n")
    second = train("toy", tmp_path / "conf.yaml", tmp_path / "second", device="cpu")
    assert second.validation["error"] == pytest.approx(first.validation["error"], abs=0.01)
    (tmp_path / "conf.yaml").write_text(f"{CONFIG}budget: {{steps: 1}}\nstart_from: tiny-hiss\n")
    with pytest.raises(WeightsError, match="missing gain"):
        train("toy", tmp_path / "conf.yaml", tmp_path / "third", device="cpu")


def test_bfloat16_learns_too(tmp_path: Path) -> None:
    done = run(tmp_path, "budget: {steps: 40}\nbfloat16: true")
    assert done.validation["error"] < 0.8


def test_losses_that_stay_nan_end_the_training(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="not finite in 51 steps"):
        run(tmp_path, "budget: {steps: 200}\ntask: {spoilt: loss}")


def test_a_validation_that_is_nan_ends_the_training(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="validation that is not finite"):
        run(tmp_path, "budget: {steps: 20}\ntask: {spoilt: validation}")


def test_torch_is_left_as_it_was(tmp_path: Path) -> None:
    before = torch.get_num_threads()
    run(tmp_path, "budget: {steps: 1}")
    assert torch.get_num_threads() == before
    tiny = torch.tensor([1e-40]) * 1.0
    assert tiny.item() > 0  # denormals are not flushed any more
