"""Noise floors read from level histograms: the most common noise-like level, or a network's."""
