"""A run of adjacent hosted plugins as one stage: channels, lanes, whole or streamed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Protocol, TypeAlias

import numpy as np

from restorack.core.row_streams import WHOLE_FILE
from restorack.core.stage import Stage
from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import amplitude_to_db
from restorack.errors import PluginError, RestorackError
from restorack.hosting.exchange.streams import SandboxStream
from restorack.hosting.parts import Part, latency_of_parts, plan_parts, through_lanes, to_inputs
from restorack.hosting.sandbox import Sandbox
from restorack.hosting.spec import PluginSpec

SidechainSource: TypeAlias = Callable[[float, int], Rows]
"""Gives a side-chain's signal: for a rate in Hz and a length, that many samples of some rows."""

SILENCE = 1e-6
"""Sample value, -120 dBFS."""

TAIL = 1e-3
"""Sample value, -60 dBFS, above which a cut tail gets a warning: a room's noise in a quiet
recording is near it."""


class Member(Protocol):
    """A hosted plugin as its run sees it."""

    @property
    def spec(self) -> PluginSpec:
        """What is loaded, and how it is set."""

    @property
    def sandbox(self) -> Sandbox:
        """Where it runs."""

    @property
    def key(self) -> SidechainSource | None:
        """What feeds its side-chain."""

    @property
    def can_stream(self) -> bool:
        """Whether it can be rendered block by block."""

    @property
    def tail_seconds(self) -> float | None:
        """How long it rings on; None where that is not known."""

    def known_faults(self, sample_rate: float) -> Sequence[str]:
        """Return what a render at a rate is to tell of it."""

    def layout(self, sample_rate: float) -> Mapping[str, int]:
        """Return ``inputs``, ``outputs`` and ``latency_samples``."""

    def findings(self) -> dict[str, Any]:
        """Return what was noted."""

    def note(self, finding: dict[str, Any]) -> None:
        """Keep what the run has found out about it."""


