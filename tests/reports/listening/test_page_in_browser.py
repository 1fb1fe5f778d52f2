"""The listening page in a headless Chromium: what it plays, counts, and asks the network for."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pages.browser import Browser
from pages.listening_pages import tracks_of, write_page
from ruamel.yaml import YAML
from scipy.stats import binomtest

from restorack.reports.listening import encoding
from restorack.reports.listening.encoding import Coding
from restorack.reports.listening.page import PageRecording, PresetNotes, page_html

pytestmark = pytest.mark.slow

RATE = 48_000
SECONDS = 3
QUANTUM = 128
FLAC = Coding("flac", RATE)

RENDER = """
(async () => {
  // The player's clock is an offline context's: it stands while the page acts.
  const {player} = restorack.session;
  class Clock extends OfflineAudioContext {
    constructor({sampleRate}) { super(1, Math.round(SECONDS * sampleRate), sampleRate); }
    get state() { return "running"; }
  }
  globalThis.AudioContext = Clock;
  player.context = null;
  player.open();
  for (const audio of player.audio) for (const i of audio.track.segments.keys())
    await audio.load(i);
  const rest = (ms) => new Promise((done) => setTimeout(done, ms));
  const acts = ACTS;
  const notes = {};
  for (let at = 0.05; at < SECONDS - 0.06; at += 0.05) player.context.suspend(at).then(async () => {
    const now = player.context.currentTime;
    const due = Object.keys(acts).filter((t) => Number(t) <= now + 0.001);
    for (const t of due) { notes[t] = acts[t](player); delete acts[t]; }
    await rest(due.length ? 20 : 1);
    if (player.playing && player.cursor) await player.keepScheduling(player.generation);
    clearTimeout(player.timer);
    player.context.resumeAgain();
  });
  const resume = OfflineAudioContext.prototype.resume;
  player.context.resumeAgain = () => resume.call(player.context);
  const rendered = await player.context.startRendering();
  return {samples: [...rendered.getChannelData(0)], notes};
})()
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        opened.size(1280, 900)
        yield opened


def ramps(count: int) -> list[tuple[str, str, np.ndarray]]:
    """Return two tracks whose every sample says where it is: 0 to 0.9, and twice as steep."""
    rise = 0.45 * np.arange(1, count + 1) / count
    return [("before", "before", rise[np.newaxis]), ("after", "after", 2 * rise[np.newaxis])]


def played(browser: Browser, acts: str, seconds: float = SECONDS) -> tuple[np.ndarray, Any]:
    """Return what is heard while acts are done at their times."""
    script = RENDER.replace("SECONDS", str(seconds)).replace("ACTS", acts)
    found = browser.run(script)
    return np.array(found["samples"]), found["notes"]


def places(samples: np.ndarray, count: int, slope: float) -> np.ndarray:
    """Return which sample of a ramp each is."""
    return samples / (slope * 0.45) * count - 1


@pytest.fixture(scope="module")
def ramp_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_page(tmp_path_factory.mktemp("ramp") / "p.html", ramps(SECONDS * RATE), FLAC)


def test_one_playhead_through_switch_pause_and_scrub(browser: Browser, ramp_page: Path) -> None:
    browser.open(ramp_page)
    count = SECONDS * RATE
    samples, notes = played(
        browser,
        "{0.1: (p) => { restorack.session.set({matched: false}); p.play(); },"
        " 0.5: (p) => p.choose(1), 1.0: (p) => { p.pause(); return p.resting; },"
        " 1.5: (p) => p.play(), 2.0: (p) => p.seek(100000)}",
    )
    frames = np.arange(len(samples))
    first, second = (places(samples, count, slope) for slope in (1, 2))

    def offset(positions: np.ndarray, begin: float, end: float) -> float:
        part = slice(round(begin * RATE), round(end * RATE))
        offsets = (positions - frames)[part]
        assert np.ptp(offsets) < 1.0  # it runs on, sample by sample
        return float(np.median(offsets))

    begun = offset(first, 0.25, 0.45)
    assert begun == pytest.approx(-0.13 * RATE, abs=0.06 * RATE)
    assert abs(offset(second, 0.6, 0.95) - begun) < 1.0  # a switch moves nothing
    silent = samples[round(1.1 * RATE) : round(1.45 * RATE)]
    assert np.all(silent == 0.0)
    again = round(1.45 * RATE) + np.flatnonzero(samples[round(1.45 * RATE) :])[0]
    goes_on = offset(second, 1.7, 1.95)
    assert abs(goes_on - (notes["1"] - again)) <= QUANTUM
    paused_at = np.flatnonzero(samples[: round(1.3 * RATE)])[-1] + begun
    assert abs(notes["1"] - paused_at) <= QUANTUM
    after = samples[round(2.02 * RATE) : round(2.15 * RATE)]
    jumped = round(2.02 * RATE) + np.flatnonzero(after == 0.0)[-1] + 1
    assert abs(offset(second, 2.2, 2.8) - (100_000 - jumped)) <= QUANTUM
    assert browser.problems == []


