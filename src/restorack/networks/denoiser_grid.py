"""How far the denoiser's networks see, in frames; here, so that no torch is needed to know."""

FLOOR_STEP = 4
FLOOR_REACH = 72
"""Of the first network, with the straight lines between its patches of 4 frames."""

MASK_REACH = 28
"""Of the second network, with the straight lines between patches."""
FLOOR_BLOCK = 64
MASK_BLOCK = 192
MASK_CONTEXT = 32
"""What a block of gains needs around it: the reach, and 3 frames for the peaks' medians."""
