"""UnseededDegradation: damage that draws nothing at random."""

from __future__ import annotations

from restorack.core.parameters import IntParameter
from restorack.degrade.degradation import Degradation


class UnseededDegradation(Degradation):
    """Base of the stages that follow from signal and parameters alone.

    Parameters
    ----------
    **parameters
        Values of the declared parameters; the others get their defaults.
    """

    seed = IntParameter(
        0, 0, 2**31 - 1, description="Changes nothing: the stage draws nothing at random."
    )
