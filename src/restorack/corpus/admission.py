"""Take a user's own recordings into a corpus, if they are clean enough to learn from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from restorack.corpus.building import known_pieces, write_licences
from restorack.corpus.catalogue import add_to_catalogue
from restorack.corpus.finishing import add_piece, held_out_of, split_of, trimmed
from restorack.corpus.jobs import Format
from restorack.corpus.recordings import read_audio
from restorack.dsp.arrays import Rows
from restorack.errors import RestorackError
from restorack.io.audio_files import audio_files, is_audio_name
from restorack.meters.bandwidth_edge import measure_edge
from restorack.meters.histogram_floor.estimate import NoiseFloorEstimator

# What a recording must have to be learned from, in Hz, Hz and dB: more than what is restored has.
# Clipped are so many samples in a row at that share of the peak; so small a share is chance. By
# hand.
LOWEST_RATE = 32_000
LEAST_BAND_HZ = 17_000.0
LEAST_SNR_DB = 50.0
FULL_SCALE, LEAST_RUN, CLIPPED_SHARE = 0.999, 3, 1e-5


@dataclass(frozen=True)
class Admission:
    """What became of a file.

    Attributes
    ----------
    path : Path
    reason : str
        Why it was refused; empty where it was taken.
    band_hz : float or None
        Where its band ends at a wall, None for a full band.
    snr_db : float or None
        Of the programme over a noise floor, None where none was found.
    lossy : bool
    """

    path: Path
    reason: str = ""
    band_hz: float | None = None
    snr_db: float | None = None
    lossy: bool = False

    @property
    def taken(self) -> bool:
        """Whether it has joined the corpus."""
        return not self.reason


def find_recordings(paths: Iterable[Path]) -> list[Path]:
    """Return the audio files among paths and in the folders among them, sorted."""
    found: set[Path] = set()
    for path in paths:
        inside = audio_files(path) if path.is_dir() else [path]
        found |= {one for one in inside if is_audio_name(one.name) and one.is_file()}
    return sorted(found)


def admit(
    path: Path,
    form: Format,
    *,
    licence: str,
    attribution: str = "",
    allow_lossy: bool = False,
    allow_noisy: bool = False,
    validation_share: float = 0.1,
    held_out: Collection[str] = (),
) -> Admission:
    """Add a recording to a corpus, or say why not.

    Parameters
    ----------
    path : Path
    form : Format
        With the corpus's folder, which is made if need be.
    licence, attribution : str
        For the catalogue, and for the cards of networks that are trained on it.
    allow_lossy : bool
        Take what is coded with loss, or whose band ends at a wall below 17 kHz: what is missing
        above is marked, and losses leave it out.
    allow_noisy : bool
        Take what has a noise floor less than 50 dB below the music, or is clipped.
    validation_share : float
        The file's name decides whether it is held out.
    held_out : collection of str
        Stems of files that are held out in any case; see :func:`choose_held_out`.

    Returns
    -------
    Admission
        A file that is in the corpus already is refused too.
    """
    form.folder.mkdir(parents=True, exist_ok=True)
    key = f"own/{path.resolve()}"
    if any(piece.key == key for piece in known_pieces(form.folder)):
        return Admission(path, "is in the corpus already")
    try:
        rate = _native_rate(path)
        rows, lossy = read_audio(path, rate, form.channels)
        found = judge(path, rows, rate, lossy, allow_lossy=allow_lossy, allow_noisy=allow_noisy)
        if not found.taken:
            return found
        rows, _ = read_audio(path, form.sample_rate, form.channels)
        piece = add_piece(
            form.folder,
            trimmed(rows, form.sample_rate),
            form.sample_rate,
            key=key,
            kind="own",
            split="validation" if path.stem in held_out else split_of(path.stem, validation_share),
            wall_hz=found.band_hz or 0.5 * rate,
            floor_db=None if found.snr_db is None else -found.snr_db,
            lossy=lossy,
            source=f"own/{path.name}",
            licence=licence,
            attribution=attribution,
        )
    except RestorackError as error:
        return Admission(path, error.what)
    add_to_catalogue(form.folder, piece)
    write_licences(form.folder, known_pieces(form.folder))
    return found


def choose_held_out(folder: Path, files: Sequence[Path], share: float) -> set[str]:
    """Return stems to hold out where chance would hold out none: of few files, and at first.

    Parameters
    ----------
    folder : Path
        Of the corpus.
    files : sequence of Path
        To be added.
    share : float
        Of works that are held out; 0: none.
    """
    stems = {path.stem for path in files}
    known = any(piece.split == "validation" for piece in known_pieces(folder))
    if known or any(split_of(stem, share) == "validation" for stem in stems):
        return set()
    return held_out_of(stems, share)


def judge(
    path: Path,
    rows: Rows,
    sample_rate: int,
    lossy: bool,
    *,
    allow_lossy: bool = False,
    allow_noisy: bool = False,
) -> Admission:
    """Measure a recording and say whether a network may take it for clean.

    Parameters
    ----------
    path : Path
        For the answer.
    rows : ndarray of float32, shape (channels, samples)
    sample_rate : int
        In Hz, the file's own.
    lossy : bool
        Whether its coding is.
    allow_lossy, allow_noisy : bool
        As of :func:`admit`.
    """
    edge = measure_edge(rows, sample_rate)
    band = edge.edge_hz if edge is not None and edge.is_wall else None
    estimator = NoiseFloorEstimator(sample_rate, rows.shape[0])
    estimator.push(rows)
    floor = estimator.estimate()
    snr = floor.snr_db if floor is not None else None
    reason = ""
    if sample_rate < LOWEST_RATE:
        reason = f"has a rate of {sample_rate} Hz: at least {LOWEST_RATE}"
    elif lossy and not allow_lossy:
        reason = "is coded with loss: what a coder takes away would be learned (--allow-lossy)"
    elif band is not None and band < LEAST_BAND_HZ and not allow_lossy:
        reason = (
            f"ends at a wall at {band / 1000:.1f} kHz, as after a lossy coder or a low rate: "
            f"at least {LEAST_BAND_HZ / 1000:g} kHz (--allow-lossy)"
        )
    elif snr is not None and snr < LEAST_SNR_DB and not allow_noisy:
        reason = f"has a noise floor {snr:.0f} dB below the music: at least {LEAST_SNR_DB:g} dB"
        reason += " (--allow-noisy)"
    elif not allow_noisy and (share := clipped_share(rows)) > CLIPPED_SHARE:
        reason = f"is clipped in {100 * share:.3f} % of its samples (--allow-noisy)"
    return Admission(path, reason, band, snr, lossy)


def clipped_share(rows: Rows) -> float:
    """Return the share of samples in runs of three or more at the file's own peak, near 1."""
    peak = float(np.abs(rows).max()) if rows.size else 0.0
    if peak < 0.5:
        return 0.0
    high = np.abs(rows) >= FULL_SCALE * peak
    runs = high[:, 2:] & high[:, 1:-1] & high[:, :-2]
    return LEAST_RUN * float(runs.sum()) / rows.size


def _native_rate(path: Path) -> int:
    from restorack.io.reader import AudioReader

    with AudioReader(path) as reader:
        return reader.info.sample_rate
