"""The page as HTML: what recordings say of themselves goes through a template that escapes it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from restorack.reports.listening.bundle import policy, script, style, web
from restorack.reports.listening.overview import Overview
from restorack.text import json_safe, visible
from restorack.version import __version__


@dataclass(frozen=True)
class PageTrack:
    """A track as the page has it.

    Attributes
    ----------
    name : str
        Of its file, should it be saved; unique in the recording.
    label : str
    kind : {"reference", "before", "after", "difference", "stage"}
    overview : Overview
    mime : str
    segments : list of dict
        ``start``, ``samples`` and ``lead`` of each, with its ``data`` as bytes, or the ``file``
        and ``key`` of the script beside the page that has it.
    """

    name: str
    label: str
    kind: str
    overview: Overview
    mime: str
    segments: list[dict[str, Any]]


@dataclass(frozen=True)
class PresetNotes:
    """What a preset did to a recording: a line for each stage, and its text."""

    name: str
    stages: list[tuple[str, str]]
    warnings: list[str] = field(default_factory=list)
    text: str = ""


@dataclass(frozen=True)
class Fact:
    """A line of "Files and versions"."""

    name: str
    text: str
    is_hash: bool = False
    link: str = ""


@dataclass(frozen=True)
class PageRecording:
    """A recording as the page shows it.

    Attributes
    ----------
    name : str
    rate : int
        Of its audio, in Hz.
    samples : int
        Length of all tracks.
    tracks : list of PageTrack
        The first is what the others are compared with.
    markers : list of (seconds, length in seconds, index of the kind)
    marker_kinds : list of str
    presets : list of PresetNotes
    heads, rows : list
        Of the measurements: column heads; name and cells of each row.
    facts : list of Fact
    reason : str
        Why the preset was chosen; empty where a person did.
    """

    name: str
    rate: int
    samples: int
    tracks: list[PageTrack]
    markers: list[tuple[float, float, int]] = field(default_factory=list)
    marker_kinds: list[str] = field(default_factory=list)
    presets: list[PresetNotes] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    rows: list[tuple[str, list[str]]] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    reason: str = ""


def page_html(
    title: str, recordings: Sequence[PageRecording], summary: Mapping[str, Any] | None = None
) -> str:
    """Return the page.

    Parameters
    ----------
    title : str
    recordings : sequence of PageRecording
        At least one.
    summary : dict, optional
        JSON-ready: what an index of many pages says of this one.
    """
    audios: list[dict[str, str]] = []
    data = {"version": 1, "recordings": [_data(one, audios) for one in recordings]}
    beside = any("file" in part for one in recordings for t in one.tracks for part in t.segments)
    text, look = script(), style()
    return render_template(
        "page.html.jinja",
        policy=policy(text, look, beside=beside),
        title=visible(title),
        version=__version__,
        style=look,
        script=text,
        summary=json_safe(json.dumps(summary, ensure_ascii=False)) if summary else "",
        data=json_for_script(data),
        audios=audios,
        recordings=[_shown(one) for one in recordings],
    )


def render_template(name: str, **values: Any) -> str:
    """Return a template with its values; every text is escaped but style, script and data."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string((web() / name).read_text(encoding="utf-8"))
    trusted = {"style", "script", "data"} & set(values)  # files of ours, and JSON made for a script
    return template.render(values | {key: Markup(values[key]) for key in trusted})  # noqa: S704


def json_for_script(data: Any) -> str:
    """Return JSON that can stand in a script element, whatever its strings say."""
    text = json_safe(json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _data(recording: PageRecording, audios: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "name": visible(recording.name),
        "rate": recording.rate,
        "samples": recording.samples,
        "tracks": [_track_data(track, recording.samples, audios) for track in recording.tracks],
        "markers": [[round(at, 5), round(long, 6), kind] for at, long, kind in recording.markers],
        "marker_kinds": [visible(kind) for kind in recording.marker_kinds],
    }  # fmt: skip


def _track_data(track: PageTrack, samples: int, audios: list[dict[str, str]]) -> dict[str, Any]:
    segments = []
    for part in track.segments:
        place = {key: value for key, value in part.items() if key != "data"}
        if "data" in part:
            place["element"] = f"audio-{len(audios)}"
            encoded = base64.b64encode(part["data"]).decode()
            audios.append({"id": place["element"], "base64": encoded})
        segments.append(place)
    return {
        "id": track.name, "label": visible(track.label), "kind": track.kind, "mime": track.mime,
        "samples": samples, "segments": segments, **track.overview.to_dict(),
    }  # fmt: skip


def _shown(recording: PageRecording) -> dict[str, Any]:
    """Return what the template shows of a recording."""
    return {
        "name": visible(recording.name),
        "reason": visible(recording.reason),
        "presets": [
            {
                "name": visible(notes.name),
                "stages": [{"name": visible(a), "text": visible(b)} for a, b in notes.stages],
                "warnings": [visible(text) for text in notes.warnings],
                "text": visible(notes.text),
            }
            for notes in recording.presets
        ],
        "measures": {
            "heads": [visible(head) for head in recording.heads],
            "rows": [{"name": name, "cells": cells} for name, cells in recording.rows],
        },
        "facts": [
            {"name": visible(fact.name), "text": visible(fact.text), "is_hash": fact.is_hash,
             "link": fact.link}
            for fact in recording.facts
        ],
    }  # fmt: skip
