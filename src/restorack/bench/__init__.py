"""Benchmarks that users can repeat: damaged sets of their own audio, and a scorer."""
