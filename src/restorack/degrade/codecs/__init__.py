"""Damage of lossy codecs, classical and neural."""
