"""Stores on this machine for tests: S3 by moto, with faults in transfer."""

from __future__ import annotations

import io
import itertools
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

KINDS = ("refused", "cut", "altered")


class Faults:
    """Spoils every N-th transfer of an object: refused, cut short, or one byte altered.

    Parameters
    ----------
    application : callable
        By the rules of WSGI.

    Attributes
    ----------
    every : int
        0: none is spoilt.
    never : str
        Names with this in them are refused always.
    done : list of (kind, method, path)
    requests : int
        All that came.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application
        self._count, self._lock = itertools.count(1), threading.Lock()
        self._kinds = itertools.cycle(KINDS)
        self.every, self.never = 0, ""
        self.done: list[tuple[str, str, str]] = []
        self.requests = 0

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        kind = self._kind(method, path)
        self.requests += 1
        if kind == "refused":
            start("500 Internal Server Error", [("Content-Length", "0")])
            return [b""]
        if kind == "altered" and method == "PUT":
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(_altered(body))
        found = self._application(environ, start)
        if kind == "" or method != "GET":
            return found
        body = b"".join(found)
        return [_altered(body) if kind == "altered" else body[: len(body) // 2]]

    def _kind(self, method: str, path: str) -> str:
        if path.count("/") < 2 or method not in ("GET", "PUT"):
            return ""  # a bucket's own
        if self.never and self.never in path:
            return "refused"
        with self._lock:
            if not self.every or next(self._count) % self.every:
                return ""
            kind = next(self._kinds)
            self.done.append((kind, method, path))
        return kind


def _altered(body: bytes) -> bytes:
    return body[:-1] + bytes([body[-1] ^ 1]) if body else body


@contextmanager
def s3_server(bucket: str = "sides") -> Iterator[tuple[str, Faults]]:
    """Give the address of an S3 server with an empty bucket, and its faults."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Silent(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log(self, *told: Any) -> None:
            pass

    faults = Faults(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, faults, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        with _as_user(address):
            import s3fs

            s3fs.S3FileSystem(skip_instance_cache=True).mkdir(bucket)
            yield address, faults
    finally:
        server.shutdown()
        thread.join()


@contextmanager
def _as_user(address: str) -> Iterator[None]:
    import fsspec

    given = {
        "AWS_ENDPOINT_URL": address, "AWS_ACCESS_KEY_ID": "someone", "AWS_MAX_ATTEMPTS": "1",
        "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1",
    }  # fmt: skip
    before = {name: os.environ.get(name) for name in given}
    os.environ |= given
    try:
        fsspec.get_filesystem_class("s3").clear_instance_cache()
        yield
    finally:
        fsspec.get_filesystem_class("s3").clear_instance_cache()
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
