"""Files measured: analyses without a reference, and damage fitted to what they find."""

from restorack.measuring.analysing import analyze, analyze_audio

__all__ = ["analyze", "analyze_audio"]
