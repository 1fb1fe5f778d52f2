"""An SFTP server on this machine for tests, by paramiko, over a folder."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import paramiko


class _Anyone(paramiko.ServerInterface):
    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED

    def check_auth_password(self, username: str, password: str) -> int:
        return paramiko.AUTH_SUCCESSFUL if password == "secret" else paramiko.AUTH_FAILED  # noqa: S105

    def get_allowed_auths(self, username: str) -> str:
        return "password"


class _Folder(paramiko.SFTPServerInterface):
    root = Path()

    def _at(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def list_folder(self, path: str) -> Any:
        try:
            found = sorted(self._at(path).iterdir())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        return [paramiko.SFTPAttributes.from_stat(one.stat(), one.name) for one in found]

    def stat(self, path: str) -> Any:
        try:
            return paramiko.SFTPAttributes.from_stat(self._at(path).stat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    lstat = stat

    def open(self, path: str, flags: int, attr: Any) -> Any:
        try:
            descriptor = os.open(self._at(path), flags, 0o666)
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        mode = "wb" if flags & os.O_WRONLY else "r+b" if flags & os.O_RDWR else "rb"
        handle = paramiko.SFTPHandle(flags)
        handle.readfile = handle.writefile = os.fdopen(descriptor, mode)
        handle.stat = lambda: paramiko.SFTPAttributes.from_stat(os.stat(self._at(path)))
        return handle

    def _done(self, what: Any) -> int:
        try:
            what()
        except OSError as error:
            return int(paramiko.SFTPServer.convert_errno(error.errno or 0))
        return int(paramiko.SFTP_OK)

    def remove(self, path: str) -> int:
        return self._done(self._at(path).unlink)

    def mkdir(self, path: str, attr: Any) -> int:
        return self._done(self._at(path).mkdir)

    def rename(self, old: str, new: str) -> int:
        return self._done(lambda: self._at(old).rename(self._at(new)))

    posix_rename = rename


@contextmanager
def sftp_server(root: Path) -> Iterator[str]:
    """Give the URL of a server whose topmost folder is a folder of this disk."""
    listener = socket.create_server(("127.0.0.1", 0))
    key = paramiko.ECDSAKey.generate()
    folder = type("Folder", (_Folder,), {"root": root})
    sessions: list[paramiko.Transport] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                session = paramiko.Transport(connection)
                session.add_server_key(key)
                session.set_subsystem_handler("sftp", paramiko.SFTPServer, folder)
                session.start_server(server=_Anyone())
                sessions.append(session)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"sftp://archive:secret@127.0.0.1:{listener.getsockname()[1]}"
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for session in sessions:
            session.close()
        thread.join()
