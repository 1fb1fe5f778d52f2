"""Errors for what goes wrong between a sandbox and its child; each names the plugins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.errors import PluginCrashError, PluginError, PluginHangError, RestorackError
from restorack.hosting.exchange.wording import shown
from restorack.hosting.process import ChildProcess
from restorack.hosting.spec import PluginSpec


def labels_of(specs: Sequence[PluginSpec]) -> str:
    """Return what errors call several plugins."""
    return ", ".join(spec.label for spec in specs)


def placed(error: RestorackError, specs: Sequence[PluginSpec]) -> RestorackError:
    """Return a plugin's error, which may name as its place no plugin but those that were asked."""
    labels = [labels_of(specs), *(spec.label for spec in specs)]
    for label in filter(None, labels):
        if error.where.startswith(shown(label)):
            return error
    return error.at(labels[0]) if labels[0] else error


def malformed(operation: str, error: Exception, where: str) -> PluginError:
    """Return the error for an answer that is none; ``error`` says what is wrong with it."""
    return PluginError(
        f"its process answered {operation!r} wrongly: {error}",
        where=where,
        rule="what the process of a plugin answers is checked, and a wrong answer ends it",
        remedy="leave the plugin out",
    )


def failure(
    child: ChildProcess, ended: str, error: Exception, where: str, timeout: float
) -> PluginError:
    """Return the error for a child that is gone, or for a timeout that it let pass.

    Parameters
    ----------
    child : ChildProcess
        Its last words are quoted.
    ended : str
        How it ended.
    error : Exception
        A ``TimeoutError``, or that the socket was closed.
    where : str
        The plugins.
    patience : float
        The timeout, in seconds.
    """
    hung = isinstance(error, TimeoutError)
    what = f"no answer within {timeout:.3g} s: it hangs" if hung else f"crashed ({ended})"
    said = child.said()
    rule = "plugins run in a process of their own, so that nothing else is lost"
    remedy = "leave the plugin out"
    if hung:
        rule = "a plugin answers in time, or its process is ended"
        remedy = "if it is only slow, give its stage a greater timeout_s; or leave it out"
    what += f"; it said: {said}" if said else ""
    kind = PluginHangError if hung else PluginCrashError
    return kind(what, where=where, rule=rule, remedy=remedy)


def require_finite(rows: Rows, specs: Sequence[PluginSpec]) -> Rows:
    """Return what plugins gave, or raise :class:`PluginError` with the first NaN or infinity."""
    if np.isfinite(rows).all():
        return rows
    channel, position = (int(index) for index in np.argwhere(~np.isfinite(rows))[0])
    raise PluginError(
        f"returned {rows[channel, position]} at channel {channel}, position {position}",
        where=labels_of(specs),
        rule="plugins return finite samples",
        remedy="another sample rate, other settings, or leave the plugin out",
    )
