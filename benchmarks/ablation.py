#!/usr/bin/env python3
"""What the denoiser learns from one loss or another: short trainings of every variant.

    python benchmarks/ablation.py --corpus FOLDER [--noise FOLDER] [--steps 300] [--work FOLDER]

Each variant is trained by `restorack train`'s own trainer from one seed with the settings of
examples/training/denoise.yaml, but for the loss, the number of steps and a warm-up of a tenth of
them, and judged by the task's validation on held-out scenes; the table is printed in Markdown. The
corpus comes from `restorack corpus`. A variant that was finished in the work folder is not trained
again, and one that was interrupted goes on. Nothing is written elsewhere.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import torch

from restorack.corpus.reader import open_clips
from restorack.training.config import TrainingConfig, read_config
from restorack.training.progress import OnTraining, TrainingProgress
from restorack.training.run import train
from restorack.training.tasks.denoise import Denoise, DenoiseSettings
from restorack.training.tasks.denoise_losses import LossWeights
from restorack.weights.store import load_network, read_manifest

SHIPPED = Path(__file__).parent.parent / "examples" / "training" / "denoise.yaml"


def alone(loss: str) -> dict[str, Any]:
    """Return the settings of a training by one loss."""
    return {"losses": dict.fromkeys(LossWeights.model_fields, 0.0) | {loss: 1.0}}


VARIANTS: dict[str, tuple[str, dict[str, Any]]] = {
    "absolute": ("MAE of magnitudes alone", alone("absolute")),
    "compressed": ("compressed magnitudes, two resolutions, alone", alone("compressed")),
    "waveform": ("waveform (error over noise) alone", alone("waveform")),
    "mixture": ("the mixture as shipped", {}),
    "not-asymmetric": ("... without the asymmetric term", {"losses": {"asymmetric": 0.0}}),
    "no-distance": ("... without log-spectral distance", {"losses": {"spectral_distance": 0.0}}),
    "no-floor": ("... without the floor as input", {"with_floor": False}),
    "one-stage": ("... without the first stage", {"first_stage": False}),
}
COLUMNS = {
    "gain_db": "gain, dB",
    "worst_tenth_gain_db": "worst tenth, dB",
    "gain_at_35_db": "at 35 dB, dB",
    "spectral_distance": "LSD",
    "weak_partials_db": "weak partials, dB",
    "noise_attenuation_db": "noise taken off, dB",
}


def configured(options: argparse.Namespace, changes: Mapping[str, Any]) -> TrainingConfig:
    """Return the shipped configuration for a short run with a variant's changes."""
    shipped = read_config(SHIPPED, DenoiseSettings)
    noise = str(options.noise.resolve()) if options.noise else None
    common = {"noise_folder": noise, "validation_scenes": options.scenes}
    settings = shipped.model_dump(mode="json")
    settings["corpus"]["path"] = str(options.corpus.resolve())
    settings["task"] |= common | {key: value for key, value in changes.items() if key != "losses"}
    settings["task"]["losses"] |= changes.get("losses", {})
    settings["data"]["workers"] = options.workers
    settings["optimiser"]["warmup_steps"] = options.steps // 10
    settings["budget"] = {"steps": options.steps}
    settings["every"]["validate_steps"] = options.steps
    return TrainingConfig.model_validate(settings)


def trained(options: argparse.Namespace, name: str) -> str:
    """Train a variant, or take what was trained before; return its row of the table."""
    title, changes = VARIANTS[name]
    folder = options.work / f"{name}-{options.steps}"
    config = folder.with_suffix(".yaml")
    # JSON is YAML.
    config.write_text(configured(options, changes).model_dump_json(indent=1), encoding="utf-8")
    done = train(
        "denoise", config, folder, resume=True, device="cpu", on_progress=told(title, options.steps)
    )
    return row(title, f"{done.seconds / 60:.1f}", done.validation)


def references(options: argparse.Namespace) -> Iterator[str]:
    """Yield the rows of networks before the first step, and of the weights that are shipped."""
    config = configured(options, {})
    task = Denoise(DenoiseSettings(**config.task), config.network)
    held_out = open_clips(options.corpus, "validation")
    shipped, training = load_network("denoiser"), read_manifest("denoiser").training
    with torch.inference_mode():
        found = task.validate(task.build_network().eval(), held_out, "cpu")
        yield row("untrained: the classical gains", "0", found)
        found = task.validate(shipped, held_out, "cpu")
        yield row(f"the weights shipped, {training.steps:,} steps", f"{training.minutes:g}", found)


def told(title: str, steps: int) -> OnTraining:
    """Return what says now and then how far a training is."""

    def say(progress: TrainingProgress) -> None:
        if progress.step % 50 == 0:
            line = f"{title}: {progress.doing}, {progress.step} of {steps} steps"
            print(f"{line}, {progress.seconds:.0f} s", file=sys.stderr, flush=True)

    return say


def row(title: str, minutes: str, found: Mapping[str, float]) -> str:
    """Return a line of the table."""
    figures = " | ".join(f"{found[key]:.2f}" for key in COLUMNS)
    return f"| {title} | {figures} | {minutes} |"


def main() -> None:
    """Train what was not trained before, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("--corpus", type=Path, required=True, help="a corpus's folder")
    parser.add_argument("--noise", type=Path, help="recordings of noise alone")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--scenes", type=int, default=60, help="held-out scenes to judge on")
    parser.add_argument("--workers", type=int, default=0, help="processes that make scenes")
    parser.add_argument("--work", type=Path, default=Path("ablation"), help="takes the trainings")
    parser.add_argument("--only", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    print(
        f"{options.steps} steps each, {options.scenes} held-out scenes, one thread, "
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}\n"
    )
    print(f"| trained by | {' | '.join(COLUMNS.values())} | minutes |")
    print(f"|---|{'---|' * (len(COLUMNS) + 1)}", flush=True)
    for line in chain(references(options), (trained(options, name) for name in options.only)):
        print(line, flush=True)


if __name__ == "__main__":
    main()
