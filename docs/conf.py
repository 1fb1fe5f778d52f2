"""How Sphinx makes the site: see ``scripts/site``."""

from __future__ import annotations

import sys
from pathlib import Path

from restorack.version import __version__

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS / "_extensions"))

project = "restorack"
author = "The restorack developers"
copyright = "The restorack developers, GPL-3.0-or-later"  # noqa: A001  Sphinx's name
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "gallery"]
exclude_patterns = ["_*"]
html_theme = "furo"
html_title = "restorack"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["players.js"]
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
myst_links_external_new_tab = False

add_module_names = False  # all are names of restorack itself
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings have types, shapes and units
autodoc_preserve_defaults = True
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_preprocess_types = False
