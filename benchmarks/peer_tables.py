"""The tables of benchmarks/peers.py: quality by condition, speed, hosting."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from measuring import run, synthesise
from peer_list import Peer

from restorack.dsp.decibels import amplitude_to_db

FIGURES = {
    "clean": ("snr_db", "transient_correlation"),
    "clicks": ("si_sdr_gain_db", "impulse_removal_rate", "long_impulse_removal_rate",
               "residual_clicks_db", "damage_outside_clicks_db", "log_spectral_distance"),
    "noise": ("si_sdr_gain_db", "noise_attenuation_db", "weak_partials_db",
              "log_spectral_distance"),
    "all": ("si_sdr_gain_db", "impulse_removal_rate", "noise_attenuation_db", "weak_partials_db",
            "log_spectral_distance"),
}  # fmt: skip
HEADS = {
    "snr_db": "change, dB below the music", "transient_correlation": "transients",
    "si_sdr_gain_db": "SI-SDR gain, dB", "impulse_removal_rate": "clicks removed",
    "long_impulse_removal_rate": "of 1 ms and more", "residual_clicks_db": "clicks left, dB",
    "damage_outside_clicks_db": "damage between, dB", "log_spectral_distance": "LSD",
    "noise_attenuation_db": "noise taken off, dB", "weak_partials_db": "weak partials, dB",
    "zimtohrli": "Zimtohrli",
}  # fmt: skip


@dataclass
class Results:
    """Medians and worst of every tool, by condition; and notes on those that are not there."""

    figures: dict[str, list[tuple[str, bool, dict[str, dict[str, float]], str]]]
    notes: list[str]

    def score(self, name: str, clip: bool, source: Path, outputs: Path) -> None:
        """Score a tool's outputs."""
        from restorack.bench.manifest import read_manifest
        from restorack.bench.scoring import as_entries, score_set
        from restorack.reports.figures import summarise

        more = ["zimtohrli"] if importlib.util.find_spec("zimtohrli") else []
        for condition, entry in read_manifest(source).conditions.items():
            if not (outputs / condition).is_dir():
                continue
            wanted = [*FIGURES[entry.kind], *more]
            score = score_set(source, outputs, [condition], wanted)[condition]
            summary = summarise(as_entries({condition: score}))
            faults = {fault: count for fault, count in score.faults().items() if count}
            said = ", ".join(f"{n} {fault.replace('_', ' ')}" for fault, n in faults.items())
            self.figures.setdefault(condition, []).append((name, clip, summary, said))

    def tables(self, source: Path) -> Iterator[str]:
        """Yield a section for each condition."""
        from restorack.bench.manifest import read_manifest

        made = read_manifest(source)
        for condition, rows in self.figures.items():
            entry = made.conditions[condition]
            columns = [*FIGURES[entry.kind]]
            if any("zimtohrli" in summary for _, _, summary, _ in rows):
                columns.append("zimtohrli")
            yield f"\n### {condition}: {entry.about}\n"
            yield "| | noise known | " + " | ".join(HEADS[name] for name in columns) + " |"
            yield "|" + "---|" * (len(columns) + 2)
            for name, clip, summary, faults in rows:
                cells = [_figure(name, summary.get(name)) for name in columns]
                known = "by a clip" if clip else ""
                label = f"{name} ({faults})" if faults else name
                yield f"| {label} | {known} | " + " | ".join(cells) + " |"


def _figure(name: str, found: dict[str, float] | None) -> str:
    if found is None:
        return ""
    digits = 1 if name.endswith("_db") else 2
    text = f"{found['median']:.{digits}f}"
    return f"{text} ({found['worst']:.{digits}f})" if name == "si_sdr_gain_db" else text


def speeds(found: Sequence[Peer], folder: Path) -> Iterator[str]:
    """Yield the table of speed and memory, on a minute of mono with a lead-in."""
    worn = folder / "worn.wav"
    synthesise(worn, 60, 1)
    yield "\n## Speed and memory\n"
    yield ("One minute of mono at 44.1 kHz in a process of its own, one core, one thread; seconds "
           "of the processor, libraries without their start.\n")  # fmt: skip
    yield "| | noise known | s per minute | x real time per core | peak MB |"
    yield "|---|---|---|---|---|"
    for peer in found:
        if peer.commands is None:
            continue
        [command] = peer.commands([(worn, folder / "out.wav")])
        try:
            done = min((run(command) for _ in range(2)), key=lambda one: one.cpu_seconds)
        except subprocess.CalledProcessError:
            continue
        known, seconds = "by a clip" if peer.clip else "", done.cpu_seconds
        figures = f"{seconds:.2f} | {60 / seconds:.0f} | {done.peak_mb:.0f}"
        yield f"| {peer.name} | {known} | {figures} |"


def hosting(folder: Path, plugin: str) -> Iterator[str]:
    """Yield the table of hosts: one VST3 plugin over a minute of stereo, file to file."""
    import numpy as np
    import soundfile

    path = next((p for p in (Path("/usr/lib/vst3"), Path.home() / ".vst3")
                 if (p / f"{plugin}.vst3").exists()), None)  # fmt: skip
    yield "\n## Hosting\n"
    if path is None:
        yield f"The plugin {plugin} is not installed."
        return
    bundle = str(path / f"{plugin}.vst3")
    source = folder / "stereo.wav"
    synthesise(source, 60, 2)
    script = str(Path(__file__).with_name("peer_tools.py"))
    lines = {
        "pedalboard": [sys.executable, script, f"pedalboard:{bundle}"],
        "restorack": [sys.executable, "-m", "restorack", "render", "--stage", f"vst3={bundle}",
                      "--force", "-q"],
        "minihost": [sys.executable, "-m", "minihost.cli", "process", bundle, "-y"],
    }  # fmt: skip
    yield (f"One minute of stereo through {plugin} with its defaults, file to file, start "
           "included. restorack hosts it in a child process.\n")  # fmt: skip
    yield "| | s of the processor | peak MB | largest difference from pedalboard |"
    yield "|---|---|---|---|"
    truth = None
    for name, line in lines.items():
        if importlib.util.find_spec(name) is None:
            yield f"| {name} | not installed | | |"
            continue
        target = folder / f"{name}.wav"
        ends = {"pedalboard": [str(source), str(target)],
                "restorack": [str(source), "-o", str(target)],
                "minihost": ["-i", str(source), "-o", str(target)]}  # fmt: skip
        done = run([*line, *ends[name]], with_start=True)
        audio, _ = soundfile.read(target)
        truth = audio if truth is None else truth
        count = min(len(audio), len(truth))
        apart = float(np.abs(audio[:count] - truth[:count]).max())
        level = f"{amplitude_to_db(apart):.0f} dBFS" if apart else "none"
        more = f", {len(audio) - len(truth)} samples longer" if len(audio) != len(truth) else ""
        version = metadata.version(name)
        yield f"| {name} {version} | {done.cpu_seconds:.1f} | {done.peak_mb:.0f} | {level}{more} |"
