"""Transfers: what arrives is what was sent, several attempts, and named errors."""

import hashlib
import io

import fsspec
import pytest

from restorack.errors import FileError, TransferError
from restorack.io.remote import attempts, stored
from restorack.io.remote.attempts import ATTEMPTS, insist
from restorack.io.remote.stored import Content, Stored, remote_sha256, stored_if_there
from restorack.io.remote.transfer import download, upload
from restorack.io.remote.urls import as_path


@pytest.fixture(autouse=True)
def quickly(monkeypatch):
    monkeypatch.setattr(attempts, "FIRST_PAUSE", 0.0)


@pytest.fixture
def store():
    found = fsspec.filesystem("memory")
    yield found
    if found.exists("/transfer"):
        found.rm("/transfer", recursive=True)


def fails(times, error):
    told = []

    def work():
        told.append(None)
        if len(told) <= times:
            raise error
        return len(told)

    return work, told


def test_a_passing_failure_is_tried_again():
    assert insist(fails(2, ConnectionError("reset"))[0], "read", "s3://a/b") == 3
    work, told = fails(99, ConnectionError("reset"))
    with pytest.raises(TransferError, match=r"s3://a/b: cannot be read \(reset\)"):
        insist(work, "read", "s3://a/b")
    assert len(told) == ATTEMPTS


@pytest.mark.parametrize("error", [FileNotFoundError("x"), PermissionError("x")])
def test_what_cannot_get_better_is_not(error):
    work, told = fails(99, error)
    with pytest.raises(FileError) as caught:
        insist(work, "written", "s3://a/b")
    assert len(told) == 1
    assert not isinstance(caught.value, TransferError)


def test_s3_names_large_files_by_their_parts(monkeypatch):
    monkeypatch.setattr(stored, "PART", 2 << 20)
    data = bytes(range(256)) * (5 << 12)  # 5 MiB: two parts and a half
    assert len(data) == 5 << 20
    found = Content.of(io.BytesIO(data).read)
    pieces = [data[at : at + (2 << 20)] for at in range(0, len(data), 2 << 20)]
    joined = b"".join(hashlib.md5(piece).digest() for piece in pieces)  # noqa: S324  as S3 does
    assert found.tags == {hashlib.md5(data).hexdigest(), f"{hashlib.md5(joined).hexdigest()}-3"}  # noqa: S324
    assert found.sha256 == hashlib.sha256(data).hexdigest()


def test_a_file_goes_there_and_back(store, tmp_path):
    (tmp_path / "a").write_bytes(b"sound")
    remote = as_path("memory://transfer/a")
    assert stored_if_there(remote) is None
    _, content = upload(tmp_path / "a", remote)
    assert remote_sha256(remote) == content.sha256 == hashlib.sha256(b"sound").hexdigest()
    _, back = download(remote, tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == b"sound"
    assert back.sha256 == content.sha256
    assert Stored.of(remote).size == 5


def test_other_content_is_replaced_only_by_force(store, tmp_path):
    (tmp_path / "a").write_bytes(b"sound")
    remote = as_path("memory://transfer/a")
    store.pipe_file("/transfer/a", b"noise")
    with pytest.raises(FileError, match="not of this batch"):
        upload(tmp_path / "a", remote)
    assert store.cat_file("/transfer/a") == b"noise"
    upload(tmp_path / "a", remote, force=True)
    assert store.cat_file("/transfer/a") == b"sound"


def test_what_was_altered_on_the_way_is_sent_again(store, tmp_path, monkeypatch):
    (tmp_path / "a").write_bytes(b"sound")
    remote = as_path("memory://transfer/a")
    kind, sent = type(store), []
    put = kind.put_file

    def altering(self, local, name, **more):
        put(self, local, name, **more)
        sent.append(name)
        if len(sent) < 3:
            self.pipe_file(name, b"sounk")

    monkeypatch.setattr(kind, "put_file", altering)
    upload(tmp_path / "a", remote)
    assert len(sent) == 3
    assert store.cat_file("/transfer/a") == b"sound"
    with pytest.raises(FileError, match="no such file"):
        download(as_path("memory://transfer/none"), tmp_path / "b")
