"""A recording for the page: its tracks are measured and encoded, what was done is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from restorack.errors import ParameterError, RestorackError
from restorack.render.repairs import markers_of
from restorack.reports.listening.budget import Fit
from restorack.reports.listening.encoding import Coding, Segment, encode
from restorack.reports.listening.facts import source_facts, version_facts
from restorack.reports.listening.measures import measure_rows
from restorack.reports.listening.overview import Overview, look_over
from restorack.reports.listening.page import PageRecording, PageTrack, PresetNotes
from restorack.reports.listening.parts import Parts
from restorack.reports.listening.sound import Sound, frames_at

if TYPE_CHECKING:
    from restorack.chains import Chain
    from restorack.meters.findings import Findings
    from restorack.render.batch.recipe import Recipe
    from restorack.render.result import RenderResult


@dataclass(frozen=True)
class Version:
    """One render of a recording.

    Attributes
    ----------
    result : RenderResult
    output : Path
        The file; may be gone once the page is made.
    text : str
        The preset as text.
    recipe : Recipe or None
        What was done, with all hashes; None where a preset cannot hold the chain.
    stages : sequence of (str, Path)
        What came out of each stage but the last.
    """

    result: RenderResult
    output: Path
    text: str = ""
    recipe: Recipe | None = None
    stages: Sequence[tuple[str, Path]] = ()

    @classmethod
    def of(
        cls,
        chain: Chain,
        result: RenderResult,
        output: Path,
        stages: Sequence[tuple[str, Path]] = (),
    ) -> Version:
        """Return the render of a chain that is there."""
        from restorack.presets import dump_preset
        from restorack.render.batch.recipe import make_recipe
        from restorack.render.plan import RenderOptions

        try:
            text = dump_preset(chain)
            recipe = make_recipe(chain, chain.settings.name, RenderOptions())
        except RestorackError:
            return cls(result, output, stages=stages)
        return cls(result, output, text, recipe, stages)

    @property
    def name(self) -> str:
        """What the preset is called."""
        return self.result.preset


@dataclass(frozen=True)
class Wanted:
    """How a page shows its recordings.

    Attributes
    ----------
    fit : Fit
        The coding of audio.
    limit : float or None
        Bytes of encoded audio of this recording; None: no limit.
    may_change_codec : bool
        Opus where FLAC turns out too large.
    parts : Parts or None
        Where segments beside the page go; None: everything is inside of it.
    analysed : bool
        Measure noise, clicks and hum before and after.
    start, stop : float or None
        The part of the source that was rendered, in seconds.
    """

    fit: Fit
    limit: float | None = None
    may_change_codec: bool = False
    parts: Parts | None = None
    analysed: bool = True
    start: float | None = None
    stop: float | None = None


@dataclass(frozen=True)
class _Planned:
    """A track before it is encoded."""

    name: str
    label: str
    kind: str
    sound: Sound


@dataclass
class Sources:
    """What a recording's tracks are made of.

    Attributes
    ----------
    source : Path
    versions : sequence of Version
    reference : Path or None
        The same without damage, where it is known.
    findings : Findings or None
        Of the source, where it was analysed already.
    reason : str
        Why the preset was chosen.
    """

    source: Path
    versions: Sequence[Version]
    reference: Path | None = None
    findings: Findings | None = None
    reason: str = ""
    links: dict[str, str] = field(default_factory=dict)


def make_recording(sources: Sources, wanted: Wanted) -> PageRecording:
    """Measure and encode the tracks of a recording.

    Raises
    ------
    RestorackError
        For a file that cannot be read, or audio that does not fit.
    """
    planned = _plan(sources, wanted)
    seconds = max(frames / rate for rate, _, frames in (one.sound.shape() for one in planned))
    overviews = [look_over(one.sound, seconds) for one in planned]
    coding, samples, tracks = _encode(planned, overviews, wanted)
    heard = [
        (one, overview) for one, overview in zip(planned, overviews, strict=True)
        if one.kind in ("before", "after")
    ]  # fmt: skip
    findings = _analyse(sources, [one.sound for one, _ in heard], wanted)
    markers, kinds = markers_of(sources.versions[0].result.stages)
    return PageRecording(
        sources.source.name, coding.rate, samples, tracks, markers, kinds,
        [_notes(version) for version in sources.versions],
        [one.label for one, _ in heard],
        measure_rows([overview for _, overview in heard], findings),
        source_facts(sources, coding) + version_facts(sources.versions),
        sources.reason,
    )  # fmt: skip


def _plan(sources: Sources, wanted: Wanted) -> list[_Planned]:
    """Return the tracks in the order of the page: 1 before, 2 after, 3 difference, then stages."""
    before = Sound(sources.source, None, wanted.start, wanted.stop)
    several = len(sources.versions) > 1
    found = [_Planned("before", "before", "before", before)]
    differences, stages = [], []
    for number, version in enumerate(sources.versions, 1):
        tail = f"-{number}" if several else ""
        label = version.name if several else "after"
        found.append(_Planned(f"after{tail}", label, "after", Sound(version.output)))
        result = version.result
        if result.input_rate == result.output_rate and result.frames_in == result.frames_out:
            removed = replace(before, minus=version.output)
            label = f"removed by {version.name}" if several else "difference"
            differences.append(_Planned(f"difference{tail}", label, "difference", removed))
        stages += [
            _Planned(f"stage{tail}-{place}", f"after {name}", "stage", Sound(path))
            for place, (name, path) in enumerate(version.stages, 1)
        ]
    if sources.reference is not None:
        clean = Sound(sources.reference)
        differences.append(_Planned("reference", "reference", "reference", clean))
    return found + differences + stages


def _encode(
    planned: Sequence[_Planned], overviews: Sequence[Overview], wanted: Wanted
) -> tuple[Coding, int, list[PageTrack]]:
    """Encode the tracks; again, smaller, where they turn out too large."""
    coding = wanted.fit.coding
    for _ in range(4):
        samples = max(frames_at(one.sound, coding.rate) for one in planned)
        tracks = [
            _track(one, overview, samples, coding, wanted.parts)
            for one, overview in zip(planned, overviews, strict=True)
        ]
        size = sum(len(part.get("data", b"")) for one in tracks for part in one.segments)
        if wanted.limit is None or size <= wanted.limit:
            return coding, samples, tracks
        if coding.codec == "flac" and not wanted.may_change_codec:
            break
        coding = _smaller(coding, wanted.limit / size)
    raise ParameterError(
        f"{size / 1e6:.1f} MB of audio do not fit into the page",
        where=planned[0].label,
        rule=f"{(wanted.limit or 0.0) / 1e6:.1f} MB are left for it",
        remedy="give a folder with --output DIR, --audio opus, or --max-mb",
    )


def _smaller(coding: Coding, share: float) -> Coding:
    """Return a coding that needs only so much of another's room."""
    if coding.codec == "flac":
        # What FLAC took is three bytes a sample at the most.
        return Coding("opus", 48_000, min(96.0, 0.6 * 24.0 * coding.rate / 1000.0 * share))
    return replace(coding, kbps=0.95 * share * coding.kbps)


