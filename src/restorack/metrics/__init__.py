"""Measures of restoration against a reference, one family a module.

Each module states its conventions, checks its input (in ``validate``, where more than a pair comes
in) and has one function a metric; :mod:`restorack.metrics.inputs` says what they share.
``evaluate`` computes all of them at once:

>>> from restorack import metrics
>>> values = metrics.evaluate(reference, estimate, 44_100, degraded)  # doctest: +SKIP
>>> values["si_sdr_gain_db"]  # doctest: +SKIP
"""

from restorack.metrics.alignment import Alignment, align, find_alignment
from restorack.metrics.catalogue import DEFAULT, FAMILIES, METRICS, Metric, choose_metrics
from restorack.metrics.clicks import ClickWindow
from restorack.metrics.evaluation import Measurement, evaluate, measure

__all__ = [
    "DEFAULT",
    "FAMILIES",
    "METRICS",
    "Alignment",
    "ClickWindow",
    "Measurement",
    "Metric",
    "align",
    "choose_metrics",
    "evaluate",
    "find_alignment",
    "measure",
]
