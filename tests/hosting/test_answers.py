"""Whatever the child answers, it is checked: a wrong answer is the plugin's fault, and its end."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import numpy as np
import pytest

from restorack.errors import ParameterError, PluginCrashError, PluginError, RestorackError
from restorack.hosting import wire
from restorack.hosting.confine.policy import PARTS
from restorack.hosting.engines.mixdown import Link, Mixdown, Node
from restorack.hosting.process import ChildProcess
from restorack.hosting.sandbox import Sandbox
from restorack.hosting.spec import PluginSpec

RATE = 44_100.0
SPEC = PluginSpec("lv2", "urn:restorack-test:any")
OTHER = PluginSpec("lv2", "urn:restorack-test:other")
ROWS = np.ones((2, 100), np.float32)
MIX = Mixdown(
    ("stem",), (Node("bus", (SPEC,)),), (Link("stem", "bus"),), ("bus",)
)  # fmt: skip

GIVEN = {"channels": 2, "samples": 100}
PARAMETER = {
    "name": "gain", "title": "Gain", "unit": "dB", "range": "a number", "minimum": -60.0,
    "maximum": 6.0, "choices": None, "default": "0", "current": "0",
}  # fmt: skip
RIGHT: dict[str, dict[str, Any]] = {
    "layout": {"inputs": 2, "outputs": 2, "latency_samples": 0},
    "describe": {
        "kind": "lv2", "reference": SPEC.reference, "inputs": 2, "outputs": 2,
        "latency_samples": 0, "name": "Any", "programs": ["One"], "parameters": [PARAMETER],
    },
    "check": {},
    "probe layouts": {
        "inputs": 2, "outputs": 2, "sidechain_inputs": 0, "accepted": [[2, 2]],
        "fed": {"1": "each on its own", "2": "together", "6": "refused"},
    },
    "probe latency": {
        "rate": RATE, "reported": 1, "measured": 5, "silent": False, "finite": True
    },
    "probe tail": {"idle_peak": 0.0, "seconds": 1.5},
    "probe determinism": {
        "digest": "0" * 64, "instances_agree": True, "reset_clears_graph": True,
        "reset_clears_stream": None, "hosts_agree": None,
    },
    "probe speed": {"load_seconds": 0.1, "times_real_time": 20.0},
    "render": {**GIVEN, "latency": 3, "tail_peak": 0.0},
    "mix": {**GIVEN, "latencies": {"bus": [0, 0]}},
    "open": {"latency": 3},
    "push": {"channels": 2, "samples": 60},
    "finish": {"channels": 2, "samples": 40, "tail_peak": 0.0},
}  # fmt: skip


class FakeChild(ChildProcess):
    """Answers whatever it is told to."""

    def __init__(self) -> None:
        self.samples = wire.SharedSamples()
        self.samples.write(np.zeros((2, 1000), np.float32))
        self.answers: list[dict[str, Any]] = []
        self.stopped, self.ready, self.confined = False, True, {}

    def alive(self) -> bool:
        return not self.stopped

    def ask(self, message: dict[str, Any], timeout: float) -> dict[str, Any]:
        del message, timeout
        return self.answers.pop(0)

    def stop(self) -> str:
        self.stopped = True
        return "stopped"


@pytest.fixture
def hosted(monkeypatch: pytest.MonkeyPatch) -> tuple[Sandbox, FakeChild]:
    sandbox, child = Sandbox(), FakeChild()
    sandbox._child = child
    monkeypatch.setattr(sandbox, "_may_keep", lambda *_: False)
    return sandbox, child


def streamed(sandbox: Sandbox, child: FakeChild, operation: str, answer: dict[str, Any]) -> Any:
    if operation == "open":
        child.answers = [answer]
        return sandbox.open_stream([SPEC], RATE, 2)
    child.answers = [RIGHT["open"]]
    stream = sandbox.open_stream([SPEC], RATE, 2)
    child.answers = [answer] if operation == "push" else [RIGHT["push"], answer]
    pushed = stream.push(ROWS)
    return pushed if operation == "push" else stream.finish()


def asked(sandbox: Sandbox, child: FakeChild, operation: str, answer: dict[str, Any]) -> Any:
    """Have an operation answered so."""
    if operation in ("open", "push", "finish"):
        return streamed(sandbox, child, operation, answer)
    child.answers = [answer]
    ways: dict[str, Callable[[], Any]] = {
        "layout": lambda: sandbox.layout(SPEC, RATE),
        "describe": lambda: sandbox.describe(SPEC),
        "check": lambda: sandbox.check(SPEC),
        "render": lambda: sandbox.render([SPEC], ROWS, RATE),
        "mix": lambda: sandbox.mix(MIX, ROWS, RATE),
    }
    if operation.startswith("probe "):
        return sandbox.probe(SPEC, operation.removeprefix("probe "), RATE)
    return ways[operation]()


WRONG_VALUES = (
    None, True, -1, 1.5, 10**9, 10**30, "x", "\x1b[2J", [], {}, [[]], [-1, -1], [0, 0, 0],
    float("inf"), float("nan"), {"x": [0, 0]}, ["\ud800"],
)  # fmt: skip


FITTING: dict[tuple[str, str], tuple[Any, ...]] = {
    ("describe", "name"): ("x", "\x1b[2J"),
    ("describe", "programs"): ([], ["\ud800"]),
    ("describe", "parameters"): ([],),
    ("probe layouts", "accepted"): ([],),
    ("probe latency", "measured"): (None,),
    ("probe latency", "silent"): (True,),
    ("probe latency", "finite"): (True,),
    ("probe tail", "idle_peak"): (None, 1.5, 10**9, 10**30),
    ("probe tail", "seconds"): (None, 1.5, 10**9, 10**30),
    ("probe determinism", "instances_agree"): (True,),
    ("probe determinism", "reset_clears_graph"): (True,),
    ("probe determinism", "reset_clears_stream"): (None, True),
    ("probe determinism", "hosts_agree"): (None, True),
    ("probe speed", "load_seconds"): (1.5, 10**9, 10**30),
    ("probe speed", "times_real_time"): (1.5, 10**9, 10**30),
    ("render", "tail_peak"): (1.5, 10**9, 10**30),
    ("finish", "tail_peak"): (1.5, 10**9, 10**30),
}
"""Of those values, what may stand in a field after all."""


def fits(operation: str, name: str, value: Any) -> bool:
    allowed = FITTING.get((operation, name), ())
    return any(type(value) is type(one) and value == one for one in allowed)


def variants(operation: str) -> Iterator[dict[str, Any]]:
    """Yield an answer with one field missing, too many, or of another kind."""
    answer = RIGHT[operation]
    yield {**answer, "more": 1}
    for name in answer:
        yield {key: part for key, part in answer.items() if key != name}
        for wrong in WRONG_VALUES:
            if not fits(operation, name, wrong):
                yield {**answer, name: wrong}


@pytest.mark.parametrize("operation", list(RIGHT))
def test_right_answers_are_taken(hosted: tuple[Sandbox, FakeChild], operation: str) -> None:
    asked(*hosted, operation, deepcopy(RIGHT[operation]))
    assert not hosted[1].stopped


@pytest.mark.parametrize("operation", list(RIGHT))
def test_a_wrong_answer_names_the_plugin_and_ends_the_child(
    operation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for answer in variants(operation):
        sandbox, child = Sandbox(), FakeChild()
        sandbox._child = child
        monkeypatch.setattr(sandbox, "_may_keep", lambda *_: False)
        with pytest.raises(PluginError, match="wrongly") as caught:
            asked(sandbox, child, operation, deepcopy(answer))
        assert caught.value.where == SPEC.label, answer
        assert str(caught.value).isprintable()
        assert child.stopped, answer
        child.samples.close()


@pytest.mark.parametrize(
    ("operation", "answer"),
    [
        ("render", {"channels": 2, "samples": 99, "latency": 0, "tail_peak": 0.0}),
        ("render", {"channels": 1, "samples": 100, "latency": 0, "tail_peak": 0.0}),
        ("mix", {**GIVEN, "latencies": {"bus": [0, 0], "other": [0, 0]}}),
        ("mix", {**GIVEN, "latencies": {}}),
        ("push", {"channels": 2, "samples": 101}),
        ("push", {"channels": 1, "samples": 60}),
        ("finish", {"channels": 2, "samples": 41, "tail_peak": 0.0}),
        ("finish", {"channels": 2, "samples": 0, "tail_peak": 0.0}),
        ("describe", {**RIGHT["describe"], "reference": OTHER.reference}),
        ("describe", {**RIGHT["describe"], "parameters": [{**PARAMETER, "minimum": "x"}]}),
        ("describe", {**RIGHT["describe"], "parameters": [{**PARAMETER, "choices": [1]}]}),
        ("describe", {**RIGHT["describe"], "programs": ["x"] * (1 << 17)}),
        ("probe latency", {**RIGHT["probe latency"], "rate": 48_000.0}),
        ("probe determinism", {**RIGHT["probe determinism"], "digest": "no digest"}),
    ],
)
def test_answers_have_to_fit_the_request(
    hosted: tuple[Sandbox, FakeChild], operation: str, answer: dict[str, Any]
) -> None:
    with pytest.raises(PluginError, match="wrongly"):
        asked(*hosted, operation, answer)
    assert hosted[1].stopped


def failure(**fields: Any) -> dict[str, Any]:
    usual = {"type": "PluginError", "what": "no", "where": "", "rule": "", "remedy": ""}
    return {"error": {**usual, **fields}}


@pytest.mark.parametrize("operation", list(RIGHT))
@pytest.mark.parametrize(
    "answer",
    [
        {"error": None}, {"error": "x"}, {"error": {}}, {"error": []},
        failure(type="DiskFullError"), failure(type="FileError"), failure(type="RestorackError"),
        failure(type="PluginHangError"), failure(type="KeyboardInterrupt"), failure(type="str"),
        failure(type=1), failure(what=1), failure(where=None), failure(more=""),
        {**failure(), "channels": 2}, failure(what="x" * 100_000),
        failure(what=""), failure(what="  "),
    ],
)  # fmt: skip
def test_forged_errors_are_the_plugins_fault(
    hosted: tuple[Sandbox, FakeChild], operation: str, answer: dict[str, Any]
) -> None:
    sandbox, child = hosted
    with pytest.raises(PluginError, match="wrongly") as caught:
        asked(sandbox, child, operation, answer)
    assert type(caught.value) is PluginError
    assert child.stopped


def test_true_errors_come_through_bounded_and_escaped(hosted: tuple[Sandbox, FakeChild]) -> None:
    sandbox, child = hosted
    what = "\x1b[2J\u202e" + "long " * 1000
    with pytest.raises(ParameterError) as caught:
        asked(sandbox, child, "check", failure(type="ParameterError", what=what))
    assert str(caught.value).isprintable()
    assert "\\x1b[2J\\u202e" in caught.value.what
    assert len(str(caught.value)) < 2100
    assert not child.stopped


def test_an_error_can_blame_no_plugin_that_was_not_asked(
    hosted: tuple[Sandbox, FakeChild],
) -> None:
    sandbox, child = hosted
    with pytest.raises(PluginError) as caught:
        asked(sandbox, child, "check", failure(where=OTHER.label))
    assert caught.value.where.startswith(f"{SPEC.label}: ")
    with pytest.raises(PluginError) as caught:
        asked(sandbox, child, "check", failure(where=SPEC.label))
    assert caught.value.where == SPEC.label


def test_texts_of_a_description_are_escaped_and_bounded(
    hosted: tuple[Sandbox, FakeChild],
) -> None:
    title = "\x1b]0;owned\x07" + "x" * 5000
    answer = {**RIGHT["describe"], "name": title, "parameters": [{**PARAMETER, "title": title}]}
    found = asked(*hosted, "describe", answer)
    for text in (found["name"], found["parameters"][0]["title"]):
        assert text.isprintable()
        assert len(text) < 1010


def test_samples_that_are_not_there_are_a_wrong_answer(
    hosted: tuple[Sandbox, FakeChild],
) -> None:
    """A mix may give more than it takes, of which the child has to have made the room."""
    sandbox, child = hosted
    child.samples.close()
    child.samples = wire.SharedSamples()
    mix = Mixdown(("stem",), (Node("bus", (SPEC,)),), (Link("stem", "bus"),), ("bus",) * 8)
    child.answers = [{"channels": 16, "samples": 100, "latencies": {"bus": [0, 0]}}]
    with pytest.raises(PluginError, match="not there"):
        sandbox.mix(mix, ROWS, RATE)
    assert child.stopped


class TestTransport:
    """What comes over the socket, before anything is made of it."""

    def test_answers_to_other_requests_are_refused(self) -> None:
        for number in (0, 2, "1", True, None, 1.0):
            child = self.child()
            answer = {"inputs": 2} if number is None else {"inputs": 2, "number": number}
            wire.send(self.theirs, answer)
            with pytest.raises(wire.MalformedError, match="this request"):
                child.ask({"do": "layout"}, 5.0)

    def test_an_answer_too_many_is_not_taken_for_the_next(self) -> None:
        child = self.child()
        for _ in range(2):
            wire.send(self.theirs, {"number": 1})
        assert child.ask({"do": "check"}, 5.0) == {}
        with pytest.raises(wire.MalformedError, match="this request"):
            child.ask({"do": "check"}, 5.0)

    @pytest.mark.parametrize(
        "body",
        [
            b"", b"no JSON", b"[]", b"1", b'"x"', b"null", b"\xff\xfe", b'{"x": NaN}',
            b'{"x": Infinity}', b'{"x": -Infinity}', b"[" * 200_000, b'{"x":' * 200_000,
            b'{"x": ' + b"9" * 5000 + b"}",
        ],
    )  # fmt: skip
    def test_what_is_no_message_is_refused(self, body: bytes) -> None:
        child = self.child()
        self.theirs.sendall(struct.pack("<I", len(body)) + body)
        with pytest.raises(wire.MalformedError):
            wire.receive(child.link, None, wire.MAX_ANSWER)

    def test_long_answers_are_not_read(self) -> None:
        child = self.child()
        self.theirs.sendall(struct.pack("<I", wire.MAX_ANSWER + 1))
        with pytest.raises(wire.MalformedError, match="at most"):
            child.ask({"do": "check"}, 5.0)

    def test_the_first_word_names_every_part(self) -> None:
        from restorack.hosting.exchange.answers import check_ready

        whole = dict.fromkeys(PARTS, "enforced")
        assert check_ready({"ready": True, "confined": whole}) == whole
        for wrong in ({}, {**whole, "more": "off"}, {**whole, "files": "perhaps"}):
            with pytest.raises(wire.MalformedError):
                check_ready({"ready": True, "confined": wrong})
        with pytest.raises(wire.MalformedError):
            check_ready({"ready": 1, "confined": whole})

    def child(self) -> ChildProcess:
        child = ChildProcess.__new__(ChildProcess)
        child.link, self.theirs = socket.socketpair()
        self.theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
        child._requests = 0
        return child


def test_a_request_is_json_whatever_is_in_it() -> None:
    ours, theirs = socket.socketpair()
    wire.send(ours, {"low": float("-inf"), "parts": [float("nan"), {"x": (1.5,)}]})
    assert wire.receive(theirs) == {"low": None, "parts": [None, {"x": [1.5]}]}
    for link in (ours, theirs):
        link.close()


def test_errors_of_other_kinds_leave_the_child_as_the_plugins() -> None:
    message = wire.error_message(RestorackError("disk full", where="here"))
    assert message["type"] == "PluginError"
    assert json.loads(json.dumps(message)) == message
    assert type(wire.error_from(message)) is PluginError
    assert wire.error_message(PluginCrashError("x"))["type"] == "PluginError"
    assert wire.error_message(ParameterError("x"))["type"] == "ParameterError"