def test_a_loop_comes_back_to_its_first_sample(browser: Browser, ramp_page: Path) -> None:
    browser.open(ramp_page)
    samples, _ = played(
        browser,
        "{0.1: (p) => { restorack.session.set({matched: false}); p.setLoop(24000, 43200);"
        " p.setLooping(true); p.play(); }}",
    )
    heard = places(samples, SECONDS * RATE, 1)[round(0.2 * RATE) :]
    assert heard.min() == pytest.approx(24_000, abs=1)
    assert heard.max() == pytest.approx(43_199, abs=1)
    steps = np.diff(heard)
    jumps = steps[np.abs(steps - 1) > 0.5]
    assert len(jumps) >= 5
    assert np.allclose(jumps, 24_000 - 43_199, atol=1)


def test_segments_beside_the_page_join_without_a_seam(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "SEGMENT_S", 1)
    count = round(2.4 * RATE)
    page = write_page(tmp_path / "p.html", ramps(count), replace(FLAC, segmented=True))
    assert len(list((tmp_path / "audio").iterdir())) == 6
    browser.open(page)
    samples, _ = played(
        browser, "{0.1: (p) => { restorack.session.set({matched: false}); p.play(); }}", 2.8
    )
    heard = places(samples, count, 1)
    inside = heard[round(0.2 * RATE) : round(2.4 * RATE)]
    assert np.allclose(np.diff(inside), 1.0, atol=0.1)
    assert browser.problems == []
    assert len(browser.requests) == 6
    assert all(one.startswith(tmp_path.as_uri()) for one in browser.requests)


