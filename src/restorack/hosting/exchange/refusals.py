"""Refusals that every way of hosting gives in the same words."""

from __future__ import annotations

from restorack.errors import PluginError


def is_instrument(label: str) -> PluginError:
    """Return what is said of a plugin without an audio input."""
    return PluginError(
        "is an instrument, or makes sound by itself: it has no audio input",
        where=label,
        rule="restorack hosts effects",
    )
