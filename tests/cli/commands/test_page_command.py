"""``restorack page``: one file, or a folder, that plays every recording before and after."""

from __future__ import annotations

import base64
import io
import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from command_line import RATE, Cli

from restorack.reports.listening.names import name_recordings


class Page(HTMLParser):
    """The elements of a page, and its data; whether all that is opened is closed."""

    EMPTY = ("meta", "link", "input", "img")

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.text = path.read_text(encoding="utf-8")
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(self.text)
        found = re.search(r'id="page-data">(.*?)</script>', self.text, re.DOTALL)
        assert found is not None
        self.data: Any = json.loads(found[1])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def sound(self, recording: int, track: str) -> np.ndarray:
        """Return the samples of a track inside of the page."""
        [found] = [
            one for one in self.data["recordings"][recording]["tracks"] if one["id"] == track
        ]
        element = found["segments"][0]["element"]
        text = re.search(rf'id="{element}">(.*?)</script>', self.text, re.DOTALL)
        assert text is not None
        samples: np.ndarray = soundfile.read(io.BytesIO(base64.b64decode(text[1])))[0]
        return samples


def test_one_file_holds_every_recording_and_track(
    cli: Cli, make_worn, preset: Path, tmp_path: Path
) -> None:
    odd = make_worn("a & <b> #1.flac")
    files = [odd, make_worn("two.wav", 2), make_worn("more/two.wav")]
    target = tmp_path / "page.html"
    ran = cli("page", *files, "-p", preset, "-o", target, "--title", "Old & <new>", "--json")
    assert ran.code == 0, ran.err
    assert ran.document["page"] == str(target)
    page = Page(target)
    assert page.open == []
    assert "<h1>Old &amp; &lt;new&gt;</h1>" in page.text
    assert [one["name"] for one in page.data["recordings"]] == [file.name for file in files]
    for number, file in enumerate(files):
        kinds = [one["kind"] for one in page.data["recordings"][number]["tracks"]]
        assert kinds == ["before", "after", "difference"]
        before, after, difference = (
            page.sound(number, name) for name in ("before", "after", "difference")
        )
        assert np.allclose(before, soundfile.read(file)[0], atol=2**-22)
        assert np.allclose(before - after, difference, atol=2**-21)
    assert os.listdir(tmp_path).count("page.html") == 1


