"""Landlock by itself: what the filter of system calls would refuse as well is held off twice."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from restorack.hosting.confine import landlock

TRY = """
import json, os, socket, sys
from restorack.hosting.confine import landlock
abi, folder, port = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
real, parent = landlock.kernel_abi(), os.getppid()
landlock.kernel_abi = lambda: min(abi, real)
def can(act):
    try:
        act()
    except OSError:
        return False
    return True
def write(path):
    with open(path, "w") as file: file.write("x")
def nameless():
    with socket.socket(socket.AF_UNIX) as link: link.connect("\\0" + sys.argv[4])
def connect():
    with socket.socket() as link: link.connect(("127.0.0.1", port))
def listen():
    with socket.socket() as link: link.bind(("127.0.0.1", 0)); link.listen()
read, written = folder + "/read", folder + "/written"
if abi: landlock.restrict([read, folder + "/one"], [written], ["/dev/null"])
found = {
    "read allowed": can(lambda: open(read + "/file").read()),
    "list allowed": can(lambda: os.listdir(read)),
    "read one": can(lambda: open(folder + "/one").read()),
    "read other": can(lambda: open(folder + "/other").read()),
    "list other": can(lambda: os.listdir(folder)),
    "write allowed": can(lambda: write(written + "/new")),
    "truncate allowed": can(lambda: os.truncate(written + "/new", 0)),
    "write read": can(lambda: write(read + "/new")),
    "truncate read": can(lambda: os.truncate(read + "/file", 2)),
    "remove read": can(lambda: os.unlink(read + "/gone")),
    "make folder": can(lambda: os.mkdir(folder + "/made")),
    "link out": can(lambda: os.link(read + "/file", written + "/linked")),
    "write /dev/null": can(lambda: write("/dev/null")),
    "connect": can(connect),
    "listen": can(listen),
    "nameless": can(nameless),
    "signal": can(lambda: os.kill(parent, 0)),
    "memory": can(lambda: open(f"/proc/{parent}/mem", "rb")),
}
print(json.dumps(found))
"""
ALWAYS = {
    "read allowed", "list allowed", "read one", "write allowed", "truncate allowed",
    "write /dev/null",
}  # fmt: skip


def tried(abi: int, folder: Path) -> dict[str, bool]:
    for name in ("read/file", "read/gone", "one", "other"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("text")
    (folder / "written").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as nameless:
        name = f"restorack-landlock-{os.getpid()}"
        nameless.bind(f"\0{name}")
        nameless.listen()
        port = tcp.getsockname()[1]
        command = [sys.executable, "-c", TRY, str(abi), str(folder), str(port), name]
        ended = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def test_without_it_all_of_it_works(tmp_path: Path) -> None:
    found = tried(0, tmp_path)
    found.pop("memory")  # root's alone, or the system's to forbid
    assert all(found.values())


@pytest.mark.parametrize("abi", [1, 2, 3, 4, 6, 99])
def test_what_each_version_holds_off(abi: int, tmp_path: Path) -> None:
    offered = min(abi, landlock.kernel_abi())
    if not offered:
        assert landlock.kernel_abi() == 0  # nothing to hold anything off with
        return
    later = {
        "truncate read": landlock.TRUNCATE_ABI, "connect": landlock.NETWORK_ABI,
        "listen": landlock.NETWORK_ABI, "nameless": landlock.SCOPES_ABI,
        "signal": landlock.SCOPES_ABI,
    }  # fmt: skip
    could = {name for name, done in tried(abi, tmp_path).items() if done}
    assert could == ALWAYS | {name for name, since in later.items() if offered < since}