class HostedRun(Stage):
    """Adjacent hosted plugins as one stage.

    Parameters
    ----------
    members : sequence of Member
    places : sequence of str, optional
        What errors put before each plugin's name: ``stage 3 (zamcompx2)``.

    Attributes
    ----------
    whole : bool
        True: the whole signal goes through one DawDreamer graph when the stream ends. False: VST3
        plugins stream through pedalboard, with the same samples; LV2 and Faust cannot.
    """

    def __init__(self, members: Sequence[Member], places: Sequence[str] = ()) -> None:
        super().__init__()
        self._members = list(members)
        self._places: list[str | None] = list(places) or [None] * len(self._members)
        self.whole = not self.can_stream
        self._parts: list[Part] = []
        self._silent: list[str] = []
        self._cut_tails: list[str] = []
        self._rate = 44_100.0
        self._streams: list[_PartStream] = []

    def held_with(self) -> Iterable[Any]:
        """Return what a call holds: the run and its plugins, which other chains may share."""
        return (self, *self._members)

    @property
    def can_stream(self) -> bool:
        """Whether every plugin of the run can be rendered block by block."""
        return all(member.can_stream for member in self._members)

    def predict_latency(self, sample_rate: float) -> int:
        """Return the latency in samples."""
        if self.whole or not self.can_stream:
            return WHOLE_FILE
        channels = self._stream.channels if self._stream is not None else 2
        parts = self._plan(sample_rate, channels)
        return WHOLE_FILE if any(part.mono_in for part in parts) else latency_of_parts(parts)

    def findings(self) -> dict[str, Any]:
        """Return engine, latency and channel handling of each plugin, and how all are confined."""
        found: dict[str, Any] = {
            "plugins": [finding for part in self._parts for finding in self._findings(part)]
        }
        warnings = [*self._silent, *self._cut_tails]
        if self._parts:
            warnings += [text for m in self._members for text in m.known_faults(self._rate)]
        if self._parts:
            found["sandbox"] = self._sandbox.confinement
        return found | ({"warnings": warnings} if warnings else {})

    def summary(self) -> str:
        """Return the latency that was taken out."""
        late = sum(plugin["latency_samples"] for plugin in self.findings()["plugins"])
        return f"latency of {late:,} samples taken out" if late else ""

    def _findings(self, part: Part) -> list[dict[str, Any]]:
        return [
            {
                "plugin": replace(spec, place=None).label,
                "engine": _engine(spec, self.whole),
                "latency_samples": latency,
                "channels": part.channels_text,
                **({"sidechain": spec.sidechain} if spec.sidechain is not None else {}),
            }
            for spec, latency in zip(part.specs, part.latencies, strict=True)
        ]

    def engine_text(self, whole: bool) -> str:
        """Return what hosts the plugins in the child, in the words of reports."""
        names = dict.fromkeys(_engine(member.spec, whole) for member in self._members)
        return f"{', '.join(names)} (child)"

    def render_whole(self, rows: Rows, sample_rate: float) -> Rows:
        """Render a whole signal, one DawDreamer graph per part and lane.

        Parameters
        ----------
        rows : ndarray of float32, shape (channels, samples)
        sample_rate : float
            In Hz.

        Returns
        -------
        ndarray of float32, shape (channels, samples)
            Aligned with the input.
        """
        self._rate = sample_rate
        self._parts = self._plan(sample_rate, rows.shape[0])
        if not rows.shape[1]:
            return rows
        for part in self._parts:
            # Its side-chain is aligned with the run's input, and so is each part's.
            out = self._through(part, rows, sample_rate)
            if is_heard(rows) and not is_heard(out):
                self._silent.append(self._silencer(part, rows, sample_rate))
            rows = out
        return rows

    def _through(self, part: Part, rows: Rows, rate: float) -> Rows:
        key = self._key_rows(part, rate, rows.shape[1]) if part.key_inputs else None
        tails: list[float] = []
        ways = [partial(_rendered, self._sandbox, part.specs, rate, key, tails.append)] * len(rows)
        out = through_lanes(part, rows, ways)
        self._note_tail(part, max(tails, default=0.0))
        return out

    def _note_tail(self, part: Part, peak: float) -> None:
        """Keep that a part's sound goes on after the end, unless that is said to be no loss."""
        if peak > TAIL and any(spec.tail_seconds != 0 for spec in part.specs):
            self._cut_tails.append(tail_warning(part.specs, peak))

    def _key_rows(self, part: Part, rate: float, samples: int) -> Rows:
        """Return what a part's side-chain inputs get."""
        before = self._parts[: self._parts.index(part)]
        member = self._members[sum(len(earlier.specs) for earlier in before)]
        if member.key is None:
            raise PluginError(
                f"nothing feeds its side-chain {member.spec.sidechain!r}",
                where=part.specs[0].label,
                rule="side-chains are fed by the stems and buses of a session",
                remedy="render it by a session, or leave out sidechain",
            )
        return to_inputs(member.key(rate, samples), part.key_inputs)

    def _silencer(self, part: Part, rows: Rows, rate: float) -> str:
        """Return the warning that names which of a part's plugins made silence of a signal."""
        told = list(self._cut_tails)
        for spec in part.specs[:-1]:
            rows = self._through(replace(part, specs=(spec,)), rows, rate)
            self._cut_tails = told
            if not is_heard(rows):
                return silence_warning([spec])
        return silence_warning(part.specs[-1:])

    @property
    def _sandbox(self) -> Sandbox:
        return self._members[0].sandbox

    def _plan(self, rate: float, channels: int) -> list[Part]:
        specs, layouts = [], []
        for member in self._members:
            member.sandbox.begin([member.spec])  # of all at once, beside each other
        for member, place in zip(self._members, self._places, strict=True):
            try:
                spec = member.sandbox.settled(member.spec)
                specs.append(replace(spec, place=place, tail_seconds=member.tail_seconds))
                layouts.append(member.layout(rate))
            except RestorackError as error:
                if place:
                    raise error.at(place) from error
                raise
        return plan_parts(specs, layouts, channels)

    def _begin(self, sample_rate: float, channels: int) -> None:
        self._rate, self._channels = sample_rate, channels
        self._close_streams()
        self._silent, self._cut_tails = [], []
        self._parts = self._plan(sample_rate, channels)
        self._waiting: list[Rows] = []
        # pedalboard, in which plugins stream, takes none that make stereo of one channel.
        self.whole = self.whole or any(part.mono_in for part in self._parts)
        if not self.whole:
            self._streams = [
                _PartStream(part, self._sandbox, sample_rate, channels) for part in self._parts
            ]
        for finding, member in zip(self.findings()["plugins"], self._members, strict=True):
            member.note(finding)

    def _note_warnings(self) -> None:
        """Leave warnings with the first member: in nested chains they are asked, not the run."""
        found = self.findings()
        if "warnings" in found:
            member = self._members[0]
            member.note(member.findings() | {"warnings": found["warnings"]})

    def _push(self, block: Rows) -> Rows:
        if self.whole:
            self._waiting.append(block.copy())
            return block[:, :0]
        for stream in self._streams:
            block = stream.push(block)
        return block

    def _finish(self) -> Rows:
        empty = np.zeros((self._channels, 0), np.float32)
        if self.whole:
            joined = np.concatenate([empty, *self._waiting], axis=1)
            self._waiting = []
            out = self.render_whole(joined, self._rate)
            self._note_warnings()
            return out
        rests = [empty]
        for index, stream in enumerate(self._streams):
            rest = stream.finish()
            for later in self._streams[index + 1 :]:
                rest = later.push(rest)
            rests.append(rest)
        for stream in self._streams:
            self._note_tail(stream.part, stream.tail_peak)
        silent = [stream.part.specs for stream in self._streams if stream.made_silence]
        self._silent += [silence_warning(specs) for specs in silent]
        self._streams = []
        self._note_warnings()
        return np.concatenate(rests, axis=1)

    def reset(self) -> None:
        """Drop the signal state."""
        super().reset()
        self._close_streams()

    def _close_streams(self) -> None:
        for stream in self._streams:
            stream.close()
        self._streams = []
        self._waiting = []

    def __getstate__(self) -> dict[str, Any]:
        """Pickle without a stream in progress: it lives in this process's child."""
        return self.__dict__ | {"_streams": [], "_waiting": [], "_stream": None}


