"""Clipping: levels at which samples pile up, also after a resampler or a codec."""
