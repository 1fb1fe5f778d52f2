"""restorack: a restoration rack for audio.

Restoration stages as pedalboard-compatible processors, chained with pedalboard's effects and
third-party plugins in YAML presets, rendered offline.
"""

__version__ = "0.1.0"
