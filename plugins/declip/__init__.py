"""Clipping: its levels over time, and the restoration of clipped samples."""
