"""Match a file: measure, choose the stages, render, measure again."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

import numpy as np

from restorack.chains import Chain, ChainSettings, OutputSettings
from restorack.errors import AudioError, ParameterError
from restorack.io.reader import AudioInfo, AudioReader
from restorack.matching.report import (
    MatchReport,
    centres,
    changes_of,
    distance_of,
    figures_of,
)
from restorack.meters.profile.sound_profile import ProfileMeter, SoundProfile, measure_profile
from restorack.plugins.dynamics.limiter import Limiter
from restorack.plugins.loudness import Loudness
from restorack.plugins.matching.match import Match, reference_profile
from restorack.render import render
from restorack.render.progress import OnProgress

LIMITED_DB = 6.0
"""Peaks are limited by at most this to reach the reference's loudness: what master-loud allows."""
MARGIN_DB = 0.1
"""By which the limiter keeps below the ceiling: what meters differ by, as in the presets."""
LEAST_CHANGE_LU = 0.05
"""A smaller difference of loudness is left."""


def match(
    target: str | PathLike[str],
    output: str | PathLike[str],
    references: Sequence[str | PathLike[str]],
    *,
    level: bool = True,
    tone: bool = True,
    width: bool = True,
    dynamics: bool = True,
    strength: float = 1.0,
    max_tone_db: float = 12.0,
    ceiling_dbtp: float = -1.0,
    format: str | None = None,  # noqa: A002  the name that soundfile and pedalboard use
    subtype: str | None = None,
    force: bool = False,
    strict: bool = False,
    on_progress: OnProgress | None = None,
) -> MatchReport:
    """Bring a recording towards the sound of others: level, tone, width and dynamics.

    Parameters
    ----------
    target : path-like
        The recording.
    output : path-like
        The file that is written.
    references : sequence of path-like
        Audio files or folders of them; of several the mean of their figures, in dB.
    level, tone, width, dynamics : bool
        What is matched: integrated loudness; the balance of third octaves; side over mid of
        third octaves; the spread of slow and fast levels.
    strength : float
        0 (nothing) to 1 (all the way, within the bounds).
    max_tone_db : float
        No third octave is raised or lowered by more, 0 to 24 dB.
    ceiling_dbtp : float
        True peak that a changed output does not pass, -20 to 0. To get there peaks are limited by
        up to 6 dB; what is louder still is made softer.
    format, subtype : str, optional
        As of :func:`restorack.render`; by default 24 bits, and floats for a WAV of floats.
    force : bool
        Replace an output that exists; sources are never replaced.
    strict : bool
        Refuse a target of which sound is missing, or may be.
    on_progress : callable, optional
        As of :func:`restorack.render`.

    Returns
    -------
    MatchReport
        A target that needs no change is written as it is, bit for bit at the output's word length.

    Raises
    ------
    ParameterError
        For no reference, and values out of range.
    AudioError
        For recordings that are silent or shorter than half a second.
    FileError
        For files that cannot be read or written.
    """
    paths = [Path(reference) for reference in references]
    if not paths:
        raise ParameterError("no reference", rule="a target is matched to one or more recordings")
    if not -20.0 <= ceiling_dbtp <= 0.0:
        raise ParameterError(f"ceiling_dbtp = {ceiling_dbtp}", rule="-20 to 0 dBTP")
    stage = Match(
        strength=strength, tone=tone, width=width, dynamics=dynamics, max_tone_db=max_tone_db
    )
    with AudioReader(target, strict=strict) as reader:
        info = reader.info
        wanted = reference_profile(paths)
        meter = ProfileMeter(float(info.sample_rate), info.channels)
        for block in reader.blocks():
            meter.push(block)
    own = _result(meter, info)
    stage.set_profile(wanted)
    plan = stage.plan_for(own, wanted, meter.levels)
    lufs = own.loudness_lufs
    if level:
        lufs += strength * (wanted.loudness_lufs - lufs)
    is_same = plan.is_nothing and abs(lufs - own.loudness_lufs) < LEAST_CHANGE_LU
    chain = Chain(settings=ChainSettings(name="match"))
    if not is_same:
        chain = _chain(stage, lufs, ceiling_dbtp)
    done = render(
        target, output, chain, format=format, subtype=subtype or _subtype(info, Path(output)),
        force=force, strict=strict, on_progress=on_progress,
    )  # fmt: skip
    with AudioReader(done.output) as written:
        after = measure_profile(written.blocks(), float(written.info.sample_rate))
    flags = {"level": level, "tone": tone, "width": width, "dynamics": dynamics}
    return MatchReport(
        status="unchanged" if is_same else "matched",
        target=str(target), references=[str(path) for path in paths], output=str(done.output),
        sample_rate_hz=info.sample_rate, strength=strength,
        matched=[name for name, wants in flags.items() if wants], centres_hz=centres(),
        before=figures_of(own), reference=figures_of(wanted), after=figures_of(after),
        distance_before=distance_of(own, wanted), distance_after=distance_of(after, wanted),
        changes=changes_of(plan, after.loudness_lufs - own.loudness_lufs),
        true_peak_dbtp=done.true_peak_dbtp,
        warnings=[*done.warnings, *_shortfalls(info, width, level, lufs, after, wanted)],
    )  # fmt: skip


def _result(meter: ProfileMeter, info: AudioInfo) -> SoundProfile:
    try:
        return meter.result()
    except AudioError as error:
        raise error.at(str(info.path)) from error


def _chain(stage: Match, lufs: float, ceiling_dbtp: float) -> Chain:
    target = float(np.clip(lufs, -70.0, 0.0))
    loudness = Loudness(mode="lufs", target=target, ceiling_dbtp=ceiling_dbtp + LIMITED_DB)
    limiter = Limiter(ceiling_dbtp=ceiling_dbtp - MARGIN_DB)
    settings = ChainSettings(name="match", output=OutputSettings(ceiling_dbtp=ceiling_dbtp))
    return Chain([stage, loudness, limiter], settings=settings)


def _subtype(info: AudioInfo, output: Path) -> str | None:
    """Return floats for a WAV of floats; None: the default."""
    is_float = info.subtype in ("FLOAT", "DOUBLE") and output.suffix.lower() in (".wav", ".wave")
    return info.subtype if is_float else None


def _shortfalls(
    info: AudioInfo, width: bool, level: bool, lufs: float, after: SoundProfile,
    wanted: SoundProfile,
) -> list[str]:  # fmt: skip
    """Return what could not be matched."""
    said = []
    if width and (info.channels != 2 or not np.isfinite(wanted.width_db).any()):
        said.append("width was not matched: it needs two channels in target and reference")
    if level and lufs - after.loudness_lufs > 0.5:
        said.append(
            f"loudness stayed {lufs - after.loudness_lufs:.1f} LU below what was wanted: the "
            f"ceiling allows no more with {LIMITED_DB:g} dB of limiting"
        )
    return said
