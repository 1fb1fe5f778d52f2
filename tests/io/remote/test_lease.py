"""Leases: one owner at a time, also of those who begin at once; the dead are followed."""

import fsspec
import pytest

from restorack.errors import FileError
from restorack.io.remote import lease as module
from restorack.io.remote.lease import Lease, is_held, read_owner
from restorack.io.remote.urls import as_path


@pytest.fixture
def folder():
    store = fsspec.filesystem("memory")
    yield as_path("memory://leases/state")
    if store.exists("/leases"):
        store.rm("/leases", recursive=True)


def lease(folder, name="lock"):
    return Lease(folder, name, "lock-*")


def test_a_second_owner_is_refused_until_the_first_ends(folder):
    with lease(folder), pytest.raises(FileError, match="another batch works"), lease(folder):
        pass
    with lease(folder):
        assert is_held(read_owner(folder / "lock"))
    assert read_owner(folder / "lock") is None


def test_a_rival_is_refused(folder):
    with lease(folder, "lock-2"), pytest.raises(FileError, match="another batch"), lease(folder):
        pass


def test_of_two_who_begin_at_once_one_is_refused(folder, monkeypatch):
    first, second = lease(folder), lease(folder)
    # Both have seen an empty folder.
    monkeypatch.setattr(module, "list_folder", lambda folder, deep: {})
    with first, pytest.raises(FileError, match="another batch works"), second:
        pass


def test_the_dead_are_followed_and_told_so(folder, monkeypatch):
    sleeper, follower = lease(folder), lease(folder)
    with sleeper:
        monkeypatch.setattr(module, "is_held", lambda owner: False)
        with follower:
            monkeypatch.setattr(module, "RENEW_EVERY", 0.0)
            follower.renew()
            with pytest.raises(FileError, match="another batch works"):
                sleeper.renew()
    assert read_owner(folder / "lock") is None
