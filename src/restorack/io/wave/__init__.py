"""Chunks of WAV and RF64 files: what they carry beside the samples."""
