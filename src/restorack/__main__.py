"""``python -m restorack`` is the command line."""

from restorack.cli.entry import run

run()
