"""Dynamics: what follows the level. One idea a file."""
