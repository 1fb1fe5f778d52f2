"""A cache of this run alone, and a sandbox of a test's own."""

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


@pytest.fixture(scope="session", autouse=True)
def cache_of_this_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield
