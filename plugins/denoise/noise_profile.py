"""Where a denoiser learns the noise from: the spelling that every denoiser's parameter shares.

``auto`` estimates the floor from the music, ``START-END`` is a region of the file in seconds
("0.05-0.95"), anything else is the name of a recording of noise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from restorack.errors import FileError, ParameterError

if TYPE_CHECKING:
    from restorack.dsp.arrays import Rows

# Seconds of a noise profile: about two frames of 46 ms at least; a file is read no further, which
# bounds memory. By hand.
SHORTEST_S = 0.1
LONGEST_FILE_S = 60.0
FORM = (
    "auto, a region START-END in seconds (at least 0.1 s, as in 0.05-0.95), "
    "or the name of an audio file with its ending"
)

_NUMBER = r"(\d+(?:\.\d*)?|\.\d+)"
_REGION = re.compile(rf"\s*{_NUMBER}\s*-\s*{_NUMBER}\s*")


@dataclass(frozen=True)
class AutoProfile:
    """The floor is estimated from the recording itself."""


@dataclass(frozen=True)
class RegionProfile:
    """The noise is alone from ``start_s`` to ``end_s`` seconds of the recording."""

    start_s: float
    end_s: float


@dataclass(frozen=True)
class FileProfile:
    """The noise is alone in a file."""

    path: Path


NoiseProfile: TypeAlias = AutoProfile | RegionProfile | FileProfile


def parse_noise_profile(text: str) -> NoiseProfile:
    """Read the spelling of a noise profile.

    Parameters
    ----------
    text : str
        ``auto``, ``START-END`` or a file name.

    Raises
    ------
    ParameterError
        For anything else, and for a region that ends before 0.1 s are over.
    """
    if text.strip() == "auto":
        return AutoProfile()
    found = _REGION.fullmatch(text)
    if found:
        start, end = float(found[1]), float(found[2])
        if end - start < SHORTEST_S - 1e-9:
            raise _refusal(text)
        return RegionProfile(start, end)
    path = Path(text)
    if not re.fullmatch(r"\.[A-Za-z]\w*", path.suffix):
        raise _refusal(text)
    return FileProfile(path)


def is_noise_profile(text: str) -> bool:
    """Return whether the text has the form of a noise profile."""
    try:
        parse_noise_profile(text)
    except ParameterError:
        return False
    return True


def is_noise_file(text: str) -> bool:
    """Return whether a noise profile is the path of a recording."""
    return is_noise_profile(text) and isinstance(parse_noise_profile(text), FileProfile)


def _refusal(text: str) -> ParameterError:
    return ParameterError(f"noise_profile = {text!r}", rule=f"a noise profile is {FORM}")


def read_noise_file(path: Path, sample_rate: float) -> Rows:
    """Read a recording of noise at a sample rate; of long ones the first minute.

    Parameters
    ----------
    path : Path
        Any format that libsndfile reads.
    sample_rate : float
        In Hz; the recording is resampled to it.

    Returns
    -------
    ndarray of float32, shape (channels, samples)

    Raises
    ------
    FileError
        Where it cannot be read or is shorter than 0.1 s.
    """
    import numpy as np
    import soundfile
    import soxr

    from restorack.dsp.arrays import require_finite

    where = "noise_profile"
    try:
        with soundfile.SoundFile(path) as file:
            rate = float(file.samplerate)
            audio = file.read(int(LONGEST_FILE_S * rate), dtype="float32", always_2d=True)
    except (OSError, soundfile.LibsndfileError) as error:
        raise FileError(
            f"{path} cannot be read ({error})",
            where=where,
            remedy="give the name of a recording of the noise alone, or auto",
        ) from error
    if audio.shape[0] < SHORTEST_S * rate:
        raise FileError(
            f"{path} has {audio.shape[0] / rate:.3f} s of sound",
            where=where,
            rule=f"a noise recording has at least {SHORTEST_S:g} s",
        )
    if rate != sample_rate:
        audio = soxr.resample(audio, rate, sample_rate)
    rows: Rows = np.ascontiguousarray(audio.T, dtype=np.float32)
    require_finite(rows, where=f"{where} {path}")
    return rows
