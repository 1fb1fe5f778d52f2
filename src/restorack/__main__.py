"""``python -m restorack`` is the command line."""

from restorack.cli.main import run

run()
