"""``restorack page``: a folder with a page that shows and plays every recording."""

from __future__ import annotations

import subprocess
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
import soundfile
from command_line import RATE, Cli


class Links(HTMLParser):
    """What a page loads, by element; and whether all that is opened is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {"img": [], "audio": []}
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if "src" in given:
            self.found[tag].append(unquote(given["src"] or ""))
        if tag not in ("img", "meta"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_a_page_shows_and_plays_every_recording(
    cli: Cli, make_worn, preset: Path, tmp_path: Path
) -> None:
    odd = make_worn("a & <b> #1.flac")
    files = [odd, make_worn("two.wav", 2), make_worn("more/two.wav")]
    folder = tmp_path / "page"
    ran = cli("page", *files, "-p", preset, "-o", folder, "--title", "Old & new", "--json")
    assert ran.code == 0
    assert ran.document["page"] == str(folder / "index.html")
    text = (folder / "index.html").read_text(encoding="utf-8")
    page = Links(text)
    assert page.open == []
    assert "<h1>Old &amp; new</h1>" in text
    assert "<h2>a &amp; &lt;b&gt; #1.flac</h2>" in text
    assert page.found["img"] == ["a & <b> #1.png", "two.png", "two-2.png"]
    assert len(page.found["audio"]) == 9
    for name in (*page.found["img"], *page.found["audio"]):
        assert (folder / name).stat().st_size > 1000
    before, after, difference = (
        soundfile.read(folder / f"two.{part}.wav")[0] for part in ("before", "after", "difference")
    )
    assert np.allclose(before, soundfile.read(files[1])[0], atol=2**-22)
    assert np.allclose(before - after, difference, atol=2**-22)
    assert "http" not in text


def test_a_page_is_replaced_only_on_request(cli: Cli, worn: Path, preset: Path, tmp_path: Path):
    assert cli("page", worn, "-p", preset, "-o", tmp_path / "page").code == 0
    refused = cli("page", worn, "-p", preset, "-o", tmp_path / "page")
    assert refused.code == 5
    assert "--force" in refused.err
    assert cli("page", worn, "-p", preset, "-o", tmp_path / "page", "--force").code == 0


PROBE = """<script>
Promise.all([...document.querySelectorAll("audio")].map(one => one.readyState ? 0 :
  new Promise(done => one.addEventListener("loadedmetadata", done)))).then(() => {
    const players = [...document.querySelectorAll("audio")];
    const widths = [...document.querySelectorAll("img")].map(one => one.naturalWidth);
    document.title = ["seen", players.length, players.every(one => one.duration > 0.4),
      widths.every(width => width > 500),
      document.documentElement.scrollWidth <= innerWidth].join(" ");
  });
</script>"""


@pytest.mark.slow
@pytest.mark.parametrize("width", [400, 1200])
def test_a_browser_loads_all_of_it(
    cli: Cli, worn: Path, preset: Path, tmp_path: Path, width: int
) -> None:
    folder = tmp_path / "page"
    cli("page", worn, "-p", preset, "-o", folder)
    probed = folder / "probed.html"
    probed.write_text((folder / "index.html").read_text() + PROBE)
    browser = (
        "chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--window-size={width},900",
        f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=8000", "--dump-dom",
    )  # fmt: skip
    command = [*browser, probed.as_uri()]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert "<title>seen 3 true true true</title>" in ran.stdout


def test_a_picture_shows_the_top_that_one_file_has(cli: Cli, tmp_path: Path) -> None:
    noise = 0.1 * np.random.default_rng(2).standard_normal(16_000)
    soundfile.write(tmp_path / "low.wav", noise, 16_000)
    gain = tmp_path / "up.yaml"
    gain.write_text(
        f"format: 1\nname: up\ndescription: Raises the rate.\nwork_rate: {RATE}\n"
        f"stages:\n  - pedalboard.Gain: {{gain_db: 1}}\noutput: {{sample_rate: {RATE}}}\n"
    )
    ran = cli("page", tmp_path / "low.wav", "-p", gain, "-o", tmp_path / "page")
    assert ran.code == 0
    assert not (tmp_path / "page" / "low.difference.wav").exists()
    assert soundfile.info(tmp_path / "page" / "low.after.wav").samplerate == RATE
