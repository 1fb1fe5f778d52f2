"""Sessions: stems through their chains, mixed over buses and sends into a master."""

from restorack.render.session.loading import load_session
from restorack.render.session.rendering import SessionOptions, render_session
from restorack.render.session.report import SessionResult
from restorack.render.session.stems import apply_to_stems

__all__ = [
    "SessionOptions",
    "SessionResult",
    "apply_to_stems",
    "load_session",
    "render_session",
]
