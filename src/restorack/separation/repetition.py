"""What repeats is the band, what does not is the voice.

Each frame is compared with those around it; the median of those that are most like it has what
they have in common. Rafii and Pardo, Music/voice separation using the similarity matrix, ISMIR
2012 (REPET-SIM), and its online form of 2013, which looks so many seconds back.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restorack.separation.spectra import ExcerptSpectra, Gains

# Seconds on either side within which a frame's like are sought. Of 3, 5 and 11 s, 11 s was best by
# 0.04 dB of SDR on made mixes, and costs twice the memory and the wait.
REACH_S = 5.0
# Frames that are most alike, whose median is taken: best of 8, 15 and 25.
ALIKE = 15
# Seconds between two of them, so that they are not one event: as in the paper's examples.
APART_S = 0.12


def repeating_share(spectra: ExcerptSpectra, sample_rate: float) -> Gains:
    """Return the share of each cell's power that repeats, 0 to 1.

    Parameters
    ----------
    spectra : ExcerptSpectra
        Of the whole excerpt, voice and band.
    sample_rate : float
        In Hz.
    """
    magnitudes = spectra.magnitudes
    frames_per_s = sample_rate / spectra.hop
    reach, apart = round(REACH_S * frames_per_s), max(1, round(APART_S * frames_per_s))
    norms = np.linalg.norm(magnitudes, axis=1, keepdims=True)
    unit = magnitudes / np.where(norms > 0.0, norms, np.float32(1.0))
    share: Gains = np.zeros_like(magnitudes)
    for at in np.flatnonzero(norms[:, 0] > 0.0):
        first = max(0, int(at) - reach)
        likeness: Gains = np.asarray(unit[first : at + reach] @ unit[at])
        alike = _most_alike(likeness, apart) + first
        common = np.minimum(np.median(magnitudes[alike], axis=0), magnitudes[at])
        share[at] = np.divide(
            common, magnitudes[at], out=np.zeros_like(common), where=magnitudes[at] > 0.0
        )
    return np.square(share)


def _most_alike(likeness: Gains, apart: int) -> NDArray[np.intp]:
    """Return the places of the highest values, none within ``apart`` of another."""
    left, found = likeness.copy(), []
    for _ in range(ALIKE):
        best = int(left.argmax())
        if left[best] < 0.0:
            break
        found.append(best)
        left[max(0, best - apart) : best + apart + 1] = -1.0
    return np.array(found)
