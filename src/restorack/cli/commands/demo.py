"""``restorack demo``: make a worn 78 from nothing, restore it, and say how near the truth it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from restorack.cli.console import JsonFlag, QuietFlag, Screen

if TYPE_CHECKING:
    from rich.table import Table

RATE = 44_100
"""Of the demo's files, in Hz."""
PRESET = "78rpm-heavy"


def demo(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where the files go; replaced if they exist.")
    ] = Path("demo"),
    preset: Annotated[
        str, typer.Option("--preset", "-p", metavar="NAME|FILE.yaml", help="What restores it.")
    ] = PRESET,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Synthesise a worn 78, restore it, and measure the result against the truth.

    Nothing is downloaded. Writes clean.wav (what the groove held when it was new), worn.wav,
    restored.wav, difference.wav, report.json and before_after.png.
    """
    from restorack.cli.progress_bars import bar
    from restorack.cli.render_console import show_report
    from restorack.render.api import render
    from restorack.reports.picture import write_picture
    from restorack.reports.report import RenderReport, write_report

    screen = Screen(as_json=json, quiet=quiet)
    files = DemoFiles(folder)
    folder.mkdir(parents=True, exist_ok=True)
    screen.note("playing the music, cutting the record, wearing it out ...")
    press(files)
    with bar(screen, files.worn.name, "") as on_progress:
        result = render(
            files.worn,
            files.restored,
            preset,
            difference=files.difference,
            force=True,
            on_progress=on_progress,
        )
    report = RenderReport.of(result)
    write_picture(
        files.worn,
        files.restored,
        files.picture,
        titles=("the worn record", "restored", "what was removed"),
        force=True,
    )
    agreement = measure(files)
    document = report.to_dict() | {"picture": str(files.picture), "agreement": agreement}
    write_report(files.report, document, force=True)
    if not quiet:
        show_report(report, screen)
        screen.show("", _agreement_table(agreement), f"\nall files are in {folder}/")
    screen.document(document)
    return 0


@dataclass(frozen=True)
class DemoFiles:
    """The files of a demo in a folder."""

    folder: Path

    @property
    def clean(self) -> Path:
        """What the groove held when it was new."""
        return self.folder / "clean.wav"

    @property
    def worn(self) -> Path:
        """How it plays today."""
        return self.folder / "worn.wav"

    @property
    def restored(self) -> Path:
        """What the preset made of it."""
        return self.folder / "restored.wav"

    @property
    def difference(self) -> Path:
        """What it took away."""
        return self.folder / "difference.wav"

    @property
    def report(self) -> Path:
        """The JSON report."""
        return self.folder / "report.json"

    @property
    def picture(self) -> Path:
        """Spectrograms before and after."""
        return self.folder / "before_after.png"


def press(files: DemoFiles) -> None:
    """Write the record as it was and as it is, 24-bit mono."""
    from restorack.synthesis.ragtime import play
    from restorack.synthesis.worn_record import cut, wear

    clean = cut(play(RATE), RATE)
    for path, signal in ((files.clean, clean), (files.worn, wear(clean, RATE))):
        _write(path, signal)


def _write(path: Path, signal: Any) -> None:
    import numpy as np

    from restorack.io.writer import AudioWriter

    with AudioWriter(path, RATE, 1, subtype="PCM_24", force=True) as writer:
        writer.write(signal[np.newaxis].astype(np.float32))


def measure(files: DemoFiles) -> dict[str, dict[str, float]]:
    """Return SNR and SI-SDR of the worn and the restored record against the clean one, in dB."""
    import soundfile

    from restorack.metrics.distortion import si_sdr_db, snr_db

    clean, worn, restored = (
        soundfile.read(path, dtype="float64")[0]
        for path in (files.clean, files.worn, files.restored)
    )
    return {
        state: {"snr_db": snr_db(clean, heard), "si_sdr_db": si_sdr_db(clean, heard)}
        for state, heard in (("worn", worn), ("restored", restored))
    }


def _agreement_table(agreement: dict[str, dict[str, float]]) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("against the clean record")
    for heading in ("SNR", "SI-SDR"):
        table.add_column(heading, justify="right")
    for state, values in agreement.items():
        table.add_row(state, f"{values['snr_db']:.1f} dB", f"{values['si_sdr_db']:.1f} dB")
    return table
