"""Render MIDI with FluidSynth, within bounds of time and size."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.errors import CorpusError
from restorack.system.limits import bounded_files

TIMEOUT_S = 120.0
"""For one piece, many times what the longest takes; a hostile MIDI file ends here."""
LARGEST_BYTES = 400_000_000
"""A score can make a soundfont ring for ever: such a file once grew to 36 GB."""

FOLDERS = (Path("/usr/share/sounds/sf2"), Path("/usr/share/soundfonts"))


@dataclass(frozen=True)
class Soundfont:
    """A soundfont that is installed.

    Attributes
    ----------
    path : Path
    licence, attribution : str
    """

    path: Path
    licence: str
    attribution: str


_KNOWN: dict[str, tuple[str, str]] = {
    "MuseScore_General_Full.sf2": ("MIT", "S. Christian Collins, Frank Wen and others"),
    "FluidR3_GM.sf2": ("MIT", "Frank Wen"),
    "FluidR3_GS.sf2": ("MIT", "Frank Wen"),
    "TimGM6mb.sf2": ("GPL-2", "Tim Brechbill"),
}
"""Debian's packages musescore-general-soundfont-lossless, fluid-soundfont-gm and -gs, timgm6mb."""

_INCOMPLETE = ("FluidR3_GS.sf2",)


def find_soundfonts(folders: Sequence[Path] = FOLDERS) -> list[Soundfont]:
    """Return the known soundfonts that have all of General MIDI, by name.

    Raises
    ------
    CorpusError
        Where there is none, or no FluidSynth.
    """
    if shutil.which("fluidsynth") is None:
        raise CorpusError("FluidSynth is not installed", remedy=_REMEDY)
    found = [
        Soundfont(folder / name, *facts)
        for name, facts in sorted(_KNOWN.items())
        for folder in folders
        if name not in _INCOMPLETE and (folder / name).is_file()
    ]
    if not found:
        raise CorpusError(
            "no soundfont is installed", rule=f"one of: {', '.join(_KNOWN)}", remedy=_REMEDY
        )
    return found


_REMEDY = (
    "apt-get install fluidsynth musescore-general-soundfont-lossless fluid-soundfont-gm "
    "timgm6mb-soundfont"
)


def render_midi(
    midi: bytes,
    soundfont: Path,
    seconds: float,
    sample_rate: int,
    *,
    gain: float = 0.4,
    timeout_s: float = TIMEOUT_S,
) -> Rows:
    """Return what a MIDI file sounds like.

    Parameters
    ----------
    midi : bytes
        A standard MIDI file.
    soundfont : Path
    seconds : float
        Length of the result: what rings longer is cut, what ends earlier is followed by silence.
    sample_rate : int
        In Hz.
    gain : float
        FluidSynth's, below which nothing clips.
    timeout_s : float
        The renderer is killed after so many seconds.

    Returns
    -------
    ndarray of float32, shape (2, samples)
        Without FluidSynth's own reverberation and chorus.

    Raises
    ------
    CorpusError
        Where FluidSynth fails, hangs, or writes without end.
    """
    import soundfile

    with tempfile.TemporaryDirectory(prefix="restorack-corpus-") as folder:
        score, sound = Path(folder) / "score.mid", Path(folder) / "sound.wav"
        score.write_bytes(midi)
        options = ["-q", "-n", "-i", "-R", "0", "-C", "0", "-g", f"{gain:g}", "-T", "wav"]
        options += ["-O", "float", "-r", str(sample_rate), "-F", str(sound)]
        command = ["fluidsynth", *options, str(soundfont), str(score)]
        try:
            done = subprocess.run(  # noqa: S603
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=timeout_s,
                preexec_fn=bounded_files(LARGEST_BYTES),
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise CorpusError(f"FluidSynth did not end within {timeout_s:g} s") from None
        except OSError as error:
            raise CorpusError(f"FluidSynth cannot be run ({error})", remedy=_REMEDY) from None
        samples = round(seconds * sample_rate)
        if done.returncode != 0 or not sound.exists():
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise CorpusError(f"FluidSynth failed ({said[-1] if said else done.returncode})")
        frames, _ = soundfile.read(sound, samples, dtype="float32", always_2d=True)
    out = np.zeros((2, samples), np.float32)
    out[:, : len(frames)] = frames.T
    return out
