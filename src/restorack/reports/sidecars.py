"""What is written beside each output on request: report, picture, METS document, page."""

from __future__ import annotations

from restorack.render.batch.job import Job
from restorack.render.result import RenderResult
from restorack.reports.report import RenderReport, write_report


def write_sidecars(job: Job, result: RenderResult, top_hz: float = 12_000.0) -> None:
    """Write the report, picture, METS document and page of a file, where its job wants them.

    Parameters
    ----------
    job : Job
    result : RenderResult
        Of its render.
    top_hz : float
        Upper end of the picture.

    Raises
    ------
    FileError
        Where one exists that is not the batch's, or cannot be written.
    """
    if "report" in job.kinds:
        document = RenderReport.of(result).document()
        write_report(job.product("report"), document, force=job.force, sources=[job.source])
    if "picture" in job.kinds:
        from restorack.reports.picture import write_picture

        options = job.recipe.options
        write_picture(
            job.source, job.product("output"), job.product("picture"),
            start=options.start, stop=options.stop, top_hz=top_hz, force=job.force,
        )  # fmt: skip
    if "mets" in job.kinds:
        from restorack.archive.mets import write_mets

        write_mets(
            job.product("mets"), result,
            start=job.recipe.options.start, force=job.force, sources=[job.source],
        )  # fmt: skip
    if "page" in job.kinds:
        from restorack.reports.listening.batch_page import write_batch_page

        write_batch_page(job, result)
