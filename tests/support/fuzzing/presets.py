"""Presets, and configurations of trainings: the document's tree or its text damaged."""

from __future__ import annotations

import functools
import io
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from pydantic import BaseModel, Field

from fuzzing import command
from fuzzing.law import require
from fuzzing.mutations import mutated_text, mutated_tree
from restorack.core.processor import Processor
from restorack.presets import chain_from_text, dump_preset, load_preset, preset_names
from restorack.presets.finding import find_preset
from restorack.training.config import read_config

RATE = 8000
BASES = (
    """\
format: 1
name: several
description: Stages that need no plugin.
work_rate: 44100
stages:
- restorack.Air: {amount_db: 3}
- stage: pedalboard.HighpassFilter
  name: rumble
  params: {cutoff_frequency_hz: 60}
  automation: {cutoff_frequency_hz: [[0, 60], [1.5, 40]]}
- parallel: [[restorack.Derumble: {}], []]
  gains_db: [-6, 0]
- pedalboard.Compressor: {ratio: 4, threshold_db: -20}
- {stage: restorack.Air, params: {mix: 0.5}, enabled: false}
- restorack.Loudness: {mode: peak, target: -1}
output: {sample_rate: 44100, format: flac, subtype: PCM_24, dither: triangular, ceiling_dbtp: -1}
""",
    "format: 1\nname: quieter\nstages:\n- pedalboard.Gain: {gain_db: -6}\n- restorack.Dither: {}\n",
    "format: 1\nname: from\nextends: hiss-only\nstages:\n- {remove: air}\n- restorack.Dehum: {}\n",
    "format: 1\nname: hosted\nstages:\n- {vst3: NotInstalledAnywhere, optional: true}\n"
    "- {lv2: 'urn:not:there', params: {a: 1}}\n",
)  # fmt: skip


@functools.cache
def bases() -> tuple[bytes, ...]:
    """Return the texts that are damaged."""
    shipped = [find_preset(name).read_bytes() for name in sorted(preset_names())[:8]]
    return (*(text.encode() for text in BASES), *shipped)


def tree_of(text: bytes) -> Any:
    """Return the plain values of a YAML text."""
    from ruamel.yaml import YAML

    return YAML(typ="safe", pure=True).load(text.decode())


def text_of(tree: Any) -> bytes:
    """Return plain values as YAML; what cannot be written as their Python text."""
    from ruamel.yaml import YAML

    target = io.BytesIO()
    try:
        YAML(typ="safe", pure=True).dump(tree, target)
    except Exception:  # the writer's own limits are not what is tried
        return repr(tree).encode("utf-8", "replace")
    return target.getvalue()


def damaged_yaml(text: bytes, choose: Random) -> bytes:
    """Return a YAML text, its tree or its letters damaged."""
    if choose.random() < 0.6:
        return text_of(mutated_tree(tree_of(text), choose))
    return mutated_text(text, choose)


class Task(BaseModel):
    """What the task of a training may have."""

    kind: str = Field("noise", description="a text")


CONFIG = b"""\
format: 1
stage: restorack.LearnedMask
seed: 3
corpus: {path: corpus, weights: {render: 2, music: 1.5}, allow_lossy: false}
data: {batch: 4, pool: 8, reuse: 2.0}
optimiser: {learning_rate: 1.0e-3, betas: [0.9, 0.98]}
budget: {steps: 100, minutes: 5}
export: {name: mask-1, description: "a text"}
"""


def trial(choose: Random, folder: Path) -> None:
    """Load a damaged preset; one that loads can be written, read again and used."""
    file = folder / "damaged.yaml"
    if choose.random() < 0.1:
        file.write_bytes(damaged_yaml(CONFIG, choose))
        read_config(file, Task)
        return
    file.write_bytes(damaged_yaml(choose.choice(bases()), choose))
    if choose.random() < 0.08:
        command.run("presets", "validate", file)
        return
    chain = load_preset(file)
    text = dump_preset(chain)
    require(dump_preset(chain_from_text(text, str(file))) == text, "another preset once written")
    plain = all(isinstance(slot.stage, Processor) or _is_native(slot.stage) for slot in chain.slots)
    if plain and len(chain.slots) <= 3 and choose.random() < 0.3:
        sound = 0.1 * np.random.default_rng(1).standard_normal((2, 2000)).astype(np.float32)
        require(np.isfinite(chain.process(sound, RATE)).all(), "not finite")


def _is_native(stage: object) -> bool:
    return type(stage).__module__.startswith("pedalboard")
