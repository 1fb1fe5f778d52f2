"""Host every plugin that is installed: a verdict each, and VST3 compared with pedalboard by bits.

    python benchmarks/hosting.py [--kind vst3|clap|lv2] [--only TEXT] [--seconds 1.0] [--json FILE]
        [--resume]

Every plugin is loaded, described and rendered twice with its parameters at their defaults, in a
sandbox, which starts anew after a crash. pedalboard renders the same signal in another
process, as its own documentation shows, but with our buffer of 512 samples, on which some plugins
depend: ``load_plugin(path)(audio, rate, buffer_size=512)``. A plugin that takes no stereo gets each
channel on its own there too. A trial of hundreds may go in pieces: with ``--resume``, plugins that
have a verdict in the JSON file keep it.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import amplitude_to_db
from restorack.errors import PluginCrashError, PluginError, PluginHangError, RestorackError
from restorack.hosting.engines.probing import lag_of
from restorack.hosting.engines.streaming import BLOCK
from restorack.hosting.installed import (
    installed_clap,
    installed_lv2,
    installed_vst3,
    unreadable_lv2,
)
from restorack.hosting.sandbox import Sandbox
from restorack.hosting.spec import Kind, PluginSpec
from restorack.hosting.stage import HostedPlugin
from restorack.io.atomic import write_whole
from restorack.testing.signals import worn_music

RATE = 44_100
KINDS = ("vst3", "clap", "lv2")
TIMEOUT = 60.0
"""Seconds that a plugin may take for each answer, in both hosts."""

PEDALBOARD = """
import sys, numpy as np, pedalboard
path, name, source, target = sys.argv[1:]
plugin = pedalboard.load_plugin(path, plugin_name=name or None)
audio = np.load(source)
try:
    out = plugin(audio, {rate}, buffer_size={block})
except ValueError:  # it takes no stereo: each channel by a plugin of its own
    plugins = [pedalboard.load_plugin(path, plugin_name=name or None) for _ in audio]
    pairs = zip(plugins, audio)
    out = np.stack([plugin(channel, {rate}, buffer_size={block}) for plugin, channel in pairs])
np.save(target, out)
"""


@dataclass
class Verdict:
    """Verdict on a plugin.

    Attributes
    ----------
    kind, name : str
    verdict : str
        ``works``, ``refused``, ``instrument``, ``crash``, ``hang`` or ``unreadable``.
    detail : str
        Why it does not work, or what to know of it.
    channels : str
        As the signal went through it.
    lag : int or None
        Samples by which the output lags after its latency was taken off; None: not alike enough.
    repeatable : bool or None
    pedalboard : str
        ``identical``, ``differs by N dB``, or how it fails; empty for CLAP and LV2.
    seconds : float
        For all of it, pedalboard's part not counted.
    """

    kind: str
    name: str
    verdict: str = "works"
    detail: str = ""
    channels: str = ""
    lag: int | None = None
    repeatable: bool | None = None
    pedalboard: str = ""
    seconds: float = 0.0


def installed(sandbox: Sandbox, kinds: Sequence[str]) -> Iterator[tuple[str, PluginSpec]]:
    """Yield every plugin by the name that presets write, those of bundles of several each."""
    files: list[tuple[Kind, dict[str, Path]]] = [
        ("vst3", installed_vst3()), ("clap", installed_clap()),
    ]  # fmt: skip
    for kind, name, path in (
        (kind, *one) for kind, found in files if kind in kinds for one in sorted(found.items())
    ):
        spec = PluginSpec(kind, str(path))
        try:
            inside = sandbox.plugins_in(spec)
        except RestorackError:
            inside = []  # the trial itself says why
        if len(inside) < 2:
            yield name, spec
        for plugin in inside if len(inside) > 1 else ():
            yield f"{name}#{plugin}", PluginSpec(kind, str(path), plugin=plugin)
    for uri in sorted(installed_lv2()) if "lv2" in kinds else ():
        yield uri, PluginSpec("lv2", uri)


def tried(sandbox: Sandbox, name: str, spec: PluginSpec, audio: Rows) -> Verdict:
    """Load and render a plugin twice, compare it with pedalboard."""
    found = Verdict(spec.kind, name)
    began = perf_counter()
    out: Rows | None = None
    try:
        plugin = HostedPlugin(spec, sandbox)
        plugin.describe()
        out = plugin(audio, RATE)
        found.channels = str(plugin.findings()["channels"])
        found.lag = lag_of(out, audio)
        again = HostedPlugin(spec, sandbox)(audio, RATE)
        found.repeatable = bool(np.array_equal(out, again))
        found.detail = "; ".join(plugin.findings().get("warnings", []))
    except RestorackError as error:
        found.verdict, found.detail = _failing(error), error.what
    found.seconds = round(perf_counter() - began, 2)
    if spec.kind == "vst3":
        found.pedalboard = compared(spec, audio, out)
    return found


def _failing(error: RestorackError) -> str:
    if isinstance(error, PluginHangError):
        return "hang"
    if isinstance(error, PluginCrashError):
        return "crash"
    return (
        "instrument" if isinstance(error, PluginError) and "instrument" in error.what else "refused"
    )


def compared(spec: PluginSpec, audio: Rows, own: Rows | None) -> str:
    """Return how pedalboard's output, made in a process of its own, differs from ours."""
    theirs = by_pedalboard(spec, audio)
    if not isinstance(theirs, str) and not np.isfinite(theirs).all():
        theirs = "gives NaN or infinity"
    if isinstance(theirs, str) or own is None:
        return theirs if isinstance(theirs, str) else "works"
    if theirs.shape != own.shape:
        return f"gives {theirs.shape}"
    apart = float(np.abs(theirs - own).max())
    return "identical" if apart == 0 else f"differs by {amplitude_to_db(apart):.0f} dBFS"


