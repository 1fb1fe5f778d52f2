"""What comes out of a training: weights, their manifest, a model card."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from restorack.io.atomic import write_whole
from restorack.training.checkpoint import load_checkpoint, restore_network
from restorack.training.config import TrainingConfig
from restorack.training.loop import BEST, LATEST
from restorack.training.task import Task
from restorack.weights.store import read_manifest, save_network


def export_best(
    task: Task[Any],
    config: TrainingConfig,
    folder: Path,
    data: list[dict[str, Any]],
    device: str,
) -> Path:
    """Write the best averaged weights of a run to ``FOLDER/export``.

    Parameters
    ----------
    task, config
        Of the run.
    folder : Path
        Of the run.
    data : list of dict
        The corpus's sources: source, licence, minutes, attribution.
    device : str
        That the run was made on.

    Returns
    -------
    Path
        Of the safetensors file; its manifest and its card, ``NAME.md``, stand beside it.
    """
    chosen = folder / BEST
    best = load_checkpoint(chosen if chosen.exists() else folder / LATEST)
    network = task.build_network()
    restore_network("average", network, best.tensors)
    facts = {
        "description": config.export.description or task.summary,
        "licence": config.export.licence,
        "architecture": {"name": task.architecture, "settings": task.network_settings},
        "training": {
            "task": task.name,
            "seed": config.seed,
            "steps": best.state["step"],
            "minutes": round(best.state["seconds"] / 60.0, 1),
            "device": device,
            "commit": code_commit(),
            "versions": _versions(),
            "config": _without_paths(config),
        },
        "data": [*data, *task.data_sources()],
        "validation": best.state["found"],
    }
    name = config.export.name or task.name
    path = save_network(folder / "export", name, network, facts)
    write_whole(path.with_suffix(".md"), model_card(path).encode())
    return path


def model_card(name_or_path: str | Path) -> str:
    """Return a Markdown page that says what a set of weights is; made from its manifest."""
    manifest = read_manifest(name_or_path)
    training = manifest.training
    size = f"{manifest.parameters:,} parameters, {manifest.size / 1000:,.0f} kB"
    parts = [
        f"# {manifest.name}",
        manifest.description,
        f"{size}. Architecture `{manifest.architecture.name}`. Licence {manifest.licence}.",
        "## Training",
        f"Task `{training.task}`, seed {training.seed}: {training.steps:,} steps in "
        f"{training.minutes:g} minutes on {training.device}"
        + (f", commit `{training.commit[:12]}`." if training.commit else "."),
        "## Trained on",
        _table(
            ("source", "minutes", "licence", "attribution"),
            [(row.source, f"{row.minutes:.1f}", row.licence, row.attribution)
             for row in manifest.data],
        ),
        "## Validation",
        "On pieces of the corpus that were held out; these figures chose the weights.",
        _figures(manifest.validation),
    ]  # fmt: skip
    if manifest.benchmark:
        parts += ["## Benchmark", "On audio that was not trained on.", _figures(manifest.benchmark)]
    parts += ["## Check", f"SHA-256 `{manifest.sha256}`"]
    return "\n\n".join(part for part in parts if part) + "\n"


def code_commit() -> str:
    """Return the commit that runs, where the package runs from a git checkout."""
    root = Path(__file__).resolve().parents[3]
    if not (root / ".git").exists():
        return ""
    command = ["git", "-C", str(root), "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _versions() -> dict[str, str]:
    import platform
    from importlib.metadata import version

    found = {name: version(name) for name in ("torch", "numpy")}
    from restorack.version import __version__

    return {"restorack": __version__, "python": platform.python_version(), **found}


def _without_paths(config: TrainingConfig) -> dict[str, Any]:
    """Return the configuration as told to others: where files lay is the trainer's own affair."""
    told: dict[str, Any] = _named(config.model_dump(mode="json"))
    told["corpus"]["path"] = Path(told["corpus"]["path"]).name
    return told


def _named(value: Any) -> Any:
    """Return a value with the last part of every whole path in it."""
    if isinstance(value, Mapping):
        return {key: _named(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_named(one) for one in value]
    return Path(value).name if isinstance(value, str) and Path(value).is_absolute() else value


def _figures(values: Mapping[str, Any]) -> str:
    rows = [
        (name, f"{value:.4g}" if isinstance(value, float) else str(value))
        for name, value in values.items()
    ]
    return _table(("metric", "value"), rows)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
