"""Decibels: the one place where levels become amplitudes and powers, and back.

But for tensors (:mod:`restorack.networks.decibels`) and compiled loops, which cannot call these.
"""

from __future__ import annotations

from typing import Any, overload

import numpy as np
from numpy.typing import NDArray


@overload
def db_to_amplitude(db: float | np.floating[Any]) -> float: ...
@overload
def db_to_amplitude(db: NDArray[Any]) -> NDArray[Any]: ...
def db_to_amplitude(db: Any) -> Any:
    """Return the amplitude ratio of a level in dB."""
    return 10.0 ** (db / 20.0)


@overload
def db_to_power(db: float | np.floating[Any]) -> float: ...
@overload
def db_to_power(db: NDArray[Any]) -> NDArray[Any]: ...
def db_to_power(db: Any) -> Any:
    """Return the power ratio of a level in dB."""
    return 10.0 ** (db / 10.0)


@overload
def amplitude_to_db(amplitude: float | np.floating[Any]) -> float: ...
@overload
def amplitude_to_db(amplitude: NDArray[Any]) -> NDArray[Any]: ...
def amplitude_to_db(amplitude: Any) -> Any:
    """Return the level of an amplitude ratio above 0, in dB."""
    return 20.0 * np.log10(amplitude)


@overload
def power_to_db(power: float | np.floating[Any]) -> float: ...
@overload
def power_to_db(power: NDArray[Any]) -> NDArray[Any]: ...
def power_to_db(power: Any) -> Any:
    """Return the level of a power ratio above 0, in dB."""
    return 10.0 * np.log10(power)


def level_or_none(amplitude: float) -> float | None:
    """Return the level of an amplitude in dB, None for 0: JSON has no minus infinity."""
    return float(amplitude_to_db(amplitude)) if amplitude > 0.0 else None
