"""Train the reader of noise floors without the recordings, or the noises, that it is judged on.

    python benchmarks/floors/reading.py --corpus DIR --noise DIR [--scenes 3000] [--by music]

The passages are those of the training task ``floor-reader``, of its own seeds. Each of four parts
is judged by a network trained on the other three; a part is of recordings of music (``--by music``)
or of noise (``--by noise``; passages without a recorded noise are dealt out in turn). Printed are
the gains of a Wiener filter over bands, in dB, by what the networks say. Nothing that a benchmark
judges belongs into these folders.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from restorack.corpus.reader import open_clips
from restorack.training.task import Example
from restorack.training.tasks.floor_reader import FloorReaderSettings, FloorReading

FOLDS, BATCH, RATE, DECAY, AVERAGE = 4, 64, 2e-3, 0.02, 0.998


def passages(task: FloorReading, corpus: Path, count: int) -> list[Example]:
    """Return what is measured of so many passages."""
    clips = open_clips(corpus, "train")
    made = []
    for scene in range(count):
        made += list(task.make_examples(np.random.default_rng([1, 1, scene]), clips, scene))
    return made


def folds(examples: list[Example], by: str) -> np.ndarray:
    """Return the part that each passage is in."""
    groups = np.array([one["groups"][0 if by == "music" else 1] for one in examples])
    names = np.random.default_rng(0).permutation(np.unique(groups))
    part = {name: number % FOLDS for number, name in enumerate(names)}
    return np.array([part[name] if name else at % FOLDS for at, name in enumerate(groups)])


def stacked(examples: list[Example]) -> dict[str, torch.Tensor]:
    """Return examples as a batch."""
    return {key: torch.from_numpy(np.stack([one[key] for one in examples])) for key in examples[0]}


def trained(task: FloorReading, examples: list[Example], steps: int) -> torch.nn.Module:
    """Return the average of a network's weights over its training."""
    torch.manual_seed(1)
    network = task.build_network()
    average = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(AVERAGE)
    )
    optimiser = torch.optim.AdamW(network.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, steps, pct_start=0.05)
    random = np.random.default_rng(1)
    for _ in range(steps):
        chosen = random.choice(len(examples), min(BATCH, len(examples)), replace=False)
        loss = task.loss(network, stacked([examples[at] for at in chosen])).total
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        average.update_parameters(network)
    return average.module.eval()


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--noise", type=Path)
    parser.add_argument("--scenes", type=int, default=3000)
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--by", choices=("music", "noise"), default="music")
    chosen = parser.parse_args()
    task = FloorReading(FloorReaderSettings(noise_folder=chosen.noise), {})
    examples = passages(task, chosen.corpus, chosen.scenes)
    part = folds(examples, chosen.by)
    for number in range(FOLDS):
        others = [one for one, at in zip(examples, part, strict=True) if at != number]
        own = [one for one, at in zip(examples, part, strict=True) if at == number]
        network = trained(task, others, chosen.steps)
        with torch.no_grad():
            found = task.figures(network, own)
        figures = "  ".join(f"{name} {value:.3f}" for name, value in found.items())
        print(f"part {number}, {len(own)} passages: {figures}", flush=True)


if __name__ == "__main__":
    main()
