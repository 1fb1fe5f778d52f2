"""``restorack train``: one command from a corpus to weights."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from command_line import Cli
from training_corpus import make_corpus

from restorack.weights.store import load_network, read_manifest

CONFIG = """\
format: 1
stage: tiny-hiss
corpus: {path: corpus}
task: {seconds: 2.1, frames: 32, crops: 2, validation_scenes: 2}
network: {width: 4, dilations: [1]}
data: {batch: 2}
budget: {steps: 4}
every: {validate_steps: 2, log_steps: 2}
export: {name: my-hiss, description: Mine., licence: CC0}
threads: 1
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    make_corpus(tmp_path / "corpus")
    path = tmp_path / "conf.yaml"
    path.write_text(CONFIG)
    return path


def test_one_command_trains_and_exports(cli: Cli, tmp_path: Path, config: Path) -> None:
    out = tmp_path / "run"
    ran = cli("train", "tiny-hiss", "-c", str(config), "-o", str(out), "--device", "cpu", "--json")
    assert ran.code == 0, ran.err
    told = ran.document
    assert told["steps"] == 4
    assert "score" in told["validation"]
    load_network(told["weights"])
    manifest = read_manifest(told["weights"])
    assert (manifest.name, manifest.licence, manifest.training.seed) == ("my-hiss", "CC0", 0)
    assert manifest.data[0].source == "synthetic notes"
    assert str(tmp_path) not in Path(told["weights"]).with_suffix(".json").read_text()
    card = Path(told["weights"]).with_suffix(".md").read_text()
    assert "synthetic notes" in card
    assert manifest.sha256 in card
    names = {path.name for path in out.iterdir()}
    assert {"checkpoint.safetensors", "best.safetensors", "config.yaml", "log.csv",
            "validation.csv", "training_loss.png", "export"} == names  # fmt: skip
    again = cli("train", "tiny-hiss", "-c", str(config), "-o", str(out))
    assert again.code == 5
    assert "--resume" in again.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("tiny-his",), 2, "did you mean 'tiny-hiss'"),
        (("tiny-hiss", "--device", "cuda"), 2, "PyTorch finds a CUDA device"),
        (("tiny-hiss", "-c", "none.yaml"), 2, "none.yaml: cannot be read"),
    ],
)
def test_mistakes_are_told(
    cli: Cli, tmp_path: Path, config: Path, arguments: tuple[str, ...], code: int, words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    ran = cli("train", "-c", str(config), "-o", str(tmp_path / "run"), *arguments)
    assert ran.code == code
    assert words in ran.err


def test_a_missing_corpus_is_told_before_anything_is_written(
    cli: Cli, tmp_path: Path, config: Path
) -> None:
    config.write_text(CONFIG.replace("path: corpus", "path: elsewhere"))
    ran = cli("train", "tiny-hiss", "-c", str(config), "-o", str(tmp_path / "run"))
    assert ran.code == 3
    assert "no corpus here" in ran.err
    assert not (tmp_path / "run").exists()


def test_a_missing_torch_is_told(cli: Cli, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("restorack.training.run")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    ran = cli("train", "tiny-hiss", "-c", str(config))
    assert ran.code == 6
    assert "PyTorch is not installed" in ran.err
    assert "pip install 'restorack[train]'" in ran.err
