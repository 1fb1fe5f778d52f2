"""PREMIS 3 of a render: its files, an event for each stage, and what did it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from restorack.archive.statement import Statement, file_sha512
from restorack.render.identity import weights_hash
from restorack.render.result import RenderResult, StageReport

NAMESPACE = "http://www.loc.gov/premis/v3"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_SCHEMA = f"{NAMESPACE} http://www.loc.gov/standards/premis/v3/premis.xsd"
_FAMILY = uuid.UUID("6f8c1c3e-58c5-5a51-93bb-0d1f3c8b7a78")
"""Of the identifiers made here: those of equal files and equal events are equal."""


@dataclass(frozen=True)
class FileObject:
    """A file of a render.

    Attributes
    ----------
    role : str
        ``source``, ``restored`` or ``removed``.
    path : Path
    sha512 : str
    size : int
        In bytes.
    format : str
    place : str
        Tells files apart that hold the same, as in a batch.
    """

    role: str
    path: Path
    sha512: str
    size: int
    format: str
    place: str = ""

    @classmethod
    def of(cls, role: str, path: Path, place: str = "") -> FileObject:
        """Return the object of a file that is there."""
        from restorack.io.reader import AudioReader

        with AudioReader(path) as reader:
            form = f"{reader.info.format} {reader.info.subtype}"
        return cls(role, path, file_sha512(path), path.stat().st_size, form, place)

    @property
    def identifier(self) -> str:
        """A UUID that follows from role, content and place."""
        return str(uuid.uuid5(_FAMILY, f"{self.role} {self.sha512} {self.place}".rstrip()))


def premis_object(file: FileObject, source: FileObject | None, event: str) -> Any:
    """Return the PREMIS object of a file.

    Parameters
    ----------
    file : FileObject
    source : FileObject or None
        What it was derived from.
    event : str
        Identifier of the event that made it.
    """
    element = _root("object", {f"{{{_XSI}}}type": "premis:file"})
    _pair(element, "objectIdentifier", "objectIdentifierType", "UUID",
          "objectIdentifierValue", file.identifier)  # fmt: skip
    about = _add(element, "objectCharacteristics")
    fixity = _add(about, "fixity")
    _add(fixity, "messageDigestAlgorithm", "SHA-512")
    _add(fixity, "messageDigest", file.sha512)
    _add(fixity, "messageDigestOriginator", "restorack")
    _add(about, "size", str(file.size))
    _add(_add(_add(about, "format"), "formatDesignation"), "formatName", file.format)
    _add(element, "originalName", file.path.name)
    if source is not None:
        relation = _add(element, "relationship")
        _add(relation, "relationshipType", "derivation")
        _add(relation, "relationshipSubType", "has source")
        _pair(relation, "relatedObjectIdentifier", "relatedObjectIdentifierType", "UUID",
              "relatedObjectIdentifierValue", source.identifier)  # fmt: skip
        _pair(relation, "relatedEventIdentifier", "relatedEventIdentifierType", "UUID",
              "relatedEventIdentifierValue", event)  # fmt: skip
    return element


def stage_events(
    result: RenderResult, source: FileObject, output: FileObject, moment: datetime
) -> list[Any]:
    """Return an event for each stage of a render, in order.

    Parameters
    ----------
    result : RenderResult
    source, output : FileObject
    moment : datetime
        When it ended.
    """
    steps = [(name, stage) for stage in result.stages for name in stage.stages]
    return [
        _event(
            event_identifier(output, f"stage {number}"),
            "modification",
            moment,
            f"stage {number} of {result.preset or 'the chain'}: {name}",
            "success",
            f"rendered by {stage.engine}; latency of {stage.latency_samples} samples compensated",
            [source, output],
            _agent_of(stage),
        )
        for number, (name, stage) in enumerate(steps, 1)
    ]


def statement_event(statement: Statement, files: list[FileObject], moment: datetime) -> Any:
    """Return the event of comparing restored plus removed with the source."""
    hashes = "; ".join(f"{file.role} file sha512:{file.sha512}" for file in files)
    outcome = {True: "pass", False: "fail", None: "not applicable"}[statement.holds]
    return _event(
        event_identifier(files[1], "statement"), "validation", moment,
        "restored + removed == source, read back from the files",
        outcome, f"{statement.words}; {hashes}", files, "restorack",
    )  # fmt: skip


def batch_event(
    source: FileObject, outputs: list[FileObject], moment: datetime, recipe: str, agent: str
) -> Any:
    """Return the event of the render of one file of a batch.

    Parameters
    ----------
    source : FileObject
    outputs : list of FileObject
        The restored file first.
    moment : datetime
        When the batch noted its end.
    recipe : str
        Name and hash of what was done.
    agent : str
        Name of the software with its version.
    """
    return _event(
        event_identifier(outputs[0], "batch"), "modification", moment,
        f"render by the recipe {recipe}", "success",
        "hashes of source and outputs are those that the batch has noted",
        [source, *outputs], agent,
    )  # fmt: skip


def software(name: str, version: str) -> Any:
    """Return the agent of a version of the software; versions are agents of their own."""
    return _agent(f"{name} {version}", version, "")


def event_identifier(output: FileObject, what: str) -> str:
    """Return the identifier of an event in the making of a file."""
    return str(uuid.uuid5(_FAMILY, f"{what} of {output.sha512} {output.place}".rstrip()))


def agents(result: RenderResult) -> list[Any]:
    """Return the agents of a render: restorack with its weights, and what hosts its plugins."""
    found = [_agent("restorack", result.version, f"weights sha256:{weights_hash()}")]
    hosts = {_agent_of(stage) for stage in result.stages} - {"restorack"}
    return found + [_agent(name, _version(name), "") for name in sorted(hosts)]


def _agent_of(stage: StageReport) -> str:
    return stage.engine.partition(" ")[0]


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "unknown"


def _agent(name: str, version: str, note: str) -> Any:
    element = _root("agent")
    _pair(element, "agentIdentifier", "agentIdentifierType", "software name",
          "agentIdentifierValue", name)  # fmt: skip
    _add(element, "agentName", name)
    _add(element, "agentType", "software")
    _add(element, "agentVersion", version)
    if note:
        _add(element, "agentNote", note)
    return element


def _event(
    identifier: str, kind: str, moment: datetime, detail: str, outcome: str, note: str,
    files: list[FileObject], agent: str,
) -> Any:  # fmt: skip
    element = _root("event")
    _pair(element, "eventIdentifier", "eventIdentifierType", "UUID",
          "eventIdentifierValue", identifier)  # fmt: skip
    _add(element, "eventType", kind)
    _add(element, "eventDateTime", moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    _add(_add(element, "eventDetailInformation"), "eventDetail", detail)
    information = _add(element, "eventOutcomeInformation")
    _add(information, "eventOutcome", outcome)
    _add(_add(information, "eventOutcomeDetail"), "eventOutcomeDetailNote", note)
    linked = _pair(element, "linkingAgentIdentifier", "linkingAgentIdentifierType",
                   "software name", "linkingAgentIdentifierValue", agent)  # fmt: skip
    _add(linked, "linkingAgentRole", "executing program")
    for file in files:
        linked = _pair(element, "linkingObjectIdentifier", "linkingObjectIdentifierType", "UUID",
                       "linkingObjectIdentifierValue", file.identifier)  # fmt: skip
        role = "source" if file.role == "source" else "outcome"
        _add(linked, "linkingObjectRole", role)
    return element


def _root(name: str, attributes: dict[str, str] | None = None) -> Any:
    from lxml import etree

    names = {"premis": NAMESPACE, "xsi": _XSI}
    given = {"version": "3.0", f"{{{_XSI}}}schemaLocation": _SCHEMA} | (attributes or {})
    return etree.Element(f"{{{NAMESPACE}}}{name}", given, nsmap=names)


def _add(parent: Any, name: str, text: str | None = None) -> Any:
    from lxml import etree

    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    element.text = text
    return element


def _pair(parent: Any, name: str, first: str, one: str, second: str, other: str) -> Any:
    element = _add(parent, name)
    _add(element, first, one)
    _add(element, second, other)
    return element
