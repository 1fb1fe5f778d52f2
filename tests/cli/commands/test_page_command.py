"""``restorack page``: a folder with a page that shows and plays every recording."""

from __future__ import annotations

import os
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
import soundfile
from command_line import RATE, Cli

from restorack.reports.page_files import name_recordings


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


def test_stems_that_meet_are_never_mixed() -> None:
    given = ("b.wav", "sub/b.wav", "b-2.wav", "B.flac", "b-2.flac", "b-3.wav")
    files = [Path(name) for name in given]
    names = name_recordings(files)
    assert names == ["b", "b-4", "b-2", "B-5", "b-2-2", "b-3"]
    assert len({name.casefold() for name in names}) == len(files)


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the pictures empty: they take most of a page's time."""
    empty = lambda before, after, path, **_: path.touch()  # noqa: E731
    monkeypatch.setattr("restorack.reports.picture.write_picture", empty)


@pytest.mark.usefixtures("undrawn")
def test_a_page_plays_each_recording_as_itself(cli: Cli, tmp_path: Path, preset: Path) -> None:
    files = [tmp_path / name for name in ("b.wav", "sub/b.wav", "b-2.wav")]
    for number, file in enumerate(files, 1):
        file.parent.mkdir(exist_ok=True)
        soundfile.write(file, np.full(4000, 0.1 * number), RATE)
    ran = cli("page", *files, "-p", preset, "-o", tmp_path / "page", "--force")
    assert ran.code == 0, ran.err
    shown = Links((tmp_path / "page" / "index.html").read_text()).found["audio"]
    befores = [name for name in shown if "before" in name]
    levels = [soundfile.read(tmp_path / "page" / name)[0][0] for name in befores]
    assert levels == pytest.approx([0.1, 0.2, 0.3], abs=1e-4)


def test_a_page_never_replaces_a_recording(cli: Cli, tmp_path: Path, preset: Path) -> None:
    folder = tmp_path / "page"
    folder.mkdir()
    files = [tmp_path / "a.wav", folder / "a.before.wav"]
    for file in files:
        soundfile.write(file, np.zeros(4000), RATE)
    before = files[1].read_bytes()
    ran = cli("page", *files, "-p", preset, "-o", folder, "--force")
    assert ran.code == 5
    assert "is an input" in ran.err
    assert files[1].read_bytes() == before


@pytest.mark.usefixtures("undrawn")
def test_a_page_says_what_it_had_to_cut(cli: Cli, tmp_path: Path, preset: Path) -> None:
    source = tmp_path / f"{'l' * 250}.wav"
    soundfile.write(source, np.full(4000, 1.5), RATE, subtype="FLOAT")
    ran = cli("page", source, "-p", preset, "-o", tmp_path / "page", "--json")
    assert ran.code == 0, ran.err
    [warnings] = ran.document["warnings"].values()
    assert any(text.startswith("before: 4000 samples beyond full scale") for text in warnings)
    assert all(len(name) <= 255 for name in os.listdir(tmp_path / "page"))


@pytest.mark.usefixtures("undrawn")
def test_a_file_that_fails_leaves_the_page_to_the_others(
    cli: Cli, worn: Path, preset: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"no audio")
    ran = cli("page", broken, worn, "-p", preset, "-o", tmp_path / "page", "--json")
    assert ran.code != 0
    assert ran.document["files"] == [str(worn)]
    assert list(ran.document["errors"]) == [str(broken)]
    shown = Links((tmp_path / "page" / "index.html").read_text()).found["img"]
    assert shown == [f"{worn.stem}.png"]
    alone = cli("page", broken, "-p", preset, "-o", tmp_path / "none", "--json")
    assert alone.document["page"] is None
    assert not (tmp_path / "none" / "index.html").exists()
