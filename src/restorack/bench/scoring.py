"""Score processed files against a benchmark set, condition by condition."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from restorack.bench.manifest import BenchSet, damaged_path, read_manifest, truth_path
from restorack.errors import AudioError, FileError, ParameterError, suggest
from restorack.io.audio_files import AUDIO_SUFFIXES
from restorack.metrics.evaluation import Measurement
from restorack.metrics.files import Comparison, MeasureOptions, measure_files


@dataclass
class ConditionScore:
    """What became of the items of one condition.

    Attributes
    ----------
    name : str
    measured : dict of str to Measurement
        By item.
    failed : dict of str to AudioError
        Items that could not be compared: not finite, of another rate or length.
    missing : list of str
        Items without an output.
    """

    name: str
    measured: dict[str, Measurement] = field(default_factory=dict)
    failed: dict[str, AudioError] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    @property
    def late(self) -> list[str]:
        """Items that came out with an offset."""
        return [name for name, found in self.measured.items() if found.alignment.offset_samples]

    @property
    def other_length(self) -> list[str]:
        """Items that came out longer or shorter."""
        return [name for name, found in self.measured.items() if found.length_difference]

    def faults(self) -> dict[str, int]:
        """Return how many items are wrong in each way; all must be 0 for figures to count."""
        return {
            "missing": len(self.missing),
            "failed": len(self.failed),
            "late": len(self.late),
            "other_length": len(self.other_length),
        }


def score_set(
    folder: Path,
    outputs: Path,
    conditions: Sequence[str] | None = None,
    metrics: Sequence[str] | None = None,
    *,
    resample: bool = False,
    on_item: Callable[[str, str], None] = lambda condition, item: None,
) -> dict[str, ConditionScore]:
    """Score outputs of the layout ``CONDITION/ITEM.wav``.

    Parameters
    ----------
    folder : Path
        The set.
    outputs : Path
        What a tool made of it; the set itself scores what doing nothing is worth.
    conditions : sequence of str, optional
        By default every one that has a folder in ``outputs``.
    metrics : sequence of str, optional
        Names and families, as of :func:`restorack.metrics.evaluate`.
    resample : bool
        Bring outputs of another rate to the set's.
    on_item : callable
        Called with condition and item before each is measured.

    Returns
    -------
    dict of str to ConditionScore
        In the set's order.

    Raises
    ------
    FileError
        Where the set or the outputs are not there.
    ParameterError
        For a condition that the set does not have, and unknown metrics.
    """
    made = read_manifest(folder)
    options = MeasureOptions(
        None if metrics is None else tuple(metrics),
        resample=resample,
        skip_seconds=made.lead_in_seconds,
    )
    scores = {}
    for name in _chosen(made, outputs, conditions):
        score = scores[name] = ConditionScore(name)
        for item in made.items:
            path = find_output(outputs, name, item)
            if path is None:
                score.missing.append(item)
                continue
            on_item(name, item)
            try:
                score.measured[item] = measure_files(
                    _comparison(made, folder, name, item, path), options
                )
            except AudioError as error:
                score.failed[item] = error
    return scores


def headline(kind: str) -> tuple[str, ...]:
    """Return the metrics that matter most for a kind of condition, in the order of columns."""
    common = ("si_sdr_gain_db", "log_spectral_distance")
    clicks = ("impulse_removal_rate", "long_impulse_removal_rate", "residual_clicks_db")
    noise = ("noise_attenuation_db", "weak_partials_db")
    by_kind = {
        "clean": ("snr_db", "transient_correlation"),
        "clicks": (*common, *clicks, "damage_outside_clicks_db"),
        "noise": (*common, *noise, "transient_correlation"),
        "all": (*common, *clicks, *noise),
        "band": (*common, "distance_above_edge", "level_above_edge_db", "snr_below_edge_db"),
        "transfer": (*common, "snr_db"),
    }
    return by_kind[kind]


def find_output(outputs: Path, condition: str, item: str) -> Path | None:
    """Return a tool's output for an item, with whatever extension, or None."""
    paths = (outputs / condition / f"{item}{suffix}" for suffix in AUDIO_SUFFIXES)
    return next((path for path in paths if path.exists()), None)


def _chosen(made: BenchSet, outputs: Path, names: Sequence[str] | None) -> list[str]:
    if not outputs.is_dir():
        raise FileError(
            "is no folder", where=str(outputs), rule="outputs lie in CONDITION/ITEM.wav"
        )
    for name in names or ():
        if name not in made.conditions:
            raise ParameterError(f"the condition {name!r}", remedy=suggest(name, made.conditions))
    wanted = made.conditions if names is None else names
    chosen = [name for name in wanted if names is not None or (outputs / name).is_dir()]
    if not chosen:
        raise FileError(
            "has no folder of a condition",
            where=str(outputs),
            rule=f"outputs lie in CONDITION/ITEM.wav; conditions: {', '.join(made.conditions)}",
        )
    return chosen


def _comparison(made: BenchSet, folder: Path, name: str, item: str, path: Path) -> Comparison:
    clicks = truth_path(folder, name, item, "clicks")
    return Comparison(
        made.reference(folder, name, item),
        path,
        degraded=damaged_path(folder, name, item),
        clicks=clicks if clicks.exists() else None,
    )


def as_entries(scores: Mapping[str, ConditionScore]) -> list[dict[str, Any]]:
    """Return every measurement as JSON-ready values, one entry an item."""
    entries: list[dict[str, Any]] = []
    for score in scores.values():
        about = {"condition": score.name}
        entries += [
            {**about, "item": item, **found.to_dict()} for item, found in score.measured.items()
        ]
        entries += [
            {**about, "item": item, "error": {"what": str(error)}}
            for item, error in score.failed.items()
        ]
    return entries
