"""One job from a JSON document: run anywhere, again after anything, with one result."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from restorack.core.checked_json import WrongValueError, loads, mapping, text
from restorack.errors import FileError, ParameterError, suggest
from restorack.io.atomic import write_error, write_whole
from restorack.io.remote.transfer import get_bytes, put_bytes
from restorack.io.remote.urls import as_path, is_remote, is_url
from restorack.presets.making import chain_of
from restorack.render.batch.given_outputs import GivenOutputs
from restorack.render.batch.job import Job, Outcome, Record
from restorack.render.batch.manifest import described, read_record
from restorack.render.batch.output_layout import Kind
from restorack.render.batch.recipe import Recipe, make_recipe
from restorack.render.batch.work import WorkerCache
from restorack.render.plan import RenderOptions
from restorack.text import path_text

SCHEMA = 1
"""Version of the documents; keys keep their meaning while it stays."""
_PRODUCTS: tuple[Kind, ...] = ("output", "difference", "report", "picture", "mets")
_NUMBERS = ("start", "stop", "tail_seconds", "sample_rate")
_WORDS = ("engine", "format", "subtype", "difference_subtype")
_SWITCHES = ("strict", "md5")
_OPTIONS = (*_NUMBERS, *_WORDS, *_SWITCHES)
_ENGINES = ("auto", "dawdreamer", "stream")
_KEYS = ("job_schema", "id", "source", "preset", "set", "bypass", "options", "force", "result",
         *_PRODUCTS)  # fmt: skip


@dataclass(frozen=True)
class JobDocument:
    """What a job's document asks for.

    Attributes
    ----------
    source : Path
    files : dict
        Kind of product to its path; the output always.
    preset : str or list
        What :func:`restorack.render` takes: a name, a path, or a list of stages.
    result : Path
        Where the result is kept; the job knows by it what it has done.
    settings, bypass : tuple of str
    options : RenderOptions
    force : bool
    name : str
        The ``id``, given back in the result.
    """

    source: Path
    files: dict[Kind, Path]
    preset: Any
    result: Path
    settings: tuple[str, ...] = ()
    bypass: tuple[str, ...] = ()
    options: RenderOptions = field(default_factory=RenderOptions)
    force: bool = False
    name: str = ""


def read_job(path: Path) -> JobDocument:
    """Read a job's document; paths in it are relative to its folder.

    Raises
    ------
    FileError
        Where it cannot be read.
    ParameterError
        For a key that is unknown, missing or of the wrong kind.
    """
    try:
        values = mapping(loads(path.read_text(encoding="utf-8")), "a job")
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"cannot be read ({error})", where=str(path)) from None
    except ValueError as error:
        raise ParameterError(f"no JSON object ({error})", where=str(path)) from None
    try:
        return _document(values, path)
    except (WrongValueError, TypeError) as error:
        raise ParameterError(str(error), where=str(path), rule="see docs/guides/batch.md") from None


def _document(values: dict[str, Any], path: Path) -> JobDocument:
    _refuse_unknown(values, _KEYS, path)
    options = mapping(values.get("options", {}), "options")
    _refuse_unknown(options, _OPTIONS, path)
    if values.get("job_schema") != SCHEMA:
        raise WrongValueError(f"job_schema is {values.get('job_schema')!r}, and not {SCHEMA}")
    for needed in ("source", "output", "preset"):
        if needed not in values:
            raise WrongValueError(f"{needed} is missing")
    folder = path.absolute().parent
    files = {
        kind: _placed(folder, text(values[kind], kind)) for kind in _PRODUCTS if kind in values
    }
    given = values.get("result")
    output = files["output"]
    beside = output.with_name(f"{output.name}.job.json")
    result = _placed(folder, text(given, "result")) if given else beside
    preset = values["preset"]
    if isinstance(preset, str) and preset.endswith((".yaml", ".yml")):
        preset = str(_placed(folder, preset))
    return JobDocument(
        source=_placed(folder, text(values["source"], "source")),
        files=files,
        preset=preset,
        result=result,
        settings=tuple(text(one, "set") for one in values.get("set", ())),
        bypass=tuple(text(one, "bypass") for one in values.get("bypass", ())),
        options=RenderOptions(**_checked_options(options)),
        force=bool(values.get("force", False)),
        name=text(values.get("id", path.stem), "id"),
    )


def _placed(folder: Path, name: str) -> Path:
    """Return the path of a name in a document: relative to its folder, or a URL."""
    return as_path(name) if is_url(name) else folder / name


def _checked_options(options: dict[str, Any]) -> dict[str, Any]:
    for name, value in options.items():
        kinds: tuple[type, ...] = (bool,) if name in _SWITCHES else (str,)
        if name in _NUMBERS:
            kinds = (int, float)
        if not isinstance(value, kinds) or isinstance(value, bool) != (name in _SWITCHES):
            raise WrongValueError(f"options.{name} is {value!r}")
    if options.get("engine", "auto") not in _ENGINES:
        raise WrongValueError(f"options.engine is none of {', '.join(_ENGINES)}")
    return options


def _refuse_unknown(values: dict[str, Any], known: tuple[str, ...], path: Path) -> None:
    for key in values:
        if key not in known:
            raise ParameterError(
                f"unknown key {key!r}", where=str(path), rule=f"keys: {', '.join(known)}",
                remedy=suggest(key, known),
            )  # fmt: skip


def run_job(document: JobDocument, sidecars: Any = None) -> dict[str, Any]:
    """Do a job, unless it is done; return its result, which is kept beside the output.

    Parameters
    ----------
    document : JobDocument
    sidecars : callable, optional
        Writes report, picture and METS document; see :class:`~restorack.render.batch.job.Job`.

    Returns
    -------
    dict
        Ready for JSON: ``status`` (``done``, ``unchanged``, ``failed``), ``source`` and
        ``products`` with size and SHA-256, ``recipe_sha256``, times, ``warnings``, ``error``.

    Raises
    ------
    RestorackError
        Before any work: for a preset that is wrong, or files that are not the job's own.
    """
    recipe = _recipe(document)
    known = _known(document)
    layout = GivenOutputs({document.name: document.files}, _folders(document))
    job = Job(
        document.name, document.source, layout, recipe, tuple(document.files),
        document.force or known is not None, previous=_previous(known), sidecars=sidecars,
    )  # fmt: skip
    layout.make()
    layout.check(job.key, job.kinds, force=job.force, source=job.source)
    if job.previous is None:
        # Whoever is killed after the output has appeared knows by this that it is its own.
        _keep(document, _result(job, None))
    outcome = WorkerCache().do(job)
    found = _result(job, outcome)
    _keep(document, found)
    return found | ({"exception": outcome.error} if outcome.error is not None else {})


def _recipe(document: JobDocument) -> Recipe:
    from restorack.presets import apply_settings

    chain = chain_of(document.preset)
    apply_settings(chain, document.settings, load_plugins=True)
    for name in document.bypass:
        chain.bypass(name)
    return make_recipe(chain, chain.settings.name or "restored", document.options)


def _folders(document: JobDocument) -> tuple[Path, ...]:
    paths = (*document.files.values(), document.result)
    return tuple({path.parent for path in paths if not is_remote(path)})


def _known(document: JobDocument) -> dict[str, Any] | None:
    """Return the result of an earlier run, by whatever recipe; None where there is none."""
    try:
        values = mapping(loads(_kept_text(document.result)), "a result")
        return values if values["job"] == _identity(document) else None
    except (OSError, ValueError, KeyError):
        return None


def _kept_text(path: Path) -> str:
    if is_remote(path):
        return (get_bytes(path) or b"").decode("utf-8", "replace")
    return path.read_text(encoding="utf-8")


def _previous(known: dict[str, Any] | None) -> Record | None:
    if known is None or known.get("status") not in ("done", "unchanged"):
        return None
    try:
        return read_record(known["source"], known["recipe_sha256"], known["products"])
    except (ValueError, KeyError):
        return None


def _identity(document: JobDocument) -> str:
    """Return what a job is known by: the names of its files, from the result's folder."""
    folder = document.result.parent
    names = {
        kind: str(path) if is_remote(path) or is_remote(folder) else os.path.relpath(path, folder)
        for kind, path in document.files.items()
    }
    told = json.dumps(names, sort_keys=True).encode("utf-8", "surrogateescape")
    return hashlib.sha256(told).hexdigest()