def by_pedalboard(spec: PluginSpec, audio: Rows) -> Rows | str:
    """Return what pedalboard makes of a signal, or how it fails."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "in.npy"), Path(folder, "out.npy")
        np.save(source, audio)
        command = [sys.executable, "-c", PEDALBOARD.format(rate=RATE, block=BLOCK), spec.reference,
                   spec.plugin or "", str(source), str(target)]  # fmt: skip
        try:
            ended = subprocess.run(
                command, capture_output=True, text=True, timeout=4 * TIMEOUT, check=False
            )
        except subprocess.TimeoutExpired:
            return "hangs"
        if target.exists():
            return np.asarray(np.load(target), np.float32)
        said = ended.stderr.strip().splitlines()
        lines = [text for text in said if "Error: " in text] or said or ["no reason"]
        signalled = f"ends with signal {-ended.returncode}"
        return signalled if ended.returncode < 0 else f"refuses: {lines[-1][:80]}"


def main() -> int:
    """Try everything, print a line each, then how many of each verdict there are."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kind", choices=KINDS, help="only these")
    parser.add_argument("--only", default="", help="only names in which this regular expression is")
    parser.add_argument("--seconds", type=float, default=1.0, help="of worn music (1.0)")
    parser.add_argument("--json", type=Path, help="write every verdict there, one by one")
    parser.add_argument("--resume", action="store_true", help="try none that has one there")
    given = parser.parse_args()
    audio = worn_music(RATE, given.seconds, 2)
    kinds = [given.kind] if given.kind else list(KINDS)
    sandbox = Sandbox(TIMEOUT)
    only = re.compile(given.only, re.IGNORECASE)
    verdicts = earlier(given.json) if given.resume else []
    known = {(verdict.kind, verdict.name) for verdict in verdicts}
    wanted = [(name, spec) for name, spec in installed(sandbox, kinds)
              if only.search(name) and (spec.kind, name) not in known]  # fmt: skip
    for name, spec in wanted:
        verdicts.append(tried(sandbox, name, spec, audio))
        print(line(verdicts[-1]), flush=True)
        save(verdicts, given.json)
    sandbox.close()
    if "lv2" in kinds and not given.only:
        verdicts = [one for one in verdicts if one.verdict != "unreadable"]
        verdicts += [Verdict("lv2", str(bundle), "unreadable", reason)
                     for bundle, reason in unreadable_lv2().items()]  # fmt: skip
        save(verdicts, given.json)
    for kind in kinds:
        print(summary(kind, [verdict for verdict in verdicts if verdict.kind == kind]))
    return 0


def earlier(path: Path | None) -> list[Verdict]:
    """Return the verdicts of an earlier piece of the trial."""
    if path is None or not path.exists():
        return []
    return [Verdict(**fields) for fields in json.loads(path.read_text())]


def save(verdicts: Sequence[Verdict], path: Path | None) -> None:
    """Write the verdicts so far, whole or not at all."""
    if path is not None:
        write_whole(path, json.dumps([asdict(verdict) for verdict in verdicts], indent=1).encode())


def line(found: Verdict) -> str:
    """Return a verdict in one line."""
    late = f"lag {found.lag}" if found.lag else ""
    random = "not repeatable" if found.repeatable is False else ""
    parts = [found.verdict, found.channels, late, random, found.detail[:100]]
    if found.pedalboard:
        parts.append(f"pedalboard: {found.pedalboard}")
    return f"{found.kind} {found.name}: {'; '.join(filter(None, parts))} ({found.seconds} s)"


def summary(kind: str, verdicts: Sequence[Verdict]) -> str:
    """Return how many plugins of a kind have which verdict."""
    counts = Counter(verdict.verdict for verdict in verdicts)
    works = [verdict for verdict in verdicts if verdict.verdict == "works"]
    text = [
        f"{kind}: {len(verdicts)} plugins",
        *(f"{n} {name}" for name, n in counts.most_common()),
    ]
    text += [
        f"{sum(v.lag == 0 for v in works)} aligned", f"{sum(v.lag is None for v in works)} unlike",
        f"{sum(bool(v.repeatable) for v in works)} repeatable",
    ]  # fmt: skip
    if kind == "vst3":
        same = Counter(v.pedalboard.partition(" ")[0].rstrip(":") for v in verdicts)
        text.append("pedalboard " + ", ".join(f"{n} {word}" for word, n in same.most_common()))
    return ", ".join(text)


if __name__ == "__main__":
    sys.exit(main())