def test_a_folder_has_renders_and_reports_beside_the_page(
    cli: Cli, worn: Path, preset: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "page"
    ran = cli("page", worn, "-p", preset, "-o", folder, "--no-analysis", "--audio", "flac")
    assert ran.code == 0, ran.err
    names = sorted(os.listdir(folder))
    assert names == [
        "audio", "index.html", "worn.after.wav", "worn.difference.wav", "worn.report.json",
    ]  # fmt: skip
    before, after, difference = (
        soundfile.read(path)[0]
        for path in (worn, folder / "worn.after.wav", folder / "worn.difference.wav")
    )
    assert np.allclose(before - after, difference, atol=2**-22)
    page = Page(folder / "index.html")
    for track in page.data["recordings"][0]["tracks"]:
        for part in track["segments"]:
            assert (folder / part["file"]).stat().st_size > 1000


@pytest.mark.parametrize("target", ["page", "page.html"])
def test_a_page_is_replaced_only_on_request(
    cli: Cli, worn: Path, preset: Path, tmp_path: Path, target: str
):
    arguments = ("page", worn, "-p", preset, "-o", tmp_path / target, "--no-analysis")
    assert cli(*arguments).code == 0
    refused = cli(*arguments)
    assert refused.code == 5
    assert "--force" in refused.err
    assert cli(*arguments, "--force").code == 0


def test_several_presets_stand_side_by_side(
    cli: Cli, worn: Path, preset: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(preset.read_text().replace("low-cut", "other").replace("-3", "-9"))
    target = tmp_path / "page.html"
    ran = cli("page", worn, "-p", preset, "-p", other, "-o", target, "--no-analysis")
    assert ran.code == 0, ran.err
    page = Page(target)
    tracks = page.data["recordings"][0]["tracks"]
    labels = [one["label"] for one in tracks]
    assert labels == ["before", "low-cut", "other", "removed by low-cut", "removed by other"]
    assert tracks[1]["lufs"] - tracks[2]["lufs"] == pytest.approx(6.0, abs=0.05)
    assert np.allclose(page.sound(0, "after-1"), 2 * page.sound(0, "after-2"), rtol=5e-3, atol=1e-4)


def test_each_stage_can_be_heard(cli: Cli, worn: Path, tmp_path: Path) -> None:
    chain = tmp_path / "three.yaml"
    chain.write_text(
        "format: 1\nname: three\ndescription: x\nstages:\n"
        "  - pedalboard.Gain: {gain_db: -6}\n  - restorack.Dehum: {}\n"
        "  - pedalboard.Gain: {gain_db: -6}\n"
    )
    target = tmp_path / "page.html"
    ran = cli("page", worn, "-p", chain, "-o", target, "--no-analysis")
    assert ran.code == 0, ran.err
    page = Page(target)
    assert [one["label"] for one in page.data["recordings"][0]["tracks"]][3:] == [
        "after gain", "after dehum",
    ]  # fmt: skip
    before, gained, dehummed, after = (
        page.sound(0, name) for name in ("before", "stage-1", "stage-2", "after")
    )
    assert np.allclose(gained, before * 10 ** (-6 / 20), atol=2**-20)
    assert np.allclose(after, dehummed * 10 ** (-6 / 20), atol=2**-20)
    without = cli(
        "page", worn, "-p", chain, "-o", target, "--no-analysis", "--no-stages", "--force"
    )
    assert without.code == 0
    assert len(Page(target).data["recordings"][0]["tracks"]) == 3


def test_what_does_not_fit_is_refused_before_it_is_rendered(
    cli: Cli, tmp_path: Path, preset: Path
) -> None:
    source = tmp_path / "long.wav"
    soundfile.write(source, np.zeros(600 * 8000), 8000)
    refused = cli("page", source, "-p", preset, "-o", tmp_path / "p.html", "--max-mb", "4")
    assert refused.code == 2
    assert "--output DIR" in refused.err


def test_a_wrong_coding_is_refused(cli: Cli, worn: Path, preset: Path, tmp_path: Path) -> None:
    refused = cli("page", worn, "-p", preset, "-o", tmp_path / "p.html", "--audio", "opuz")
    assert refused.code == 2
    assert "opus" in refused.err


def test_a_change_of_rate_leaves_no_difference(cli: Cli, tmp_path: Path) -> None:
    noise = 0.1 * np.random.default_rng(2).standard_normal(16_000)
    soundfile.write(tmp_path / "low.wav", noise, 16_000)
    gain = tmp_path / "up.yaml"
    gain.write_text(
        f"format: 1\nname: up\ndescription: Raises the rate.\nwork_rate: {RATE}\n"
        f"stages:\n  - pedalboard.Gain: {{gain_db: 1}}\noutput: {{sample_rate: {RATE}}}\n"
    )
    target = tmp_path / "page.html"
    ran = cli("page", tmp_path / "low.wav", "-p", gain, "-o", target, "--no-analysis")
    assert ran.code == 0, ran.err
    page = Page(target)
    assert [one["kind"] for one in page.data["recordings"][0]["tracks"]] == ["before", "after"]
    assert len(page.sound(0, "before")) == len(page.sound(0, "after"))


def test_stems_that_meet_are_never_mixed() -> None:
    given = ("b.wav", "sub/b.wav", "b-2.wav", "B.flac", "b-2.flac", "b-3.wav")
    files = [Path(name) for name in given]
    names = name_recordings(files)
    assert names == ["b", "b-4", "b-2", "B-5", "b-2-2", "b-3"]
    assert len({name.casefold() for name in names}) == len(files)


def test_a_page_never_replaces_a_recording(cli: Cli, tmp_path: Path, preset: Path) -> None:
    folder = tmp_path / "page"
    folder.mkdir()
    files = [tmp_path / "a.wav", folder / "a.after.wav"]
    for file in files:
        soundfile.write(file, np.zeros(4000), RATE)
    before = files[1].read_bytes()
    ran = cli("page", *files, "-p", preset, "-o", folder, "--force", "--no-analysis")
    assert ran.code == 5
    assert "is an input" in ran.err
    assert files[1].read_bytes() == before


def test_a_file_that_fails_leaves_the_page_to_the_others(
    cli: Cli, worn: Path, preset: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"no audio")
    target = tmp_path / "page.html"
    ran = cli("page", broken, worn, "-p", preset, "-o", target, "--json", "--no-analysis")
    assert ran.code != 0
    assert ran.document["files"] == [str(worn)]
    assert list(ran.document["errors"]) == [str(broken)]
    assert [one["name"] for one in Page(target).data["recordings"]] == [worn.name]
    alone = cli("page", broken, "-p", preset, "-o", tmp_path / "none.html", "--json")
    assert alone.document["page"] is None
    assert not (tmp_path / "none.html").exists()


def test_a_batch_makes_pages_and_their_index(cli, make_worn, preset: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    make_worn("in/one.wav")
    soundfile.write(folder / "quiet.wav", np.zeros(4000), 44_100)
    (folder / "broken.wav").write_bytes(b"no audio")
    ran = cli("batch", folder, "-o", tmp_path / "out", "-p", preset, "--page", "-j", "1", "--json")
    assert ran.code != 0
    text = (tmp_path / "out" / "index.html").read_text()
    rows = re.findall(r'<th scope="row">(.*?)</th><td>(\w+)</td>', text)
    assert [status for _, status in rows] == ["failed", "done", "done"]
    links = re.findall(r'href="([^"]*page.html)"', text)
    assert sorted(links) == ["one.page.html", "quiet.page.html"]
    for link in links:
        assert (tmp_path / "out" / link).stat().st_size > 10_000
