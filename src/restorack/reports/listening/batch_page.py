"""The page of one file of a batch, written by the worker that has rendered it."""

from __future__ import annotations

from typing import Any

from restorack.errors import ParameterError
from restorack.io.reader import AudioReader
from restorack.render.batch.job import Job
from restorack.render.result import RenderResult
from restorack.reports.listening.budget import LIMIT_MB, Demand, Fit, fit
from restorack.reports.listening.page import PageRecording, page_html
from restorack.reports.listening.parts import Parts
from restorack.reports.listening.recording import Sources, Version, Wanted, make_recording
from restorack.reports.listening.sound import Sound
from restorack.reports.listening.target import PageTarget


def write_batch_page(job: Job, result: RenderResult) -> None:
    """Write the page of a file: before, after and difference; long audio goes beside it.

    Parameters
    ----------
    job : Job
        With a page among its kinds.
    result : RenderResult
        Of its render.

    Raises
    ------
    RestorackError
        Where it exists and is not the batch's, or cannot be written.
    """
    path, options = job.product("page"), job.recipe.options
    sound = Sound(job.source, None, options.start, options.stop)
    rate, channels, frames = sound.shape()
    chosen, parts = _fit(Demand(frames / rate, channels, rate, 3, 0), job)
    version = Version(
        result, job.product("output"), job.recipe.rack, job.recipe if job.recipe.document else None
    )
    wanted = Wanted(
        chosen, 0.72e6 * LIMIT_MB if parts is None else None, True, parts,
        analysed=False, start=options.start, stop=options.stop,
    )  # fmt: skip
    recording = make_recording(Sources(job.source, [version]), wanted)
    title = f"{job.source.name}: before and after {result.preset}"
    html = page_html(title, [recording], summary_of(recording, result))
    PageTarget(path, is_folder=parts is not None, force=True).write(html, [job.source])


def _fit(demand: Demand, job: Job) -> tuple[Fit, Parts | None]:
    try:
        return fit([demand], None, LIMIT_MB), None
    except ParameterError:
        folder = job.product("page").with_suffix(".audio")
        return fit([demand], None, None), Parts(folder, "001", force=True)


def summary_of(recording: PageRecording, result: RenderResult) -> dict[str, Any]:
    """Return what the index of a batch says of a file.

    ``removed_db`` is the level of what was removed over that of the source, in dB.
    """
    levels = {track.kind: track.overview.rms_db for track in recording.tracks}
    before, removed = levels.get("before"), levels.get("difference")
    share = None if before is None or removed is None else round(removed - before, 1)
    with AudioReader(result.source) as reader:
        seconds = reader.info.frames / reader.info.sample_rate
    return {
        "seconds": round(seconds, 1),
        "removed_db": share,
        "repairs": sum(_repairs(stage.compact_findings) for stage in result.stages),
        "warnings": list(result.warnings),
        "incomplete": bool(result.incomplete),
    }


def _repairs(finding: Any) -> int:
    if isinstance(finding, list):
        return sum(map(_repairs, finding))
    if not isinstance(finding, dict):
        return 0
    own = finding.get("repairs", 0)
    return (own if isinstance(own, int) else 0) + sum(map(_repairs, finding.values()))
