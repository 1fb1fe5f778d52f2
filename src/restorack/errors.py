"""Errors that say what was wrong, where, the rule that was broken and the remedy."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, ClassVar


class RestorackError(Exception):
    """Base of every error that restorack raises on purpose.

    Parameters
    ----------
    what : str
        What was wrong, with the offending value.
    where : str
        File and line, stage, channel and position: wherever the reader has to look.
    rule : str
        The rule that was broken.
    remedy : str
        What to do about it.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, where: str = "", rule: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.rule = rule
        self.remedy = remedy
        self.of_input = False  # an input's own fault is not put to the stage that reads it

    def __str__(self) -> str:
        """Return the whole message on one line: where, what, rule, remedy."""
        head = f"{self.where}: {self.what}" if self.where else self.what
        return "; ".join(part for part in (head, self.rule, self.remedy) if part)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by fields, since errors cross process borders."""
        return (_rebuild, (type(self), self.what, self.where, self.rule, self.remedy))

    def at(self, where: str) -> RestorackError:
        """Return the same error with an outer place put before its own."""
        joined = f"{where}: {self.where}" if self.where else where
        return type(self)(self.what, where=joined, rule=self.rule, remedy=self.remedy)


def _rebuild(
    kind: type[RestorackError], what: str, where: str, rule: str, remedy: str
) -> RestorackError:
    return kind(what, where=where, rule=rule, remedy=remedy)


class ParameterError(RestorackError, ValueError):
    """A parameter that does not exist, or a value outside its type or range."""

    exit_code = 2


class UnknownAttributeError(ParameterError, AttributeError):
    """An attribute that a stage or a slot does not have."""


class StreamWarning(UserWarning):
    """A stream that ends with samples inside, or whose stage has not heard the file first."""


class RegistryError(RestorackError, LookupError):
    """A processor name that is unknown or given twice."""

    exit_code = 2


class PresetError(RestorackError, ValueError):
    """A preset or a session that does not follow the schema."""

    exit_code = 2


class AudioError(RestorackError, ValueError):
    """Audio that cannot be processed: shape, NaN, rate."""

    exit_code = 3


class AudioTypeError(RestorackError, TypeError):
    """Audio of a type that has no full scale of one: integers, objects."""

    exit_code = 3


class PluginError(RestorackError):
    """A third-party plugin that failed: not found, crashed, hung, or returned bad samples."""

    exit_code = 4


class PluginCrashError(PluginError):
    """A third-party plugin that took its process down."""


class PluginHangError(PluginError):
    """A third-party plugin that did not answer in time."""


class SandboxError(RestorackError):
    """A sandbox that this system cannot make as strict as it was asked for."""

    exit_code = 6


class FileError(RestorackError):
    """A file that cannot be read or written, or that must not be overwritten."""

    exit_code = 5


class ChecksumError(FileError):
    """A file whose samples are not those of which it holds the checksum."""


class TransferError(FileError):
    """A file that could not be brought from a store, or to it, by several attempts."""


class DiskFullError(FileError):
    """A file that could not be written because no space is left."""


class WeightsError(FileError):
    """Weights that are missing, corrupt, or do not belong to their network."""


class ConfigError(RestorackError, ValueError):
    """A training configuration that does not follow its schema."""

    exit_code = 2


class TrainingError(RestorackError):
    """A training that was refused before it began, or that failed half-way."""

    exit_code = 6


class CorpusError(RestorackError):
    """Training audio that is not there, or that was refused."""

    exit_code = 3


class RenderError(RestorackError):
    """A render that was refused before anything was written, or that failed half-way."""

    exit_code = 6


MOST_LISTED = 60
"""Options up to which an error lists all of them."""

MOST_NEAR = 5
"""Options that an error names where it does not list all. By hand."""


def suggest(name: str, options: Iterable[str]) -> str:
    """Return ``did you mean ...?`` for the nearest option, or the list of options.

    Parameters
    ----------
    name : str
        What was written.
    options : iterable of str
        What would have been right.

    Returns
    -------
    str
        One sentence for an error's remedy, empty where there are no options; of many options the
        nearest.
    """
    known = sorted(set(options))
    lowered = {option.lower(): option for option in known}
    close = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    if close:
        return f"did you mean {lowered[close[0]]!r}?"
    if len(known) > MOST_LISTED:
        near = difflib.get_close_matches(name.lower(), lowered, n=MOST_NEAR, cutoff=0.0)
        shown = ", ".join(lowered[option] for option in near)
        return f"nearest of the {len(known)} known: {shown}"
    return f"known: {', '.join(known)}" if known else ""


_UNITS = {
    "hz": "Hz",
    "khz": "kHz",
    "ms": "ms",
    "s": "s",
    "sec": "s",
    "seconds": "s",
    "samples": "samples",
    "db": "dB",
    "dbfs": "dBFS",
    "dbtp": "dBTP",
    "lufs": "LUFS",
    "percent": "percent",
}


def suggest_parameter(name: str, options: Iterable[str]) -> str:
    """Return :func:`suggest`'s sentence for a parameter, and its unit where that was mistaken.

    Parameters
    ----------
    name : str
        What was written, such as ``attack_s``.
    options : iterable of str
        The parameters there are, such as ``attack_ms``.
    """
    known = sorted(set(options))
    stem, _, unit = name.lower().rpartition("_")
    if unit not in _UNITS:
        return suggest(name, known)
    twins = [option for option in known if stem and option.lower().rpartition("_")[0] == stem]
    sentence = f"did you mean {twins[0]!r}?" if twins else suggest(name, known)
    meant = sentence.removeprefix("did you mean '").removesuffix("'?")
    own = meant.lower().rpartition("_")[2]
    if sentence.endswith("?") and own in _UNITS and own != unit:
        return f"{sentence} (in {_UNITS[own]})"
    return sentence