def _track(
    planned: _Planned, overview: Overview, samples: int, coding: Coding, parts: Parts | None
) -> PageTrack:
    _, channels, _ = planned.sound.shape()
    blocks = planned.sound.blocks_at(coding.rate, samples)
    segments = [
        _placed(planned.name, number, segment, parts)
        for number, segment in enumerate(encode(blocks, samples, channels, coding))
    ]
    return PageTrack(planned.name, planned.label, planned.kind, overview, coding.mime, segments)


def _placed(name: str, number: int, segment: Segment, parts: Parts | None) -> dict[str, object]:
    place: dict[str, object] = {
        "start": segment.start, "samples": segment.samples, "lead": segment.lead,
    }  # fmt: skip
    if parts is None:
        return place | {"data": segment.data}
    return place | parts.write(name, number, segment.data)


def _analyse(sources: Sources, sounds: Sequence[Sound], wanted: Wanted) -> list[Findings | None]:
    """Return the analyses of before and after; of a part of a file none is made."""
    if not wanted.analysed or wanted.start is not None or wanted.stop is not None:
        return [None] * len(sounds)
    from restorack.analysis import analyze

    known = sources.findings
    return [
        known if known is not None and sound.path == sources.source
        else analyze(sound.path, most_seconds=60.0)
        for sound in sounds
    ]  # fmt: skip


def _notes(version: Version) -> PresetNotes:
    result = version.result
    stages = [
        (", ".join(stage.stages), stage.summary or "applied") for stage in result.stages
    ] + [(name, "bypassed") for name in result.bypassed] + [
        (name, "not installed: skipped") for name in result.skipped
    ]  # fmt: skip
    return PresetNotes(version.name, stages, list(result.warnings), version.text)
