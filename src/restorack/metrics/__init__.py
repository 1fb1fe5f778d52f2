"""Measures of restoration against a reference, one family a module.

Each module states its conventions, checks its input in ``validate`` and has one function a metric;
see :mod:`restorack.metrics.inputs` for what they share.
"""
