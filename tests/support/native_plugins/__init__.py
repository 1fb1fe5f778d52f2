"""Plugins of a few lines of C, compiled by the tests that host them."""
