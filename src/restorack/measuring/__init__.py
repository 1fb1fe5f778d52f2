"""Files measured: analyses without a reference, and damage fitted to what they find."""

from restorack.measuring.analysing import analyze, analyze_audio
from restorack.measuring.comparing import Comparison, compare

__all__ = ["Comparison", "analyze", "analyze_audio", "compare"]
