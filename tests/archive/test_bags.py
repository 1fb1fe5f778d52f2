"""Bags around a batch's outputs hold, and say by name what no longer does."""

import bagit
import pytest

from restorack.archive.bags import make_bag, validate_bag
from restorack.errors import ChecksumError, FileError


@pytest.fixture
def folder(tmp_path):
    out = tmp_path / "out"
    (out / "boxes" / "1").mkdir(parents=True)
    (out / ".restorack").mkdir()
    (out / ".restorack" / "manifest.sqlite").write_bytes(b"state")
    (out / "a.wav").write_bytes(b"first")
    (out / "boxes" / "1" / "b.wav").write_bytes(b"second")
    return out


def test_a_bag_holds_the_outputs_and_not_the_batchs_state(tmp_path, folder):
    assert make_bag(folder, tmp_path / "bag", {"Source-Organization": "An archive"}) == 2
    bag = bagit.Bag(str(tmp_path / "bag"))
    bag.validate()
    assert sorted(bag.payload_files()) == ["data/a.wav", "data/boxes/1/b.wav"]
    assert bag.algorithms == ["sha512"]
    assert bag.info["Source-Organization"] == "An archive"
    validate_bag(tmp_path / "bag")
    assert (folder / ".restorack" / "manifest.sqlite").exists()
    (folder / "a.wav").write_bytes(b"other")  # what happens to the outputs leaves the bag alone
    validate_bag(tmp_path / "bag")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda data: (data / "a.wav").write_bytes(b"First"), "data/a.wav was altered"),
        (lambda data: (data / "a.wav").write_bytes(b"longer"), "data/a.wav was altered"),
        (lambda data: (data / "a.wav").unlink(), "data/a.wav is missing"),
        (lambda data: (data / "c.wav").write_bytes(b"new"), "data/c.wav was added"),
    ],
)
def test_what_does_not_hold_is_named(tmp_path, folder, change, told):
    make_bag(folder, tmp_path / "bag")
    change(tmp_path / "bag" / "data")
    with pytest.raises(ChecksumError, match=told):
        validate_bag(tmp_path / "bag")


def test_what_is_no_bag_or_cannot_become_one_is_refused(tmp_path, folder):
    with pytest.raises(FileError, match="is no bag"):
        validate_bag(folder)
    with pytest.raises(FileError, match="exists already"):
        make_bag(folder, folder)
    with pytest.raises(FileError, match="would hold"):
        make_bag(folder, folder / "bag")
    with pytest.raises(FileError, match="no such folder"):
        make_bag(tmp_path / "none", tmp_path / "bag")
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileError, match="holds no files"):
        make_bag(tmp_path / "empty", tmp_path / "bag")
    assert not (tmp_path / "bag").exists()
    assert not list(tmp_path.glob(".bag*"))
