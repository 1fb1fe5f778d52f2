"""Merging: several transfers of one recording become one."""

from __future__ import annotations
