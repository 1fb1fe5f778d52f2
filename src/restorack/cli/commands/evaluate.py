"""``restorack evaluate``: how near files are to the truth, in figures and pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from restorack.cli.console import JsonFlag, QuietFlag, Screen
from restorack.cli.failures import Failure, common_exit_code, failure_of
from restorack.cli.pairing import Pairing, find_pairings
from restorack.cli.quantities import quantity
from restorack.errors import RestorackError
from restorack.io.file_names import fitting_name

Metrics = Annotated[
    list[str] | None,
    typer.Option(
        "--metrics",
        "-m",
        metavar="NAME[,NAME...]",
        help="Metrics or families of them (distortion, spectral, clicks, noise, transients, "
        "bandwidth, levels, perceptual), default or all; see docs/reference/metrics.md. Without it "
        "all that need no other library.",
    ),
]
MaxOffset = Annotated[
    float,
    typer.Option(
        parser=quantity("s"),
        metavar="TIME",
        help="Look for the estimate's offset up to here; 0: take it as it is.",
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Replace outputs that exist.")]
CsvFile = Annotated[
    Path | None, typer.Option("--csv", metavar="FILE", help="Also write one row per file as CSV.")
]


def evaluate(
    reference: Annotated[
        Path, typer.Argument(metavar="REF", help="The truth: a file or a folder.")
    ],
    estimates: Annotated[
        list[Path],
        typer.Argument(
            metavar="EST",
            help="What is judged: files, or folders. Folders are held against a folder of "
            "references file by file, by their names.",
            show_default=False,
        ),
    ],
    degraded: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE|DIR",
            help="What the estimates were made from: gains, and how much damage remains.",
        ),
    ] = None,
    clicks: Annotated[
        Path | None, typer.Option(metavar="FILE|DIR", help="The clicks that had been added.")
    ] = None,
    noise: Annotated[
        Path | None, typer.Option(metavar="FILE|DIR", help="The noise that had been added.")
    ] = None,
    metrics: Metrics = None,
    max_offset: MaxOffset = 0.1,
    resample: Annotated[
        bool, typer.Option("--resample", help="Bring estimates to the reference's sample rate.")
    ] = False,
    csv: CsvFile = None,
    plots: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Also draw reference, estimate and difference: spectrograms and waveforms.",
        ),
    ] = None,
    force: Force = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Score files against a reference.

    Files are aligned to the sample first; where two are not the same performance, that is said,
    and what compares sample with sample is left out. A file that fails does not stop the others.
    """
    from restorack.metrics.catalogue import choose_metrics
    from restorack.metrics.files import MeasureOptions
    from restorack.reports.figures import write_csv

    words = split_words(metrics)
    choose_metrics(words)  # a wrong name is told before anything is read
    pairs, missing = find_pairings(
        reference, estimates, degraded=degraded, clicks=clicks, noise=noise
    )
    screen = Screen(as_json=json, quiet=quiet)
    options = MeasureOptions(words, max_offset, resample)
    pictures = _Pictures.planned(plots, pairs, force)
    sources = [path for pair in pairs for path in (pair.reference, pair.estimate)]
    check_target(csv, sources, force)
    run = _Run(screen)
    for error in missing:
        run.fail(error, {"error": failure_of(error).to_dict()})
    for pair in pairs:
        run.measure(pair, options, pictures)
    if csv is not None:
        write_csv(csv, run.entries, force=force, sources=sources)
    run.show(single=len(pairs) == 1 and not missing)
    return common_exit_code(run.failures)


def split_words(given: list[str] | None) -> tuple[str, ...] | None:
    """Return the words of options that were given several times, or with commas."""
    if given is None:
        return None
    return tuple(word.strip() for text in given for word in text.split(",") if word.strip())


def check_target(path: Path | None, sources: list[Path], force: bool) -> None:
    """Refuse a file that cannot be written before the work, not after it."""
    if path is not None:
        from restorack.io.atomic import AtomicFile

        AtomicFile(path, force=force, sources=sources).check()


@dataclass(frozen=True)
class _Pictures:
    """Where each pair's picture goes."""

    paths: dict[Path, Path]
    force: bool

    @classmethod
    def planned(cls, folder: Path | None, pairs: list[Pairing], force: bool) -> _Pictures:
        if folder is None:
            return cls({}, force)
        groups = list(dict.fromkeys(pair.group for pair in pairs))
        stems = [pair.name.replace("/", ".") for pair in pairs]
        paths: dict[Path, Path] = {}
        for pair, stem in zip(pairs, stems, strict=True):
            number = f"{groups.index(pair.group) + 1}." if len(set(stems)) < len(stems) else ""
            paths[pair.estimate] = folder / fitting_name(f"{number}{stem}", ".png")
            check_target(paths[pair.estimate], [pair.reference, pair.estimate], force)
        folder.mkdir(parents=True, exist_ok=True)
        return cls(paths, force)

    def draw(self, pair: Pairing, offset: int) -> Path | None:
        if pair.estimate not in self.paths:
            return None
        from restorack.reports.picture import write_picture

        path = self.paths[pair.estimate]
        write_picture(
            pair.reference, pair.estimate, path, late_samples=offset,
            titles=("reference", "estimate", "difference (reference - estimate)"),
            force=self.force,
        )  # fmt: skip
        return path


@dataclass
class _Run:
    """What has been measured so far."""

    screen: Screen
    entries: list[dict[str, Any]] = field(default_factory=list)
    groups: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)

    def fail(self, error: Exception, entry: dict[str, Any]) -> None:
        self.failures.append(failure_of(error))
        self.screen.fail(self.failures[-1])
        self.entries.append(entry)

    def measure(self, pair: Pairing, options: Any, pictures: _Pictures) -> None:
        from restorack.metrics.files import Comparison, measure_files

        paths = {"reference": str(pair.reference), "estimate": str(pair.estimate)}
        files = Comparison(pair.reference, pair.estimate, pair.degraded, pair.clicks, pair.noise)
        try:
            found = measure_files(files, options)
            picture = pictures.draw(pair, found.alignment.offset_samples)
        except (RestorackError, OSError) as error:
            self.fail(error, paths | {"error": failure_of(error).to_dict()})
            return
        entry = paths | found.to_dict()
        if picture is not None:
            entry["picture"] = str(picture)
        self.entries.append(entry)
        self.groups.setdefault(pair.group, []).append(entry)
        for text in found.incomplete:
            self.screen.note(f"warning: {text}")
        if "alignment" in found.notes:
            self.screen.note(f"{pair.estimate}: {found.notes['alignment']}")
        missing = {note for note in found.notes.values() if "not installed" in note}
        for note in sorted(missing):
            self.screen.note(f"note: {note}")

    def show(self, *, single: bool) -> None:
        from restorack.reports.figures import figures_table

        if self.groups:
            self.screen.show(figures_table(self.groups))
        self.screen.document(self.entries[0] if single else self.entries)
