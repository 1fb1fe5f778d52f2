"""Render: blocks through a chain, DawDreamer graphs, files."""
