"""Render a session: stems, mix, exports, report."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np

from restorack.core.stage_lock import hold
from restorack.dsp.arrays import Rows, require_finite
from restorack.dsp.decibels import amplitude_to_db, db_to_amplitude
from restorack.errors import FileError
from restorack.io.atomic import AtomicFile
from restorack.io.output_formats import OUTPUT_FORMATS, check_target, choose_format
from restorack.io.writer import AudioWriter
from restorack.meters.loudness import TruePeakMeter
from restorack.render.finish import WriteSummary, ceiling_gain, write_block
from restorack.render.plan import Engine
from restorack.render.progress import Meter, OnProgress
from restorack.render.result import StageReport, stage_warnings
from restorack.render.session.loading import check_session_plugins, load_session
from restorack.render.session.mixing import Mixer, faded
from restorack.render.session.model import Session, Stem, Strip
from restorack.render.session.planning import SessionPlan, plan_session
from restorack.render.session.processing import Placed, process_stem
from restorack.render.session.report import Level, SessionResult, StripReport
from restorack.render.session.routing import Route
from restorack.render.session.sidechains import fed, sidechained_plugins
from restorack.render.source import BLOCK
from restorack.version import __version__

STEMS, BUSES = "stems", "buses"

OVER_REMEDY = "lower the master's gain_db, set output.ceiling_dbtp, or write output.subtype FLOAT"


@dataclass(frozen=True)
class SessionOptions:
    """How a session is rendered.

    Parameters
    ----------
    stems : bool
        Also write every processed stem and bus, after fader and pan, as 32-bit float WAV.
    engine : {"auto", "dawdreamer", "stream"}
        What makes the mix and hosts plugins; ``auto`` streams what would need over 2 GB.
    force : bool
        Replace outputs that exist; a source never is.
    strict : bool
        Refuse a stem of which sound is missing, or may be, instead of warning.
    """

    stems: bool = False
    engine: Engine = "auto"
    force: bool = False
    strict: bool = False


def render_session(
    session: Session | str | PathLike[str],
    output: str | PathLike[str],
    options: SessionOptions | None = None,
    on_progress: OnProgress | None = None,
) -> SessionResult:
    """Render a session into a folder: ``NAME.wav``, and with ``stems`` the parts of the mix.

    Parameters
    ----------
    session : Session or path-like
    output : path-like
        A folder; it is made, if its parent exists.
    options : SessionOptions, optional
    on_progress : callable, optional
        Gets a :class:`~restorack.render.progress.Progress` after every block.

    Raises
    ------
    RestorackError
        For anything that cannot be read, rendered or written; nothing half-written is left.
    """
    loaded = session if isinstance(session, Session) else load_session(session)
    with hold(*(strip.chain for strip in loaded.strips)):
        return _Rendering(loaded, Path(output), options or SessionOptions(), on_progress).run()


class _Rendering:
    """One render of a session."""

    def __init__(
        self,
        session: Session,
        folder: Path,
        options: SessionOptions,
        on_progress: OnProgress | None,
    ) -> None:
        self._session, self._options = session, options
        if options.strict:
            for stem in session.stems:
                stem.source.require_complete()
        check_session_plugins(session, load_plugins=True)
        self._plan: SessionPlan = plan_session(session, options.engine)
        output = session.output
        extension = OUTPUT_FORMATS[output.format.upper()].extensions[0]
        self._folder, self._target = folder, folder / f"{session.name}.{extension}"
        choose_format(self._target, output.format, output.subtype)
        check_target(self._target, output.format.upper(), output.subtype, session.sample_rate, 2)
        self._exports = self._named_exports() if options.stems else {}
        self._refuse_targets()
        passes = len(self._plan.stems) + 2 * len(self._plan.order) + 1
        self._meter = Meter(passes, session.frames, session.seconds, on_progress)
        self._reports: dict[str, list[StageReport]] = {}
        self._levels: dict[str, Level] = {}

    def run(self) -> SessionResult:
        """Process the stems, mix them, write the files and say what was done."""
        with ExitStack() as spools:
            mixer = Mixer(self._session, self._plan, spools)
            for stem in self._plan.stems:
                whole = stem.name in self._plan.whole
                with fed(stem, mixer.signals, self._session):
                    placed, reports = process_stem(stem, self._session.sample_rate, whole=whole)
                spools.enter_context(placed.spool)
                mixer.signals[stem.name], self._reports[stem.name] = placed, reports
                self._meter.advance(self._session.frames)
            mixer.mix()
            self._meter.advance(2 * len(self._plan.order) * self._session.frames)
            self._reports |= mixer.reports
            written = self._write(mixer)
        return self._result(mixer, written)

    def _named_exports(self) -> dict[str, Path]:
        heard = {strip.name for strip in self._heard_strips()}
        parts = [(STEMS, stem) for stem in self._session.stems]
        parts += [(BUSES, bus) for bus in self._session.buses]  # type: ignore[misc]
        return {
            strip.name: self._folder / kind / f"{strip.name}.wav"
            for kind, strip in parts
            if strip.name in heard
        }

    def _heard_strips(self) -> list[Strip]:
        """Return the stems and buses that something of goes on: not those that only steer."""
        sources = {route.source for route in self._plan.routes}
        return [s for s in (*self._plan.stems, *self._plan.order) if s.name in sources]

    def _refuse_targets(self) -> None:
        """Refuse outputs that exist or are inputs before any work is done."""
        if not self._folder.parent.is_dir():
            raise FileError(
                "the folder does not exist",
                where=str(self._folder.parent),
                remedy="make the folder first",
            )
        for target in (self._target, *self._exports.values()):
            AtomicFile(target, force=self._options.force, sources=self._sources()).check()

    def _sources(self) -> list[Path]:
        return [stem.file for stem in self._session.stems]

    def _write(self, mixer: Mixer) -> WriteSummary:
        """Write the mix and the exports; all of them appear, or none."""
        for target in (self._target, *self._exports.values()):
            target.parent.mkdir(parents=True, exist_ok=True)
        with ExitStack() as files:
            written = self._write_mix(mixer, files)
            for strip in self._heard_strips():
                self._write_part(strip, mixer, files)
        return written

    def _write_mix(self, mixer: Mixer, files: ExitStack) -> WriteSummary:
        out, session = WriteSummary(), self._session
        ceiling, rate = session.output.ceiling_dbtp, session.sample_rate
        gain = ceiling_gain(lambda: self._mastered(mixer), ceiling, rate, 2, out)
        writer = files.enter_context(
            self._writer(self._target, session.output.format, session.output.subtype)
        )
        writer.overs.remedy = OVER_REMEDY
        meter, level = TruePeakMeter(session.sample_rate, 2), Level()
        for block in self._meter.count(self._mastered(mixer)):
            rows = block * gain if gain != 1.0 else block
            require_finite(rows, where=str(self._target))
            level.push(rows)
            decoded = write_block(writer, rows, np.zeros_like(rows), session.output.dither, out)
            meter.push(decoded.astype(np.float32))
        writer.finish()
        out.clipped = writer.clipped
        out.warnings += writer.warnings
        peak = float(np.max(meter.result(), initial=0.0))
        out.true_peak_dbtp = float(amplitude_to_db(peak)) if peak > 0 else None
        self._levels[session.master.name] = level
        return out

    def _mastered(self, mixer: Mixer) -> Iterator[Rows]:
        """Yield what leaves the master: its chain's signal, its fader applied."""
        session, master = self._session, self._session.master
        for first, block in mixer.signals[master.name].span(session.frames):
            decibels = master.gain_db.values(first, block.shape[1], session.sample_rate)
            yield np.asarray(block * (db_to_amplitude(decibels)).astype(np.float32), np.float32)

    def _write_part(self, strip: Strip, mixer: Mixer, files: ExitStack) -> None:
        """Measure a strip after its fader, and write it where exports are wanted."""
        level = self._levels[strip.name] = Level()
        route = next(route for route in self._plan.routes if route.source == strip.name)
        writer = None
        if strip.name in self._exports:
            writer = files.enter_context(self._writer(self._exports[strip.name], "WAV", "FLOAT"))
        for rows in _faded_blocks(mixer.signals[strip.name], route, self._session.frames):
            level.push(rows)
            if writer is not None:
                writer.write(rows)
        if writer is not None:
            writer.finish()

    def _writer(self, path: Path, form: str, subtype: str) -> AudioWriter:
        return AudioWriter(
            path,
            self._session.sample_rate,
            2,
            format=form,
            subtype=subtype,
            force=self._options.force,
            sources=self._sources(),
        )

    def _result(self, mixer: Mixer, written: WriteSummary) -> SessionResult:
        session, seconds = self._session, self._meter.finish()
        return SessionResult(
            session=session.path,
            output=self._target,
            name=session.name,
            engine=self._plan.engine,
            graphs=mixer.graphs,
            sample_rate=session.sample_rate,
            frames=session.frames,
            output_format=session.output.format.upper(),
            output_subtype=session.output.subtype,
            seconds=seconds,
            speed=session.seconds / seconds if seconds else 0.0,
            estimated_memory=self._plan.memory,
            true_peak_dbtp=written.true_peak_dbtp,
            ceiling_gain_db=written.ceiling_gain_db,
            clipped=written.clipped,
            dithered=written.dithered,
            strips=[self._strip_report(strip, mixer) for strip in session.strips],
            warnings=self._warnings(written),
            version=__version__,
        )

    def _strip_report(self, strip: Strip, mixer: Mixer) -> StripReport:
        stages = self._reports.get(strip.name, [])
        routes = [route for route in self._plan.routes if route.source == strip.name]
        level = self._levels.get(strip.name, Level())
        export = self._exports.get(strip.name)
        return StripReport(
            strip.name,
            strip.kind,
            strip.name in self._levels,
            any(
                (route.target, route.kind) == (self._session.master.name, "output")
                for route in routes
            ),
            level.peak_dbfs,
            level.rms_dbfs,
            sum(stage.latency_samples for stage in stages),
            mixer.latencies.get(strip.name, 0),
            [{"to": route.target, "kind": route.kind} for route in routes],
            stages,
            str(strip.file) if isinstance(strip, Stem) else None,
            str(export) if export is not None else None,
            [{"stage": slot.name, "hears": key} for slot, _, key in sidechained_plugins(strip)],
        )

    def _warnings(self, written: WriteSummary) -> list[str]:
        warnings = list(written.warnings)
        for stem in self._session.stems:
            warnings += [f"stem {stem.name}: {found.text}" for found in stem.source.warnings]
        for strip in self._session.strips:
            told = stage_warnings(self._reports.get(strip.name, []))
            warnings += [f"{strip.kind} {strip.name}: {text}" for text in told]
            missing = strip.chain.skipped
            if missing:
                warnings.append(f"{strip.kind} {strip.name}: not installed: {', '.join(missing)}")
        return warnings


def _faded_blocks(signal: Placed, route: Route, frames: int) -> Iterator[Rows]:
    for first in range(0, frames, BLOCK):
        yield faded(signal, route, first, min(BLOCK, frames - first))
