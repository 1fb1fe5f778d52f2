"""REAPER's project files."""
