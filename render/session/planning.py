"""What mixes a session: DawDreamer graphs within a budget of memory, or a stream from disk."""

from __future__ import annotations

from dataclasses import dataclass

from restorack.chains import Chain
from restorack.errors import RenderError
from restorack.hosting.engines.dawdreamer import has_dawdreamer, missing_dawdreamer
from restorack.hosting.engines.mixdown import SIDES
from restorack.hosting.stage import HostedPlugin
from restorack.render.memory import whole_bytes
from restorack.render.plan import Engine, available, learn_layouts
from restorack.render.session.model import Session, Stem, Strip
from restorack.render.session.processing import work_rate
from restorack.render.session.routing import Route, active_routes, needed_strips, order_of
from restorack.render.session.sidechains import stems_in_order

MEMORY_BUDGET = 2_000_000_000
"""Above this estimate, in bytes, ``auto`` streams the mix, or a strip's plugins."""

COPIES = 4.7
"""Copies of a stem, a bus or a moving gain that the mix takes in both processes (measured)."""

_FLOAT = 4
"""Bytes of a float32."""


@dataclass(frozen=True)
class SessionPlan:
    """A session's render, decided.

    Attributes
    ----------
    ways : tuple of Way
        Those that are heard.
    stems : tuple of Stem
        Those that are heard, or that a side-chain hears: each after what it hears itself.
    order : tuple of Strip
        Buses likewise, and the master last.
    engine : {"dawdreamer", "stream"}
        What makes the mix.
    memory : int
        Estimated for DawDreamer's graphs of the mix, in bytes, in both processes.
    whole : frozenset of str
        Strips whose plugins go into DawDreamer's graphs; those of the others stream.
    """

    routes: tuple[Route, ...]
    stems: tuple[Stem, ...]
    order: tuple[Strip, ...]
    engine: Engine
    memory: int
    whole: frozenset[str]


def plan_session(session: Session, engine: Engine) -> SessionPlan:
    """Decide a session's render and refuse what cannot be done.

    Raises
    ------
    RenderError
        For plugins that cannot stream in a session that does not fit into the memory.
    """
    engine = available(engine)
    routes = active_routes(session)
    needed = needed_strips(routes, session)
    stems = [stem for stem in stems_in_order(session) if stem.name in needed]
    order = [bus for bus in order_of(session) if bus.name in needed]
    moving = sum(not route.gains.is_constant for route in routes)
    pairs = len(stems) + moving + len(order)
    memory = round(pairs * SIDES * _FLOAT * session.frames * COPIES)
    fits = memory <= MEMORY_BUDGET
    chosen: Engine = engine if engine != "auto" else ("dawdreamer" if fits else "stream")
    whole = {strip.name for strip in (*stems, *order) if _is_whole(strip, session, engine)}
    for strip in (*stems, *order):
        if strip.name not in whole:
            _require_streams(strip, session, memory)
    return SessionPlan(tuple(routes), tuple(stems), tuple(order), chosen, memory, frozenset(whole))


def _is_whole(strip: Strip, session: Session, engine: Engine) -> bool:
    if engine != "auto":
        return engine == "dawdreamer"
    if isinstance(strip, Stem):
        source = strip.source
        channels, rate = source.channels, work_rate(strip.chain, source.sample_rate)
        seconds = (source.frames + strip.tail) / source.sample_rate
    else:
        channels, rate, seconds = SIDES, _rate(strip, session), session.seconds
    needed = whole_bytes(strip.chain, round(seconds * rate), channels, rate, whole=True)
    return needed <= MEMORY_BUDGET


def _rate(strip: Strip, session: Session) -> float:
    return work_rate(strip.chain, session.sample_rate)


def _require_streams(strip: Strip, session: Session, memory: int) -> None:
    learn_layouts(strip.chain, _rate(strip, session))
    stuck = [
        run.label
        for run in strip.chain.runs()
        if run.engine == "hosted" and not run.stage.can_stream  # type: ignore[attr-defined]
    ]
    if stuck and not has_dawdreamer():
        raise missing_dawdreamer(f"{strip.kind} {strip.name!r}: {', '.join(stuck)}")
    if stuck:
        raise RenderError(
            f"{', '.join(stuck)} of {strip.kind} {strip.name!r} cannot be streamed, and the graphs "
            f"need about {memory / 1e9:.1f} GB",
            where=str(session.path),
            rule=f"sessions are streamed above {MEMORY_BUDGET / 1e9:.0f} GB; LV2, CLAP, "
            "Faust, side-chains, and what makes stereo of one channel cannot be",
            remedy="bypass these stages, or, where the memory is there, use --engine dawdreamer",
        )


def fits_graph(strip: Strip, session: Session) -> bool:
    """Return whether a bus's chain can be a part of the mix's graph: stereo plugins alone.

    Those that DawDreamer does not host, CLAP and one of several VST3 in a bundle, stay outside.
    """
    chain: Chain = strip.chain
    output = chain.settings.output
    if (output.mix, output.gain_db, _rate(strip, session)) != (1.0, 0.0, session.sample_rate):
        return False
    return all(_is_stereo(slot.stage, session) for slot in chain.slots if slot.active)


def _is_stereo(stage: object, session: Session) -> bool:
    if not isinstance(stage, HostedPlugin):
        return False
    if stage.spec.kind == "clap" or stage.spec.plugin is not None:
        return False
    found = stage.layout(session.sample_rate)
    if stage.spec.kind == "faust":
        keyed = stage.spec.sidechain is not None
        fits = found["inputs"] > SIDES if keyed else found["inputs"] == SIDES
        return bool(fits and found["outputs"] == SIDES)
    return bool(found["inputs"] >= SIDES and found["outputs"] == SIDES)