def _result(job: Job, outcome: Outcome | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "job_schema": SCHEMA,
        "id": job.key,
        "status": "running" if outcome is None else outcome.status,
        "recipe_sha256": job.recipe.digest,
        "paths": {kind: path_text(job.product(kind)) for kind in job.kinds},
    }
    if outcome is None:
        return found
    state = outcome.source_state
    return found | {
        "source": state.to_dict() if state is not None else None,
        "products": {kind: one.to_dict() for kind, one in outcome.products.items()},
        "duration_seconds": outcome.audio_seconds,
        "render_seconds": outcome.seconds,
        "clipped_samples": outcome.clipped,
        "incomplete_input": outcome.incomplete,
        "warnings": outcome.warnings,
        "error": described(outcome.error) if outcome.error is not None else None,
    }


def _keep(document: JobDocument, found: dict[str, Any]) -> None:
    text_ = json.dumps(found | {"job": _identity(document)}, indent=2) + "\n"
    if is_remote(document.result):
        put_bytes(text_.encode(), document.result)
        return
    try:
        sources = [] if is_remote(document.source) else [document.source]
        write_whole(document.result, text_.encode(), sources=sources)
    except OSError as error:
        raise write_error(error, document.result) from None


def error_of(found: dict[str, Any]) -> Exception | None:
    """Take the error itself out of a result, for the exit code."""
    return cast("Exception | None", found.pop("exception", None))
