"""Restoration stages: one stage, one file."""
