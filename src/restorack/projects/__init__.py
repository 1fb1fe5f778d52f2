"""Projects of DAWs: sessions exported to them, and sessions made of them."""

from restorack.projects.api import Exchange, export_session, import_project

__all__ = ["Exchange", "export_session", "import_project"]
