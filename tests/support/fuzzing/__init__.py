"""Seeded, structure-aware fuzzing: what comes from outside, damaged, must be used or refused.

A kind makes an input, damages it as its structure suggests and hands it to restorack. The law is
the same for all: within a time and a memory, it succeeds and what it gives is right, or it raises
a :class:`~restorack.errors.RestorackError`; and nothing half-written is left. ``tests/fuzz`` tries
a fixed set of seeds, ``scripts/fuzz`` as many as a time allows.
"""
