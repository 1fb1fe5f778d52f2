"""A pytest plugin: a test that asks for both fixtures runs for every check and stage.

.. code-block:: python

    def test_contract(contract_check, stage_class):
        contract_check.check(stage_class)

The setting ``restorack_stages`` names registered stages, or patterns of names such as ``acme.*``;
all by default.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

SETTING = "restorack_stages"
FIXTURES = ("contract_check", "stage_class")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the setting."""
    parser.addini(SETTING, "registered stages that contract checks run over", "args", ["*"])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test that asks for both fixtures every check of every stage."""
    if not set(FIXTURES) <= set(metafunc.fixturenames):
        return
    from restorack.testing.checks import CONTRACT_CHECKS

    cases = [
        (check, stage)
        for stage in _stages(metafunc.config.getini(SETTING))
        for check in CONTRACT_CHECKS
        if check.binds(stage)
    ]
    names = [f"{stage.__name__}-{check.name}" for check, stage in cases]
    metafunc.parametrize(FIXTURES, cases, ids=names)


def _stages(patterns: list[str]) -> list[Any]:
    """Return the registered stages that any of some patterns names."""
    from restorack.core.registry import processor_class, processor_names

    return [
        processor_class(name)
        for name in processor_names()
        if any(fnmatchcase(name, pattern) for pattern in patterns)
    ]
