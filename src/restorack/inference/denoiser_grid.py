"""The denoiser's numbers: how far its networks see, how late they speak, how far they may go."""

FLOOR_STEP = 4
"""Frames of a patch, which is what the first network sees. Part of the trained weights."""
FLOOR_REACH = 72
"""Of the first network, with the straight lines between its patches of 4 frames."""

MASK_REACH = 28
"""Of the second network, with the straight lines between patches."""

BLOCK = 64
"""How many frames are computed at once: as many as the processor's nearest memory holds."""

FLOOR_LATE, MASK_LATE = FLOOR_REACH, 26
"""After how many frames the networks speak of one, when they run over a stream."""

PEAK_BLOCK = 32
"""Frames whose isolated peaks are lowered at once: half of BLOCK, for less latency. By hand."""
FRAMES_KEPT = 216
"""The most frames that wait for all that: 56 for a block, 160 as the steps follow each other."""

BAND, FOLD = 8, 4
"""Bins of a patch, which is what the first network sees; of a group, which the second does."""

SMALLEST_GAIN = 1e-3
"""Gains are kept as far from 0 and 1, so that their logits are finite: -60 dB."""
SURE_SHARE, UNSURE_SHARE, MEASURED_SHARE = 0.3, 0.8, 0.5
"""Of the second network's correction, where noise is steady, is not, was measured: on held-out
scenes; other shares change at most 0.2 dB (docs/inside/denoiser.md)."""
MUSIC_DB, NOISE_DB = 16.0, 8.0
"""Cells that stand so far out of the noise are not corrected; in between less and less. By
hand."""
LARGEST_CORRECTION_DB, SMALL_CORRECTION_DB, HIGHEST_RAISE_DB = 24.0, 4.0, 3.0
"""Of the floor: what the network may say; what it must say for half of it to count; how far up. 3
dB costs held-out scenes 0.05 dB at most, and keeps dense music from being taken for noise
(docs/inside/denoiser.md)."""
