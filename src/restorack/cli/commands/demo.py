"""``restorack demo``: make a worn 78 from nothing, restore it, and compare it with the truth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from restorack.cli.console import JsonFlag, QuietFlag, Screen

if TYPE_CHECKING:
    from rich.table import Table

    from restorack.chains import Chain
    from restorack.render.result import RenderResult

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
    """Synthesise a worn 78, restore it, and make a page to compare them by ear.

    Nothing is downloaded. Writes clean.wav (what the groove held when it was new), worn.wav,
    restored.wav, difference.wav, report.json, before_after.png and page.html.
    """
    from restorack.cli.consoles.render import show_report
    from restorack.presets.making import chain_of
    from restorack.reports.picture import write_picture
    from restorack.reports.report import RenderReport, write_report

    screen = Screen(as_json=json, quiet=quiet)
    files = DemoFiles(folder)
    folder.mkdir(parents=True, exist_ok=True)
    screen.note("playing the music, cutting the record, wearing it out ...")
    press(files)
    result = _restore(files, chain_of(preset), screen)
    report = RenderReport.of(result)
    titles = ("the worn record", "restored", "what was removed")
    write_picture(files.worn, files.restored, files.picture, titles=titles, force=True)
    agreement = measure(files)
    made = {"picture": str(files.picture), "page": str(files.page), "agreement": agreement}
    document = report.to_dict() | made
    write_report(files.report, document, force=True)
    if not quiet:
        show_report(report, screen)
        screen.show("", _agreement_table(agreement), *_last_lines(files))
    screen.document(document)
    return 0


def _restore(files: DemoFiles, chain: Chain, screen: Screen) -> RenderResult:
    """Restore the worn record, and write the page that compares it with the clean one."""
    import tempfile

    from restorack.cli.consoles.progress_bars import bar
    from restorack.render.api import render
    from restorack.reports.listening.making import PageMaker, listening
    from restorack.reports.listening.recording import Version
    from restorack.reports.listening.target import PageTarget

    maker = PageMaker(PageTarget.of(files.page, force=True), [files.worn], [[chain]])
    with tempfile.TemporaryDirectory(prefix="restorack-page-") as kept:
        with (
            listening(Path(kept), wanted=maker.listens(0)) as stages,
            bar(screen, files.worn.name, "") as on_progress,
        ):
            result = render(
                files.worn, files.restored, chain,
                difference=files.difference, force=True, on_progress=on_progress,
                on_stage=stages.on_stage if stages else None,
            )  # fmt: skip
        screen.note("measuring, and making the page ...")
        version = Version.of(chain, result, files.restored, stages.files if stages else ())
        maker.put(0, [version], reference=files.clean)
    maker.write(f"A worn 78, restored by {chain.settings.name or 'the chain'}")
    return result


def _last_lines(files: DemoFiles) -> list[str]:
    """Return where to listen, and what to try next."""
    from rich.markup import escape

    return [
        f"\nListen: open [bold]{escape(str(files.page))}[/bold] in a browser.",
        f"All files are in {escape(str(files.folder))}/.",
        "\nTry next:",
        "  restorack auto RECORDING.wav                     restore one of your own",
        "  restorack compare-presets RECORDING.wav -p 78rpm -p 78rpm-heavy",
        "  restorack presets list                           what else there is",
    ]


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

    @property
    def page(self) -> Path:
        """The page that compares them by ear."""
        return self.folder / "page.html"


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
