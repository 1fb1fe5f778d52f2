"""Another system's modules for a test."""

from __future__ import annotations

import pytest
from other_systems import As, as_on


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> As:
    """Return :func:`as_on` for this test."""
    return lambda *given, **stand_ins: as_on(monkeypatch, *given, **stand_ins)
