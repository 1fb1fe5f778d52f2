"""How far the denoiser's networks see and how late they speak, in frames.

Here, so that no torch is needed to know.
"""

FLOOR_STEP = 4
FLOOR_REACH = 72
"""Of the first network, with the straight lines between its patches of 4 frames."""

MASK_REACH = 28
"""Of the second network, with the straight lines between patches."""

BLOCK = 64
"""How many frames are computed at once: as many as the processor's nearest memory holds."""

FLOOR_LATE, MASK_LATE = FLOOR_REACH, 26
"""After how many frames the networks speak of one, when they run over a stream."""

PEAK_BLOCK = 32
FRAMES_KEPT = 216
"""The most frames that wait for all that: 56 for a block, 160 as the steps follow each other."""
