"""One job of files elsewhere: fetched, done on the local disk, stored, its local files removed."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from restorack.io.remote.stored import Content, Stored, stored_if_there
from restorack.io.remote.transfer import download, taken, upload
from restorack.io.remote.urls import is_remote
from restorack.render.batch.given_outputs import GivenOutputs
from restorack.render.batch.job import Job, Outcome
from restorack.render.batch.output_layout import Kind
from restorack.render.batch.state import FileState
from restorack.text import path_text

Do = Callable[[Job], Outcome]
_TEXTS: tuple[Kind, ...] = ("report", "mets")
"""Products in which files are named."""


def is_elsewhere(job: Job) -> bool:
    """Return whether a job's source is in a store, or its outputs go there."""
    return is_remote(job.source) or is_remote(job.product("output"))


def do_staged(job: Job, do: Do) -> Outcome:
    """Do a job of files elsewhere.

    Parameters
    ----------
    job : Job
    do : callable
        Does it, once its files are on the local disk.

    Raises
    ------
    RestorackError
        What ``do`` raises, and for files that cannot be fetched or stored.
    """
    with TemporaryDirectory(prefix="restorack-stage-") as folder:
        with _source(job, Path(folder)) as (source, state):
            if job.is_unchanged(state) and job.previous is not None:
                return Outcome(job.key, "unchanged", state, dict(job.previous.products))
            files = {kind: _staged(job.product(kind), Path(folder)) for kind in job.kinds}
            staged = replace(
                job, source=source, layout=GivenOutputs({job.key: files}), previous=None,
                force=False,
            )  # fmt: skip
            outcome = do(staged)
            _name_properly(job, source, files)
            products = _store(job, files)
        return replace(outcome, source_state=state, products=products)


@contextmanager
def _source(job: Job, folder: Path) -> Iterator[tuple[Path, FileState]]:
    """Give the source on the local disk, and its state where it is from."""
    if not is_remote(job.source):
        yield job.source, FileState.of(job.source)
        return
    path = folder / "source" / job.source.name
    path.parent.mkdir()
    stored, content = download(job.source, path)
    yield path, _state(stored, content)
    shutil.rmtree(path.parent)


def _state(stored: Stored, content: Content) -> FileState:
    return FileState(stored.size, stored.changed_ns, 0, content.sha256, stored.tag)


def _staged(product: Path, folder: Path) -> Path:
    (folder / "made").mkdir(exist_ok=True)
    return folder / "made" / product.name


def _store(job: Job, files: Mapping[Kind, Path]) -> dict[Kind, FileState]:
    """Store what was made, the output first: where it is the same as before, it is the batch's."""
    states: dict[Kind, FileState] = {}
    force = job.force
    if not force and len(job.kinds) > 1:
        _refuse_others(job)
    for kind, path in files.items():
        target = job.product(kind)
        if is_remote(target):
            stored, content = upload(path, target, force=force)
            states[kind] = _state(stored, content)
        else:
            states[kind] = _place(job, path, kind, force=force)
        force = True
    return states


def _refuse_others(job: Job) -> None:
    """Refuse files beside an output that is not there: they are not of this job."""
    if _is_there(job.product("output")):
        return  # which is compared
    for kind in job.kinds[1:]:
        if _is_there(job.product(kind)):
            raise taken(job.product(kind))


def _is_there(path: Path) -> bool:
    return stored_if_there(path) is not None if is_remote(path) else path.exists()


def _place(job: Job, path: Path, kind: Kind, *, force: bool) -> FileState:
    """Put a file into its place on a disk, at once."""
    from restorack.io.atomic import AtomicFile

    target = job.product(kind)
    job.layout.make_for(job.key)
    with (
        AtomicFile(target, force=force) as file,
        path.open("rb") as made,
        open(file.descriptor, "wb", closefd=False) as into,
    ):
        shutil.copyfileobj(made, into, 1 << 20)
    return FileState.of(target)


def _name_properly(job: Job, source: Path, files: Mapping[Kind, Path]) -> None:
    """Have reports and METS documents name the files where they are, not where they were staged."""
    names = {str(path): path_text(job.product(kind)) for kind, path in files.items()}
    names[str(source)] = path_text(job.source)
    for kind in _TEXTS:
        if kind not in files:
            continue
        text = files[kind].read_text(encoding="utf-8")
        if kind == "report":
            for local, real in names.items():
                text = text.replace(json.dumps(local)[1:-1], json.dumps(real)[1:-1])
        else:  # which names them from its own folder: right, but for the source
            href = quote(os.path.relpath(source, files[kind].parent))
            text = text.replace(f'"{href}"', f'"{quote(names[str(source)], safe=":/@")}"')
        files[kind].write_text(text, encoding="utf-8")
