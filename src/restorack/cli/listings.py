"""The two lists that are asked for most, without what reads options: that loads for 0.2 s."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

_FLAGS = {"--json": "json", "--quiet": "quiet", "-q": "quiet"}


def plain_listing(arguments: Sequence[str]) -> Callable[[], int] | None:
    """Return what ``presets list`` or ``plugins list`` does, with no more than its flags.

    None for any other command line: typer reads it, help and mistakes included.

    Parameters
    ----------
    arguments : sequence of str
        Without the program's name.
    """
    group, flags = tuple(arguments[:2]), arguments[2:]
    if group not in (("presets", "list"), ("plugins", "list")) or not set(flags) <= set(_FLAGS):
        return None
    given = {_FLAGS[flag]: True for flag in flags}
    if group[0] == "plugins":
        from restorack.cli.commands.plugins import list_plugins

        return partial(list_plugins, **given)
    from restorack.cli.commands.presets import list_presets
    from restorack.cli.options import choose_sandbox

    return lambda: list_presets(choose_sandbox(None), **given)
