"""Files, folders and memory as on macOS and Windows, run over what stands for those systems."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from other_systems import As, Calls

from restorack.hosting.wire import SharedSamples

SYSTEMS = ("linux", "darwin", "win32")


def opened(path: str, *, new: bool = False, write: bool = False) -> int:
    """Open as ``windows.open_shared`` does."""
    flags = (os.O_RDWR if write else os.O_RDONLY) | (os.O_CREAT | os.O_EXCL if new else 0)
    return os.open(path, flags)


@pytest.mark.parametrize("system", SYSTEMS)
def test_files_are_written_and_read_at_any_place(on: As, system: str, tmp_path: Path) -> None:
    windows = Calls(open_shared=opened)
    files = on(system, "files", windows=windows)
    descriptor = files.open_new(tmp_path / "a")
    with pytest.raises(FileExistsError):
        files.open_new(tmp_path / "a")
    assert files.write_at(descriptor, memoryview(b"later"), 10) == 5
    assert files.write_at(descriptor, memoryview(b"first"), 0) == 5
    assert files.read_at(descriptor, 99, 3) == b"st" + bytes(5) + b"later"
    view = memoryview(bytearray(5))
    assert files.read_into(descriptor, view, 10) == 5
    assert bytes(view) == b"later"
    assert files.read_into(descriptor, view, 100) == 0
    assert files.next_data(descriptor, 12) == 12
    assert files.is_mine(os.fstat(descriptor))
    files.sync_folder(tmp_path)
    os.close(descriptor)
    again = files.open_to_read(tmp_path / "a")
    assert files.read_at(again, 5, 0) == b"first"
    os.close(again)


def test_places_are_kept_apart_between_threads_on_windows(on: As, tmp_path: Path) -> None:
    files = on("win32", "files", windows=Calls(open_shared=opened))
    descriptor = files.open_new(tmp_path / "a")
    files.write_at(descriptor, memoryview(bytes(range(256)) * 256), 0)
    wrong = []

    def read(place: int) -> None:
        found = [files.read_at(descriptor, 1, place) for _ in range(300)]
        wrong.extend(byte for byte in found if byte != bytes([place]))

    threads = [threading.Thread(target=read, args=(place,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os.close(descriptor)
    assert not wrong


def test_macos_brings_files_past_the_drives_own_memory(on: As, tmp_path: Path) -> None:
    def refuse(*given: Any) -> None:
        raise OSError(errno.ENOTSUP, "a disk in the network")

    with (tmp_path / "a").open("wb") as file:
        control = Calls(F_FULLFSYNC=51)
        on("darwin", "files", fcntl=control).sync(file.fileno())
        assert control.made == [("fcntl", file.fileno(), 51)]
        on("darwin", "files", fcntl=Calls(F_FULLFSYNC=51, fcntl=refuse)).sync(file.fileno())


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_samples_are_shared_without_memory_files_too(
    on: As, system: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    memory = on(system, "shared_memory")
    descriptor = memory.new_memory()
    assert not list(tmp_path.iterdir())
    ours, theirs = SharedSamples(descriptor), SharedSamples(os.dup(descriptor))
    for length in (10, 100_000):
        rows = np.random.default_rng(length).normal(size=(2, length)).astype(np.float32)
        ours.write(rows)
        assert np.array_equal(theirs.read(2, length), rows)
    assert memory.held_bytes(descriptor) == 0
    memory.free_memory(descriptor, 800_000)
    ours.close()
    theirs.close()


def test_settings_lie_where_each_system_has_them(
    on: As, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("APPDATA", str(tmp_path / "R"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "L"))
    expected = {
        "linux": (".config", ".cache"),
        "darwin": ("Library/Application Support", "Library/Caches"),
        "win32": ("R", "L"),
    }
    for system, places in expected.items():
        folders = on(system, "folders")
        found = (folders.settings_folder(), folders.cache_folder())
        assert found == tuple(tmp_path / place for place in places)
        monkeypatch.setenv("XDG_CONFIG_HOME", "/elsewhere")
        assert folders.settings_folder() == Path("/elsewhere")
        monkeypatch.delenv("XDG_CONFIG_HOME")


def test_plugins_lie_where_each_system_has_them(on: As, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMONPROGRAMFILES", r"D:\Common")
    windows = on("win32", "plugin_folders")
    assert r"D:\Common\VST3" in windows.VST3
    assert all(PureWindowsPath(folder).name == "LV2" for folder in windows.LV2)
    mac = on("darwin", "plugin_folders")
    assert mac.VST3 == ("~/Library/Audio/Plug-Ins/VST3", "/Library/Audio/Plug-Ins/VST3")
    assert "/Library/Audio/Plug-Ins/Components" in mac.OTHERS
    assert "/usr/lib/vst3" in on("linux", "plugin_folders").VST3


def test_children_get_the_variables_that_a_system_needs(on: As) -> None:
    windows, linux = on("win32", "environment"), on("linux", "environment")
    assert "SYSTEMROOT" in windows.NEEDED
    assert not linux.NEEDED
    assert windows.TEMPORARY[0] == linux.TEMPORARY[0] == "TMPDIR"  # what the child's start reads
    assert {"TEMP", "TMP"} < set(windows.TEMPORARY)


def test_locks_wait_for_none_on_windows(on: As, tmp_path: Path) -> None:
    windows = Calls(lock_file=lambda descriptor, wait: None)
    locks = on("win32", "locks", windows=windows)
    locks.os = SimpleNamespace(**{**vars(os), "O_BINARY": 0, "O_NOINHERIT": 0})
    held = locks.hold_folder(tmp_path)
    tried = locks.reopen_folder(tmp_path)
    assert os.path.samestat(os.fstat(held), os.fstat(tried))  # the same file stands for the folder
    locks.try_lock(tried)
    assert [call[:2] for call in windows.made] == [("lock_file", held), ("lock_file", tried)]
    os.close(held)
    os.close(tried)


def test_locks_are_for_one_holder(tmp_path: Path) -> None:
    from restorack.system import locks

    held, tried = locks.hold_folder(tmp_path), locks.reopen_folder(tmp_path)
    with pytest.raises(BlockingIOError):
        locks.try_lock(tried)
    os.close(held)
    locks.try_lock(tried)
    os.close(tried)