def noise_tracks(seconds: float) -> list[tuple[str, str, np.ndarray]]:
    """Return before, after (6 dB less) and their difference."""
    noise = 0.1 * np.random.default_rng(4).standard_normal((1, round(seconds * RATE)))
    return [
        ("before", "before", noise), ("after", "after", 0.5 * noise),
        ("difference", "difference", 0.5 * noise),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def noise_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_page(
        tmp_path_factory.mktemp("noise") / "p.html", noise_tracks(2.0), FLAC,
        markers=[(0.5, 0.001, 0), (1.5, 0.002, 0)], marker_kinds=["declicker"],
        presets=[PresetNotes("low-cut", [("declicker", "2 clicks repaired")], [], "format: 1\n")],
    )  # fmt: skip


def test_loudness_is_matched_by_lowering(browser: Browser, noise_page: Path) -> None:
    browser.open(noise_page)
    assert browser.run("restorack.session.player.gains") == pytest.approx([0.5, 1, 1], abs=0.01)
    assert "before \u22126.0 dB" in browser.run("document.getElementById('loudness').textContent")
    browser.key("m")
    assert browser.run("restorack.session.player.gains") == [1, 1, 1]
    assert browser.problems == []


def test_the_keyboard_does_all_that_the_mouse_does(browser: Browser, noise_page: Path) -> None:
    browser.open(noise_page)
    chosen = "document.querySelector('#tracks [aria-checked=true]').dataset.track"
    position = "restorack.session.player.position / 48000"
    for key, track in (("2", "after-1"), ("3", "difference-2"), ("9", "difference-2"),
                       ("ArrowUp", "after-1"), ("b", "before-0"), ("b", "after-1")):  # fmt: skip
        browser.key(key)
        assert browser.run(chosen) == track
    browser.key("ArrowRight")
    assert browser.run(position) == pytest.approx(1.0)
    browser.key("[")
    browser.key("Home")
    browser.key("l")
    assert browser.run("restorack.session.player.loop") == [RATE, 2 * RATE]
    assert browser.run("restorack.session.player.looping") is True
    browser.key("l")
    browser.key("n")
    assert browser.run(position) == pytest.approx(0.1)  # 0.4 s before the first repair
    assert "1 of 2: 0:00.50, 1.0 ms, declicker" in browser.run(
        "document.getElementById('repair-text').textContent"
    )
    browser.key("+")
    assert browser.run("restorack.session.view.span") == RATE
    browser.key(" ")
    assert browser.run("restorack.session.player.playing") is True
    moved = browser.run(f"new Promise(r => setTimeout(() => r({position}), 700))")
    assert moved > 0.15
    browser.key(" ")
    assert browser.run("restorack.session.player.playing") is False
    assert browser.problems == []


SAVED = """
globalThis.saved = {};
URL.createObjectURL = (blob) => {
  blob.text().then((text) => (saved.text = text));
  return "data:,";
};
"""


def saved(browser: Browser, button: str) -> str:
    """Press a button that saves, and return the text of the file."""
    browser.run(f"{SAVED} document.getElementById('{button}').click()")
    text = browser.run("new Promise(r => setTimeout(() => r(saved.text), 300))")
    assert isinstance(text, str)
    return text


@pytest.mark.parametrize(("right", "trials"), [(8, 8), (5, 8)])
def test_the_blind_test_counts(browser: Browser, noise_page: Path, right: int, trials: int) -> None:
    browser.open(noise_page)
    # The coin is tossed by the browser: here it is heads and tails in turn.
    browser.run(
        "(() => { let n = 0; crypto.getRandomValues = (a) => { a[0] = n++ % 2; return a; };"
        f" document.getElementById('abx-trials').value = '{trials}';"
        " document.getElementById('abx-start').click(); })()"
    )
    assert browser.run("document.body.classList.contains('blind')") is True
    for trial in range(trials):
        truth = "ba"[trial % 2]
        letter = truth if trial < right else {"a": "b", "b": "a"}[truth]
        browser.run(f"document.getElementById('abx-is-{letter}').click()")
    text = browser.run("document.getElementById('abx-result').textContent")
    p = binomtest(right, trials, alternative="greater").pvalue
    assert text.startswith(f"{right} of {trials} right, p = {p:.3f}")
    rows = list(csv.DictReader(io.StringIO(saved(browser, "abx-export"))))
    assert len(rows) == trials + 1
    assert sum(int(row["right"]) for row in rows[:-1]) == right
    assert browser.run("document.body.classList.contains('blind')") is False
    assert browser.problems == []


def test_nothing_tells_what_is_heard_in_a_blind_test(browser: Browser, noise_page: Path) -> None:
    browser.open(noise_page)
    browser.run("document.getElementById('abx-start').click()")
    browser.key("2")  # of no effect
    seen = []
    for letter in "ab":
        browser.run(f"document.getElementById('abx-hear-{letter}').click()")
        seen.append(browser.run(
            "new Promise(r => setTimeout(() => r(document.getElementById('waveform')"
            ".toDataURL() + getComputedStyle(document.querySelector('.track')).backgroundColor"
            " + getComputedStyle(document.querySelectorAll('.track')[1]).backgroundColor), 200))"
        ))  # fmt: skip
    assert seen[0] == seen[1]
    assert browser.run("getComputedStyle(document.querySelector('.facts')).visibility") == "hidden"
    browser.run("document.getElementById('abx-stop').click()")
    assert browser.problems == []


def test_ratings_and_a_configuration_are_saved(browser: Browser, noise_page: Path) -> None:
    browser.open(noise_page)
    browser.run("document.getElementById('rating-start').click()")
    assert browser.run("document.querySelectorAll('.rating-row').length") == 2
    browser.run(
        "document.querySelectorAll('.rating-row input').forEach((one, i) => {"
        " one.value = [30, 90][i]; one.dispatchEvent(new Event('input')); });"
        "document.getElementById('rating-end').click()"
    )
    browser.run("document.querySelector('#rating-result button').id = 'save-ratings'")
    rows = list(csv.DictReader(io.StringIO(saved(browser, "save-ratings"))))
    assert sorted(row["condition"] for row in rows) == ["after", "before"]
    assert [row["rating"] for row in rows] == ["90", "30"]
    document = YAML(typ="safe").load(saved(browser, "webmushra"))
    [mushra, finish] = document["pages"]
    assert (mushra["type"], finish["type"]) == ("mushra", "finish")
    assert mushra["reference"] == "configs/resources/audio/before-0.wav"
    assert mushra["stimuli"] == {"after-1": "configs/resources/audio/after-1.wav"}
    assert browser.problems == []


def test_what_others_wrote_is_shown_and_never_run(browser: Browser, tmp_path: Path) -> None:
    evil = (
        "</script><script>document.title='hit'</script><img src=x onerror=\"document.title='hit'\">"
    )
    page = write_page(
        tmp_path / "p.html",
        [(evil, "before", np.zeros((1, 4800))), ("{{ 7 * 7 }}", "after", np.zeros((1, 4800)))],
        FLAC, name=f"{evil}\u202e.wav", title=f"T {evil}", reason=evil, heads=[evil],
        marker_kinds=[evil], markers=[(0.01, 0.001, 0)],
        presets=[PresetNotes(evil, [(evil, evil)], [evil], evil)],
    )  # fmt: skip
    browser.open(page)
    assert browser.run("new Promise(r => setTimeout(() => r(document.title), 300))") == f"T {evil}"
    shown = browser.run("document.querySelector('#tracks .name').textContent")
    assert shown == evil
    assert browser.run("document.querySelectorAll('img').length") == 0
    assert browser.run("document.querySelector('pre').textContent") == evil
    assert "49" not in browser.run("document.getElementById('tracks').textContent")
    browser.key("n")
    assert evil in browser.run("document.getElementById('repair-text').textContent")
    assert browser.problems == []
    assert browser.requests == []


def work(browser: Browser) -> float:
    """Return the seconds that the page's thread has worked."""
    metrics = browser.call("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))


def test_three_minutes_open_at_once_and_load_nothing(browser: Browser, tmp_path: Path) -> None:
    minute = Coding("opus", RATE, 64.0)
    noise = 0.1 * np.random.default_rng(4).standard_normal((1, 180 * RATE))
    [track] = tracks_of(tmp_path, [("before", "before", noise)], minute)
    tracks = [
        replace(track, name=name, label=name, kind=name)
        for name in ("before", "after", "difference")
    ]
    page = tmp_path / "p.html"
    page.write_text(page_html("Long", [PageRecording("l.wav", RATE, 180 * RATE, tracks)]))
    assert page.stat().st_size < 12e6
    # The time of the page's own thread: the clock on the wall also has other work in it.
    browser.call("Performance.enable", timeDomain="threadTicks")
    before = work(browser)
    browser.open(page)
    browser.run(
        "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
    )
    assert work(browser) - before < 2.0
    assert browser.problems == []
    assert browser.requests == []


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 900), (3840, 2160)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_screen_is_filled_and_none_overflows(
    browser: Browser, noise_page: Path, width: int, height: int, theme: str
) -> None:
    browser.size(width, height, theme=theme)
    try:
        browser.open(noise_page)
        assert browser.run("document.documentElement.scrollWidth") <= width
        share = "document.getElementById('player').getBoundingClientRect().width / innerWidth"
        assert browser.run(share) > 0.7
        ground = browser.run("getComputedStyle(document.body).backgroundColor")
        assert (ground == "rgb(18, 19, 22)") == (theme == "dark")
        hidden = browser.run(
            "[...document.querySelectorAll('button, select, input')].filter((one) =>"
            " one.offsetParent && !(one.labels?.length || one.getAttribute('aria-label')"
            " || one.textContent.trim())).length"
        )
        assert hidden == 0  # every control has a name
    finally:
        browser.size(1280, 900)
