"""Files measured: analyses without a reference, and damage fitted to what they find."""

from restorack.analysis.fit import Comparison, compare
from restorack.analysis.recording import analyze, analyze_audio

__all__ = ["Comparison", "analyze", "analyze_audio", "compare"]
