"""Measures of restoration against a reference, one metric a module."""
