"""Signals of every test run: a shell that starts pytest in the background has some ignored."""

from __future__ import annotations

import signal

# `pytest &` in a script ignores SIGINT, nohup SIGHUP; the tests' children, which are sent both,
# would inherit that, and would rightly go on.
for _number, _handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _handler)
