"""How far a batch is, for Prometheus: a file for node_exporter, or a page to be fetched."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from restorack.errors import FileError, ParameterError
from restorack.io.atomic import check_writable, write_error, write_whole
from restorack.render.batch.progress_counters import ProgressCounters

EVERY = 5.0
"""Seconds between two writings of the file; Prometheus asks every 15 to 60."""
TYPE = "text/plain; version=0.0.4; charset=utf-8"


def metrics_text(counters: ProgressCounters, labels: Mapping[str, str], *, running: bool) -> str:
    """Return the state of a batch in Prometheus' text format.

    Parameters
    ----------
    counters : ProgressCounters
    labels : dict
        Of every metric.
    running : bool
    """
    failed = counters.failed - counters.quarantined
    statuses = {
        "done": counters.done, "unchanged": counters.unchanged, "failed": failed,
        "quarantined": counters.quarantined,
    }  # fmt: skip
    lines = ["# HELP restorack_batch_files Files that are dealt with, by outcome.",
             "# TYPE restorack_batch_files gauge"]  # fmt: skip
    for status, count in statuses.items():
        told = _labels({**labels, "status": status})
        lines.append(f"restorack_batch_files{told} {count}")
    for name, (kind, value, meaning) in _single(counters, running=running).items():
        full = f"restorack_batch_{name}"
        lines += [f"# HELP {full} {meaning}", f"# TYPE {full} {kind}",
                  f"{full}{_labels(labels)} {value:g}"]  # fmt: skip
    return "\n".join(lines) + "\n"


def _single(
    counters: ProgressCounters, *, running: bool
) -> dict[str, tuple[str, float, str]]:  # fmt: skip
    left = counters.remaining
    return {
        "files_expected": ("gauge", counters.files, "Files that the batch is to look at."),
        "files_in_progress": ("gauge", len(counters.in_hand), "Files that are being rendered."),
        "retries_total": ("counter", counters.retried, "Attempts after a first one that failed."),
        "audio_seconds_total": ("counter", counters.audio_seconds, "Sound rendered, in seconds."),
        "elapsed_seconds": ("gauge", counters.elapsed, "Since the batch began."),
        "files_per_hour": ("gauge", 3600 * counters.files_per_second, "Files rendered per hour."),
        "times_real_time": ("gauge", counters.speed, "Sound rendered per time, all workers."),
        "remaining_seconds": ("gauge", float("nan") if left is None else left,
                              "Estimate of the time left, by the bytes that are to come."),
        "running": ("gauge", running, "1 while the batch runs, 0 when it has ended."),
    }  # fmt: skip


def _labels(labels: Mapping[str, str]) -> str:
    told = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items())
    return f"{{{told}}}" if told else ""


def _escaped(text: str) -> str:
    clean = text.encode("utf-8", "replace").decode()
    return clean.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


@contextmanager
def published(
    counters: ProgressCounters,
    labels: Mapping[str, str],
    path: Path | None = None,
    port: int | None = None,
) -> Iterator[None]:
    """Publish a batch's state while the context lasts; without path and port nothing is done.

    Parameters
    ----------
    counters : ProgressCounters
    labels : dict
    path : Path, optional
        Replaced at once every few seconds, as node_exporter's textfile collector wants it; at the
        end it says that the batch does not run.
    port : int, optional
        Of a page ``/metrics`` that this machine serves; 0: any that is free.

    Raises
    ------
    FileError
        Where the file cannot be written.
    ParameterError
        Where the port cannot be had.
    """
    with ExitStack() as stack:
        if path is not None:
            check_writable(path, force=True)
            stack.enter_context(_written(path, counters, labels))
        if port is not None:
            stack.enter_context(served(counters, labels, port))
        yield


@contextmanager
def _written(path: Path, counters: ProgressCounters, labels: Mapping[str, str]) -> Iterator[None]:
    ended = threading.Event()

    def write(*, running: bool = True) -> None:
        try:
            write_whole(path, metrics_text(counters, labels, running=running).encode())
        except OSError as error:
            raise write_error(error, path) from None

    def keep() -> None:
        while not ended.wait(EVERY):
            with suppress(FileError, RuntimeError):  # the next one, or the counters changed
                write()

    write()
    thread = threading.Thread(target=keep, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        with suppress(FileError):  # what the batch has done counts more
            write(running=False)


@contextmanager
def served(
    counters: ProgressCounters, labels: Mapping[str, str], port: int
) -> Iterator[tuple[str, int]]:
    """Serve ``/metrics`` on this machine's own address while the context lasts; give the address.

    Raises
    ------
    ParameterError
        Where the port cannot be had.
    """

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path.rstrip("/") in ("", "/metrics")
            data = metrics_text(counters, labels, running=True).encode() if known else b""
            self.send_response(200 if known else 404)
            self.send_header("Content-Type", TYPE)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *told: object) -> None:  # noqa: A002
            """Say nothing."""

    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), Page)
    except (OSError, OverflowError) as error:
        raise ParameterError(f"--metrics-port {port} cannot be had ({error})",
                             remedy="choose another port") from None  # fmt: skip
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield "127.0.0.1", server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
