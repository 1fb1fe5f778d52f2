"""Another package's tests get the contract checks by two fixtures."""

from __future__ import annotations

import pytest

from restorack.testing.checks import CONTRACT_CHECKS

pytest_plugins = ["pytester"]

TEST = "def test_contract(contract_check, stage_class):\n    contract_check.check(stage_class)\n"


def test_a_stage_is_checked_by_name(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nrestorack_stages = restorack.Ai*\n")
    pytester.makepyfile(TEST)
    collected = pytester.runpytest_subprocess("-p", "no:cacheprovider", "--collect-only", "-q")
    collected.stdout.fnmatch_lines(["*Air-mix_zero_returns_the_input*"])
    text = str(collected.stdout)
    assert "Dither-" not in text
    assert text.count("::test_contract[Air-") > len(CONTRACT_CHECKS) // 2
    done = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-k", "mix_zero")
    done.assert_outcomes(passed=1, deselected=text.count("::test_contract[") - 1)


def test_tests_without_the_fixtures_are_left_alone(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_one():\n    pass\n")
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)
