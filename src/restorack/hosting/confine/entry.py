"""Where the child begins: it confines itself, then loads the hosts and serves its parent."""

from __future__ import annotations

import os
import signal
import sys

from restorack.hosting.confine.policy import VARIABLE, Policy, lay_down
from restorack.system.processes import die_with_parent


def main() -> None:
    """Serve the parent over the descriptors that the command line names."""
    link, samples, parent = (int(word) for word in sys.argv[1:4])
    if not die_with_parent(parent):
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    os.chdir(os.environ["TMPDIR"])  # what is written or looked for by name alone is no one else's
    confined = lay_down(Policy.from_text(os.environ.pop(VARIABLE)))
    # Only now: what is imported from here on starts threads, which are born confined.
    from restorack.hosting.child import serve

    serve(link, samples, confined)
    os._exit(0)  # plugins' destructors at exit are third-party code too


if __name__ == "__main__":
    main()
