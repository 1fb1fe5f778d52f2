"""A sandbox of a test's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from restorack.hosting.sandbox import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Return a sandbox that waits 6 s at most for a plugin to load."""
    made = Sandbox(load_timeout=6.0)
    yield made
    made.close()
