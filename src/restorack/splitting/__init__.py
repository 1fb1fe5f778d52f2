"""Splitting: a side becomes tracks; lead-in, gaps and run-out are found by its own noise floor."""

from __future__ import annotations
