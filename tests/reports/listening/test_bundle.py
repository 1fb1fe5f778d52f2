"""The page's script is one module of all files, and its policy lets in nothing else."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from pathlib import Path

from restorack.reports.listening import bundle
from restorack.reports.listening.page import page_html

WEB = Path(bundle.__file__).parent / "web"


def test_every_module_is_in_the_script_once() -> None:
    script = bundle.script()
    for path in (WEB / "js").rglob("*.js"):
        first = path.read_text().splitlines()[0]
        assert script.count(first) == 1, path
    assert not re.search(r"^(import|export) ", script, re.MULTILINE)
    assert "</script" not in script.lower()


def test_names_of_the_one_scope_are_unique() -> None:
    declared = re.findall(
        r"^(?:async )?(?:function|const|let|class) (\w+)", bundle.script(), re.MULTILINE
    )
    assert [name for name, count in Counter(declared).items() if count > 1] == []
    assert len(declared) > 80


def test_every_import_is_of_something_exported() -> None:
    for path in (WEB / "js").rglob("*.js"):
        for names, source in re.findall(
            r'^import \{([^}]*)\} from "(.*)";', path.read_text(), re.M
        ):
            text = (path.parent / source).resolve().read_text()
            for name in filter(None, map(str.strip, names.split(","))):
                assert re.search(rf"^export (async )?(function|const|class) {name}\b", text, re.M)
                used = re.findall(rf"\b{name}\b", path.read_text())
                assert len(used) > 1, (path, name)


def test_every_element_that_the_script_asks_for_is_in_the_page() -> None:
    template = (WEB / "page.html.jinja").read_text()
    asked = set(re.findall(r'byId\("([a-z-]+)"\)', bundle.script())) - {"page-data"}
    assert {name for name in asked if f'id="{name}"' not in template} == set()


def test_the_policy_names_what_is_there() -> None:
    text = page_html("T", [])
    script = re.search(r'<script type="module">(.*?)</script>', text, re.DOTALL)
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert script is not None
    assert style is not None
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    for found, name in ((script, "script-src"), (style, "style-src")):
        digest = base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
        assert f"{name} &#39;sha256-{digest}&#39;" in policy[1]
    assert "default-src &#39;none&#39;" in policy[1]
    assert "unsafe" not in policy[1]
    assert "file:" not in policy[1]
    assert not re.search(r"https?://", text)
