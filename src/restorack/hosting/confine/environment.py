"""The environment that plugins see: what they need, and no secret."""

from __future__ import annotations

import os
from collections.abc import Mapping

from restorack.system.environment import NEEDED

EXTRA = "RESTORACK_SANDBOX_ENV"
"""Names further variables that plugins may see, with commas between."""

NAMES = frozenset({
    "PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TERM",
    "LD_LIBRARY_PATH", "VST3_PATH", "LV2_PATH", "CLAP_PATH",
    "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CONFIG_DIRS", "XDG_DATA_DIRS",
    "FONTCONFIG_FILE", "FONTCONFIG_PATH",
    "PYTHONHOME", "PYTHONNOUSERSITE", "PYTHONUTF8", "PYTHONIOENCODING",
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
})  # fmt: skip
PREFIXES = ("LC_",)


def reduced_environment(given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what of an environment plugins may see.

    Parameters
    ----------
    given : mapping, optional
        By default this process's own.
    """
    whole = os.environ if given is None else given
    kept = NAMES | NEEDED | {name.strip() for name in whole.get(EXTRA, "").split(",")}
    return {
        name: value for name, value in whole.items() if name in kept or name.startswith(PREFIXES)
    }
