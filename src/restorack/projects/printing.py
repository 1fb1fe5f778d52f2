"""Stems through their chains, as files of a project."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from restorack.core.stage_lock import hold
from restorack.io.writer import AudioWriter
from restorack.projects.audio import media_of
from restorack.projects.model import Media
from restorack.projects.names import fit_file
from restorack.render.repairs import markers_of
from restorack.render.session.loading import check_session_plugins
from restorack.render.session.model import Session, Stem
from restorack.render.session.processing import Placed, process_stem
from restorack.render.session.sidechains import fed, keys_of, stems_in_order
from restorack.render.source import BLOCK


@dataclass(frozen=True)
class Printed:
    """A stem after its chain, without fader and pan.

    Attributes
    ----------
    markers : list of (float, str)
        Its repairs: seconds from its beginning, and what they are called.
    """

    media: Media
    markers: list[tuple[float, str]]


def print_stems(session: Session, names: Collection[str], folder: Path) -> dict[str, Printed]:
    """Render stems through their chains into 32-bit float files at the session's rate.

    Raises
    ------
    RestorackError
        For a stem that cannot be rendered.
    """
    if not names:
        return {}
    check_session_plugins(session, load_plugins=True)
    heard = {key for stem in session.stems if stem.name in names for key in keys_of(stem)}
    signals: dict[str, Placed] = {}
    done: dict[str, Printed] = {}
    taken: set[str] = set()
    with hold(*(strip.chain for strip in session.strips)), ExitStack() as spools:
        for stem in stems_in_order(session):
            if stem.name not in names and stem.name not in heard:
                continue
            with fed(stem, signals, session):
                placed, reports = process_stem(stem, session.sample_rate, whole=True)
            spools.enter_context(placed.spool)
            signals[stem.name] = placed
            if stem.name not in names:
                continue
            file = fit_file(f"{stem.name}.wav", taken)
            taken.add(file.lower())
            found, stages = markers_of(reports)
            markers = [
                (seconds, f"{stages[stage]}, {1000.0 * width:.2g} ms")
                for seconds, width, stage in found
            ]
            done[stem.name] = Printed(_written(stem, placed, session, folder / file), markers)
    return done


def _written(stem: Stem, placed: Placed, session: Session, path: Path) -> Media:
    channels = stem.source.channels
    with AudioWriter(path, session.sample_rate, channels, format="WAV", subtype="FLOAT") as writer:
        for block in placed.spool.blocks(BLOCK):
            writer.write(block)
        writer.finish()
    media = media_of(path, embedded=True)
    if media is None:
        raise RuntimeError("a printed stem of more than two channels")
    return media
