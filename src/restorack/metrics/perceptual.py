"""What listeners would say, by the models of others: PESQ, STOI, ViSQOL, Zimtohrli.

Conventions
-----------
Each model hears the mean of all channels, resampled to its own rate. Each is a library of its own
(``pip install restorack[metrics]``); one that is not installed raises :class:`MissingLibraryError`,
which :func:`restorack.metrics.evaluate` turns into a note. PESQ and STOI were made for speech on
telephones and hearing aids: on music they rank, at best.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from restorack.errors import AudioError, RestorackError
from restorack.metrics.inputs import Floats, checked_pair, checked_rate

LIBRARIES = {"pesq": "pesq", "stoi": "pystoi", "visqol": "visqol", "zimtohrli": "zimtohrli"}
"""The module that each model comes from."""


class MissingLibraryError(RestorackError, ImportError):
    """A model whose library is not installed."""


def validate(
    reference: ArrayLike, estimate: ArrayLike, sample_rate: float
) -> tuple[Floats, Floats, float]:
    """Return both signals as rows of float64 and the rate, or raise an error that says why not."""
    return *checked_pair(reference, estimate), checked_rate(sample_rate)


def pesq(reference: ArrayLike, estimate: ArrayLike, sample_rate: float) -> float:
    """Return the wide-band PESQ of speech.

    Parameters
    ----------
    reference, estimate : array_like of float, shape (samples,) or (channels, samples)
    sample_rate : float
        In Hz; resampled to 16 kHz.

    Returns
    -------
    float
        MOS-LQO, 1.04 to 4.64, the latter is perfect. NaN where no utterance is found.

    References
    ----------
    ITU-T P.862.2, by the library ``pesq``.
    """
    library = _library("pesq")
    one, other = _mono(*validate(reference, estimate, sample_rate), 16_000)
    if not (one.any() and other.any()):
        return float("nan")
    try:
        return float(library.pesq(16_000, one, other, "wb"))
    except (library.NoUtterancesError, library.BufferTooShortError):
        return float("nan")


def stoi(reference: ArrayLike, estimate: ArrayLike, sample_rate: float) -> float:
    """Return the short-time objective intelligibility of speech.

    Parameters
    ----------
    reference, estimate : array_like of float, shape (samples,) or (channels, samples)
    sample_rate : float
        In Hz; resampled to 10 kHz.

    Returns
    -------
    float
        About 0 to 1, 1 is perfect. NaN for less than half a second of sound.

    References
    ----------
    C. H. Taal, R. C. Hendriks, R. Heusdens, J. Jensen: "An algorithm for intelligibility prediction
    of time-frequency weighted noisy speech", IEEE Trans. ASLP 19, 2011, by the library ``pystoi``.
    """
    import warnings

    library = _library("stoi")
    one, other = _mono(*validate(reference, estimate, sample_rate), 10_000)
    if not one.any():
        return float("nan")
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        try:
            return float(library.stoi(one, other, 10_000))
        except RuntimeWarning:  # too few frames that are not silent: it would return 1e-5
            return float("nan")


def visqol(reference: ArrayLike, estimate: ArrayLike, sample_rate: float) -> float:
    """Return ViSQOL's opinion in its audio mode.

    Parameters
    ----------
    reference, estimate : array_like of float, shape (samples,) or (channels, samples)
    sample_rate : float
        In Hz; resampled to 48 kHz.

    Returns
    -------
    float
        MOS-LQO, 1 to 4.73, the latter is perfect. Slow: a second or two for each of sound.

    References
    ----------
    M. Chinen et al.: "ViSQOL v3", QoMEX 2020, by the library ``visqol-python``.
    """
    library = _library("visqol")
    one, other = _mono(*validate(reference, estimate, sample_rate), 48_000)
    if len(one) < 48_000 or not one.any():
        return float("nan")
    judge = library.VisqolApi()
    judge.create(mode="audio")
    return float(judge.measure_from_arrays(one, other, 48_000).moslqo)


def zimtohrli(reference: ArrayLike, estimate: ArrayLike, sample_rate: float) -> float:
    """Return Zimtohrli's opinion, sensitive near the just noticeable.

    Parameters
    ----------
    reference, estimate : array_like of float, shape (samples,) or (channels, samples)
    sample_rate : float
        In Hz; resampled to 48 kHz.

    Returns
    -------
    float
        MOS, 1 to 5, 5 is transparent. It hears levels: full scale is taken as a set loudness.

    References
    ----------
    J. Alakuijala et al.: "Zimtohrli: an efficient psychoacoustic audio similarity metric", 2025,
    by the library ``zimtohrli``.
    """
    library = _library("zimtohrli")
    one, other = _mono(*validate(reference, estimate, sample_rate), 48_000)
    if len(one) < 4_800:
        return float("nan")
    pair = (np.asarray(part, np.float32) for part in (one, other))
    return float(library.mos_from_signals(*pair))


def _library(name: str) -> Any:
    try:
        return import_module(LIBRARIES[name])
    except ImportError as error:
        raise MissingLibraryError(
            f"its library is not installed ({error})",
            where=name,
            remedy="pip install 'restorack[metrics]'",
        ) from None


def _mono(truth: Floats, heard: Floats, rate: float, wanted: int) -> tuple[Floats, Floats]:
    import soxr

    pair = [np.ascontiguousarray(rows.mean(axis=0)) for rows in (truth, heard)]
    if rate != wanted:
        pair = [soxr.resample(one, rate, wanted) for one in pair]
    if len(pair[0]) == 0:
        raise AudioError("is empty", where="reference", rule="at least one sample")
    return pair[0], pair[1]
