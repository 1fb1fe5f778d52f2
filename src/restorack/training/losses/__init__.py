"""Losses, one idea a file; each takes estimate and reference, and returns a scalar."""
