"""Lists of repairs: entries, numbers and the JSON around them damaged."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import soundfile

from fuzzing import command
from fuzzing.law import require
from fuzzing.mutations import mutated_text, mutated_tree
from restorack.plugins.declick.declicker import Declicker

RATE = 22_050
SNIPPETS = (
    b"NaN", b"Infinity", b"1e400", b"-1e400", b"9" * 5000, b"[" * 2000, b'{"a":' * 2000, b"\\u0000",
    b'"\\ud800"', b"\xff", b"\xef\xbb\xbf", b"\0", b"true", b"null", b'"x"', b"{}", b"[]", b"-0",
    b",",
)  # fmt: skip


@functools.cache
def _worn() -> tuple[Any, dict[str, Any]]:
    """Return clicks in two channels of a tone, and what the stage finds there."""
    random = np.random.default_rng(5)
    time = np.arange(6000) / RATE
    sound = 0.1 * np.sin(2 * np.pi * 310 * time) + 2e-4 * random.standard_normal((2, 6000))
    for start in range(700, 5500, 400):
        sound[start // 400 % 2, start : start + 8] += 0.3 * random.standard_normal(8)
    rows = sound.astype(np.float32)
    stage = Declicker()
    stage.process(rows, RATE)
    return rows, json.loads(json.dumps(stage.findings()))


def warm_up() -> None:
    """Compile what the trials run, which is no trial's time."""
    _worn()


def trial(choose: Random, folder: Path) -> None:
    """Follow a damaged list; what comes out is as long as the input, and finite."""
    rows, findings = _worn()
    file = folder / "list.json"
    document = choose.choice((findings, {"stages": [{"findings": findings}]}, [findings]))
    data = json.dumps(mutated_tree(document, choose)).encode()
    if choose.random() < 0.4:
        data = _mutated_json(data, choose)
    file.write_bytes(data)
    if choose.random() < 0.06:
        source = folder / "in.wav"
        soundfile.write(source, rows.T, RATE, subtype="FLOAT")
        words = ("--stage", "restorack.Declicker", "--repairs", file, "--engine", "stream")
        command.run("render", source, *words, "-o", folder / "out.wav")
        return
    stage = Declicker(repairs_file=str(file))
    out = stage.process(rows, RATE)
    require(out.shape == rows.shape, f"{rows.shape} became {out.shape}")
    require(np.isfinite(out).all(), "not finite")
    json.dumps(stage.findings(), allow_nan=False)


def _mutated_json(data: bytes, choose: Random) -> bytes:
    if choose.random() < 0.3:
        return mutated_text(data, choose)
    at = choose.randrange(len(data))
    return data[:at] + choose.choice(SNIPPETS) + data[at + choose.choice((0, 1, 4, 40)) :]
