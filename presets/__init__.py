"""Presets: named chains in YAML, their schema and loader."""
