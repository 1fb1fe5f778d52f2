"""Answers of the child that hosts plugins: JSON, shapes, samples and errors damaged."""

from __future__ import annotations

import json
import socket
import struct
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from fuzzing.law import require
from fuzzing.mutations import any_value, mutated_bytes, mutated_tree
from restorack.errors import DiskFullError, PluginError
from restorack.hosting import wire
from restorack.hosting.process import ChildProcess
from restorack.hosting.sandbox import Sandbox
from restorack.hosting.spec import PluginSpec

RATE = 44_100.0
SPEC = PluginSpec("lv2", "urn:restorack-test:any")
ROWS = np.ones((2, 100), np.float32)
ERROR = {"type": "PluginError", "what": "failed", "where": "", "rule": "", "remedy": ""}
RIGHT: dict[str, dict[str, Any]] = {
    "layout": {"inputs": 2, "outputs": 2, "latency_samples": 0},
    "describe": {
        "kind": "lv2", "reference": SPEC.reference, "inputs": 2, "outputs": 2,
        "latency_samples": 0, "name": "Any", "programs": ["One"], "parameters": [{
            "name": "gain", "title": "Gain", "unit": "dB", "range": "a number", "minimum": -60.0,
            "maximum": 6.0, "choices": None, "default": "0", "current": "0",
        }],
    },
    "check": {},
    "render": {"channels": 2, "samples": 100, "latency": 3, "tail_peak": 0.0},
    "open": {"latency": 3},
    "push": {"channels": 2, "samples": 60},
    "finish": {"channels": 2, "samples": 40, "tail_peak": 0.0},
}  # fmt: skip


class ScriptedChild(ChildProcess):
    """Answers with bytes that were made before."""

    def __init__(self, answers: list[bytes]) -> None:
        self.samples = wire.SharedSamples()
        self.samples.write(np.zeros((2, 1000), np.float32))
        self.link, self._theirs = socket.socketpair()
        self.left, self.stopped, self._requests = answers, False, 0
        self.ready, self.confined = True, {}

    def alive(self) -> bool:
        return not self.stopped

    def ask(self, message: dict[str, Any], timeout: float) -> dict[str, Any]:
        answer = self.left.pop(0)
        self._theirs.sendall(answer)
        if not self.left:
            self._theirs.shutdown(socket.SHUT_WR)
        return super().ask(message, timeout)

    def stop(self) -> str:
        self.stopped = True
        self.link.close()
        self._theirs.close()
        return "stopped"

    def said(self) -> str:
        return ""


def trial(choose: Random, folder: Path) -> None:
    """Take a damaged answer: a value of the right shape comes out, or the plugin is at fault."""
    operation = choose.choice(list(RIGHT))
    before = ["open", "push"][: ("push", "finish").index(operation) + 1] if operation in (
        "push", "finish") else []  # fmt: skip
    damaged = _damaged(operation, len(before) + 1, choose)
    (folder / "case.txt").write_text(ascii((operation, damaged)))
    right = [_numbered(RIGHT[one], number) for number, one in enumerate(before, 1)]
    child = ScriptedChild([*(_framed(json.dumps(one).encode()) for one in right), damaged])
    sandbox = Sandbox()
    sandbox._child = child
    sandbox._may_keep = lambda *_: False  # type: ignore[method-assign]
    try:
        _ask(operation, sandbox, child)
    except DiskFullError:
        require(False, "a child's word for a full disk, which stops a batch, is believed")
    except PluginError as error:
        require(str(error).isprintable(), f"control characters in {error!s:.200}")
        raise
    finally:
        child.stop()
        child.samples.close()


def _ask(operation: str, sandbox: Sandbox, child: ScriptedChild) -> None:
    if operation == "render":
        out, latency = sandbox.render([SPEC], ROWS, RATE)
        require(out.shape == ROWS.shape, f"{ROWS.shape} became {out.shape}")
        require(isinstance(latency, int) and 0 <= latency < 10**9, f"a latency of {latency!r}")
    elif operation in ("layout", "describe"):
        found = getattr(sandbox, operation)(SPEC)
        for name in ("inputs", "outputs", "latency_samples"):
            require(type(found.get(name)) is int, f"{name} is {found.get(name)!r}")
    elif operation == "check":
        sandbox.check(SPEC)
    else:
        stream = sandbox.open_stream([SPEC], RATE, 2)
        require(type(stream.latency) is int and stream.latency >= 0, f"latency {stream.latency!r}")
        if operation != "open":
            got = stream.push(ROWS)
            rest = stream.finish() if operation == "finish" else got[:, :0]
            require(got.shape[0] == rest.shape[0] == 2, f"{got.shape}, {rest.shape}")
            require(got.shape[1] + rest.shape[1] <= 1000, f"{got.shape}, {rest.shape}")


def _numbered(answer: Any, number: int) -> Any:
    """Return an answer with the number of its request, which is checked before all else."""
    return answer | {"number": number} if isinstance(answer, dict) else answer


def _damaged(operation: str, number: int, choose: Random) -> bytes:
    answer: Any = {"error": dict(ERROR)} if choose.random() < 0.3 else dict(RIGHT[operation])
    if answer == {}:
        answer = {"more": 1}
    if choose.random() < 0.1:
        kinds = ("DiskFullError", "RestorackError", "SystemExit", "PresetError", "FileError", "Any")
        answer = {"error": ERROR | {"type": choose.choice(kinds), "what": choose.choice(("", "x"))}}
    elif choose.random() < 0.1:
        answer = any_value(choose)
    else:
        answer = mutated_tree(answer, choose)
    if choose.random() < 0.9:
        answer = _numbered(answer, number)
    body = json.dumps(answer).encode()
    if choose.random() < 0.2:
        body = mutated_bytes(body, choose, head=len(body))
    frame = _framed(body)
    return mutated_bytes(frame, choose, head=8) if choose.random() < 0.1 else frame


def _framed(body: bytes) -> bytes:
    return struct.pack("<I", len(body)) + body