class _PartStream:
    """A part as a stream: one child stream per lane."""

    def __init__(self, part: Part, sandbox: Sandbox, rate: float, channels: int) -> None:
        self.part, self._channels = part, channels
        self._heard_in = self._heard_out = False
        lanes = channels if part.each else 1
        self._lanes: list[SandboxStream] = [
            sandbox.open_stream(part.specs, rate, part.width) for _ in range(lanes)
        ]

    @property
    def made_silence(self) -> bool:
        """Whether it was given a signal and has returned none."""
        return self._heard_in and not self._heard_out

    @property
    def tail_peak(self) -> float:
        """Sample value of the loudest that followed soon after the end."""
        return max(lane.tail_peak for lane in self._lanes)

    def push(self, rows: Rows) -> Rows:
        if not rows.shape[1]:
            return rows
        self._heard_in = self._heard_in or is_heard(rows)
        return self._seen(through_lanes(self.part, rows, [lane.push for lane in self._lanes]))

    def _seen(self, out: Rows) -> Rows:
        self._heard_out = self._heard_out or is_heard(out)
        return out

    def finish(self) -> Rows:
        nothing = np.zeros((self._channels, 0), np.float32)
        finishers = [partial(_finished, lane) for lane in self._lanes]
        return self._seen(through_lanes(self.part, nothing, finishers))

    def close(self) -> None:
        for lane in self._lanes:
            lane.close()


def is_heard(rows: Rows) -> bool:
    """Return whether anything in a signal is above -120 dBFS."""
    if not rows.size:
        return False
    return bool(max(rows.max(), -rows.min()) > SILENCE)  # no copies: it may be a whole file


def silence_warning(specs: Sequence[PluginSpec]) -> str:
    """Return the words for a plugin, or one of several, that made silence of a signal."""
    names = ", ".join(spec.label for spec in specs)
    which = names if len(specs) == 1 else f"one of {names}"
    return f"{which}: silence for the whole signal, though what it was given is not silent"


def tail_warning(specs: Sequence[PluginSpec], peak: float) -> str:
    """Return the words for a tail that is cut at the end of a signal."""
    names = ", ".join(spec.label for spec in specs)
    seconds = max((spec.tail_seconds or 0.0 for spec in specs), default=0.0)
    remedy = f"--tail {seconds:.3g}" if seconds else "--tail SECONDS"
    return (
        f"{names}: sound goes on after the end, at {amplitude_to_db(peak):.0f} dBFS, and is cut "
        f"there: {remedy} appends silence for it"
    )


def _engine(spec: PluginSpec, whole: bool) -> str:
    """Return what hosts a plugin."""
    if spec.kind == "clap":
        return "restorack"
    return "dawdreamer" if whole and spec.plugin is None else "pedalboard"


def _finished(lane: SandboxStream, _: Rows) -> Rows:
    return lane.finish()


def _rendered(
    sandbox: Sandbox,
    specs: Sequence[PluginSpec],
    rate: float,
    key: Rows | None,
    on_tail: Callable[[float], None],
    lane: Rows,
) -> Rows:
    return sandbox.render(specs, lane, rate, key=key, on_tail=on_tail)[0]
