"""What a hosted plugin is: a reference, its parameters, its state."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

Kind: TypeAlias = Literal["vst3", "clap", "lv2", "faust"]
Value: TypeAlias = "float | bool | str"
Breakpoints: TypeAlias = Sequence[Sequence[float]]


@dataclass(frozen=True)
class PluginSpec:
    """A third-party plugin or Faust program, as a preset names it.

    Parameters
    ----------
    kind : {"vst3", "clap", "lv2", "faust"}
    reference : str
        VST3, CLAP: a name that the scanner knows, or a path. LV2: a URI. Faust: the program's code.
    params : mapping
        Parameter name to value, in the parameter's own unit.
    state : str, optional
        Path of a ``.vstpreset`` or a raw state, loaded before the parameters are set.
    state_base64 : str, optional
        Such a state itself, written in base64, instead of a path.
    program : str or int, optional
        Name of one of the plugin's own programs, or its number, from 1; chosen first.
    automation : mapping
        Parameter name to ``[seconds, value]`` pairs.
    optional : bool
        Not installed: skipped and reported, instead of an error.
    file : str, optional
        For Faust: where the code was read from.
    timeout_s : float, optional
        Seconds that it has for each answer: to load, to render a signal, or a block of a stream.
        Without it the sandbox' own: 60 s to load, and 5 s more for each second of audio.
    sidechain : str, optional
        Which stem or bus of a session its side-chain inputs hear.
    place : str, optional
        Where it stands, for errors: ``stage 3 (zamcompx2)``.
    folder : str, optional
        For Faust: inside of which it may import files; without it, the Faust libraries alone.
    imports : tuple of str
        For Faust: the files that were imported, and worked into the code.
    from_preset : bool
        A preset or a session names it by path: it is loaded only where the user allowed that; see
        :mod:`restorack.hosting.trust`.
    plugin : str, optional
        For a VST3 bundle or a CLAP file that holds several: the one that is meant.
    latency_samples : int, optional
        By how much its output lags, at every rate, whatever it reports.
    tail_seconds : float, optional
        How long it rings on after its input; 0: what is cut at the end is no loss.
    band : int, optional
        For a plugin that splits what it takes, such as a crossover: which part it gives, from 1.
    settle : bool
        Each parameter is sent once after loading: what the plugin is at first is not what it
        shows.
    ports : sequence of mapping
        For LV2: what its Turtle says of its control inputs; see :mod:`restorack.hosting.lv2.ports`.
    """

    kind: Kind
    reference: str
    params: Mapping[str, Value] = field(default_factory=dict)
    state: str | None = None
    automation: Mapping[str, Breakpoints] = field(default_factory=dict)
    optional: bool = False
    file: str | None = None
    state_base64: str | None = None
    program: str | int | None = None
    timeout_s: float | None = None
    sidechain: str | None = None
    place: str | None = None
    folder: str | None = None
    imports: Sequence[str] = ()
    from_preset: bool = False
    plugin: str | None = None
    latency_samples: int | None = None
    tail_seconds: float | None = None
    band: int | None = None
    settle: bool = False
    ports: Sequence[Mapping[str, Any]] = ()

    @property
    def label(self) -> str:
        """What errors call the plugin."""
        return f"{self.place}: {self._name}" if self.place else self._name

    @property
    def _name(self) -> str:
        if self.kind == "faust":
            return f"faust {self.file}" if self.file else "faust code"
        return f"{self.kind} {self.reference}{f' ({self.plugin})' if self.plugin else ''}"

    def to_message(self) -> dict[str, Any]:
        """Return the fields as JSON-ready values, NumPy's scalars and arrays included."""
        message: dict[str, Any] = _plain(asdict(self))
        return message

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> PluginSpec:
        """Return the spec that :meth:`to_message` described."""
        return cls(**message)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return value


BY_PATH = {"vst3": ".vst3", "clap": ".clap"}
"""Kinds of plugins that are files, and how their names end."""


def split_vst3(text: str) -> tuple[str, str | None]:
    """Return bundle or file, and plugin, of ``BUNDLE#PLUGIN``, the form of the command line."""
    bundle, sign, plugin = text.rpartition("#")
    if not (sign and bundle and plugin) or text.lower().endswith(tuple(BY_PATH.values())):
        return text, None
    return bundle, plugin


def hosted_name(
    kind: str, reference: str, file: str | None = None, plugin: str | None = None
) -> str:
    """Return what a chain calls a hosted stage: its bundle, the end of its URI, its file.

    A fragment says which of a family it is, as in ``darc#stereo``: both are the name.
    """
    if kind == "faust":
        return Path(file).stem.lower() if file else "faust"
    if kind in BY_PATH:
        own = re.sub(r"[\W_]+", "_", plugin or "").strip("_")
        return own.lower() or Path(reference).stem.lower()
    address, _, fragment = reference.rstrip("/").partition("#")
    parts = [re.split(r"[/:]", address.rstrip("/"))[-1], fragment]
    return "_".join(part for part in parts if part).lower()
