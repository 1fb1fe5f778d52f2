"""The two lists that are asked for most, without what reads options: that loads for 0.2 s."""

from __future__ import annotations

from collections.abc import Callable, Sequence

_LISTS = (["presets", "list"], ["plugins", "list"])
_QUIET = {"--quiet", "-q"}


def plain_listing(arguments: Sequence[str]) -> Callable[[], int] | None:
    """Return what ``presets list`` or ``plugins list`` does, with no more than its flags.

    None for any other command line: typer reads it, help and mistakes included.

    Parameters
    ----------
    arguments : sequence of str
        Without the program's name.
    """
    flags = set(arguments[2:])
    if list(arguments[:2]) not in _LISTS or not flags <= {"--json", *_QUIET}:
        return None
    as_json, quiet = "--json" in flags, bool(flags & _QUIET)
    if arguments[0] == "plugins":
        from restorack.cli.groups.plugins import list_plugins

        return lambda: list_plugins(json=as_json, quiet=quiet)
    from restorack.cli.groups.presets import list_presets
    from restorack.cli.options import choose_sandbox

    return lambda: list_presets(choose_sandbox(None), json=as_json, quiet=quiet)
