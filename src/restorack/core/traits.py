"""Traits: what a processor class is, and so which laws of the contract bind it."""

from __future__ import annotations

from enum import Enum


class Trait(Enum):
    """A statement about a class that exempts it from laws, or binds it to more."""

    RESTORES = "restores"
    """Finds nothing wrong: returns its input bit for bit."""
    ADDS_SOUND = "adds_sound"
    """May turn silence into sound."""
    STOCHASTIC = "stochastic"
    """Uses random numbers, seeded by sample position and channel."""
    CHANGES_LENGTH = "changes_length"
    """Returns more or fewer samples than it takes."""
