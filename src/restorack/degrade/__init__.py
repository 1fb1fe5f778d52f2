"""Processors that damage: the mirror of the restoration stages."""
