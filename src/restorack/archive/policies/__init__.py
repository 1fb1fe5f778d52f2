"""Policies for MediaConch: what archives ask of a preservation file."""

from __future__ import annotations

from pathlib import Path

from restorack.errors import ParameterError, suggest

_FOLDER = Path(__file__).parent


def policy_names() -> list[str]:
    """Return the names of the policies."""
    return sorted(path.stem for path in _FOLDER.glob("*.xml"))


def policy_path(name: str) -> Path:
    """Return the file of a policy.

    Raises
    ------
    ParameterError
        Where there is none of that name.
    """
    if name not in policy_names():
        raise ParameterError(
            f"no policy is called {name!r}",
            rule=f"policies: {', '.join(policy_names())}",
            remedy=suggest(name, policy_names()),
        )
    return _FOLDER / f"{name}.xml"
