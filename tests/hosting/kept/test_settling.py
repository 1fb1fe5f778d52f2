"""Whether a plugin's own defaults hold: asked beside other work, once for each plugin."""

from __future__ import annotations

from pathlib import Path

import pytest

from restorack.errors import PluginError
from restorack.hosting.kept import proofs
from restorack.hosting.kept.settling import Settling
from restorack.hosting.spec import PluginSpec


class Question:
    """Finds out what the test says, and counts how often it is asked and waited for."""

    def __init__(self, answer: bool | None) -> None:
        self.answer, self.asked, self.waited, self.ended = answer, 0, 0, 0

    def __call__(self, bare: PluginSpec) -> Question:
        assert not bare.params
        self.asked += 1
        return self

    def wait(self) -> bool | None:
        self.waited += 1
        return self.answer

    def end(self) -> None:
        self.ended += 1


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PluginSpec:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "A.vst3").write_text("one")
    return PluginSpec("vst3", str(tmp_path / "A.vst3"), {"x": 1.0})


def test_it_is_asked_once_and_waited_for_only_where_it_is_needed(spec: PluginSpec) -> None:
    settling, question = Settling(), Question(False)
    for _ in range(2):
        settling.begin(spec, question)
    assert (question.asked, question.waited) == (1, 0)
    for _ in range(2):
        assert settling.settled(spec, question).settle
    assert (question.asked, question.waited) == (1, 1)


@pytest.mark.parametrize("answer", [True, False])
def test_an_answer_holds_for_the_next_process(
    spec: PluginSpec, answer: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    Settling().settled(spec, Question(answer))
    monkeypatch.setattr(proofs, "_SEEN", {})
    again = Question(None)
    settling = Settling()
    settling.begin(spec, again)
    assert settling.settled(spec, again).settle is not answer
    assert again.asked == 0


def test_a_plugin_that_fails_is_asked_again_by_the_next_process_alone(
    spec: PluginSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    settling, question = Settling(), Question(None)
    for _ in range(2):
        assert settling.settled(spec, question) == spec
    assert question.asked == 1
    monkeypatch.setattr(proofs, "_SEEN", {})
    assert Settling().settled(spec, Question(False)).settle


def test_a_question_that_cannot_be_put_costs_no_render(spec: PluginSpec) -> None:
    def refused(bare: PluginSpec) -> Question:
        raise PluginError("may not be loaded", where=bare.label)

    settling = Settling()
    settling.begin(spec, refused)
    assert settling.settled(spec, refused) == spec


def test_what_sends_all_parameters_anyway_is_no_question(spec: PluginSpec) -> None:
    settling, question = Settling(), Question(False)
    for other in (
        PluginSpec("lv2", "urn:t:one"),
        PluginSpec("vst3", spec.reference, program="One"),
        PluginSpec("vst3", spec.reference, state_base64="AAAA"),
    ):
        settling.begin(other, question)
        assert settling.settled(other, question) == other
    assert question.asked == 0


def test_closing_gives_up_what_is_not_known(spec: PluginSpec) -> None:
    settling, question = Settling(), Question(False)
    settling.begin(spec, question)
    settling.close()
    assert (question.ended, question.waited) == (1, 0)
