"""What a render writes of itself: true of the file, and the same wherever it is made."""

import json
import os
import subprocess
import sys

import numpy as np
import pedalboard
import pytest
import soundfile
import wavinfo
from mutagen import flac

from restorack.io.metadata import read_metadata
from restorack.presets.making import chain_of
from restorack.render.api import render
from restorack.render.identity import preset_hash, process_of, weights_hash
from restorack.version import __version__

RATE = 48_000
TIMES = np.arange(4 * RATE) / RATE
TONE = 0.2 * np.sin(2 * np.pi * 440 * TIMES) * (1 + 0.5 * np.sin(2 * np.pi * 0.3 * TIMES))


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "side.wav"
    soundfile.write(path, np.stack([TONE, TONE], 1), RATE, subtype="PCM_24")
    return path


def rendered(source, name="out.wav", chain="pedalboard.Gain", **options):
    target = source.with_name(name)
    render(source, target, chain, force=True, **options)
    return target


def test_the_extension_is_whole_in_the_eyes_of_wavinfo_and_ffprobe(source):
    target = rendered(source, md5=True)
    bext = wavinfo.WavInfoReader(str(target)).bext
    assert bext.version == 2
    assert bext.originator == "restorack"
    assert bext.originator_ref == read_metadata(target).bext["originator_reference"]
    line = f"A=PCM,F=48000,W=24,M=stereo,T=restorack {__version__};"
    assert bext.coding_history.startswith(line)
    assert f"@sha256:{preset_hash(chain_of('pedalboard.Gain'))}" in bext.coding_history
    assert bext.coding_history.count("\n") == 1
    assert bext.coding_history.endswith("\r\n")
    command = ["ffprobe", "-v", "error", "-show_format", "-of", "json", target]
    shown = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    tags = shown["format"]["tags"]
    assert tags["coding_history"].strip() == bext.coding_history.strip()
    assert tags["originator_reference"] == bext.originator_ref


def test_its_loudness_is_that_of_ffmpeg(source):
    target = rendered(source)
    bext = wavinfo.WavInfoReader(str(target)).bext
    command = ["ffmpeg", "-nostats", "-i", target, "-af", "ebur128=peak=true", "-f", "null", "-"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    summary = told[told.index("Summary:") :]

    def of(name):
        return float(summary[summary.index(name) + len(name) :].split()[0])

    # ffmpeg prints tenths; its true peak is of 4 times oversampling.
    assert bext.loudness_value == pytest.approx(of("I:"), abs=0.06)
    assert bext.loudness_range == pytest.approx(of("LRA:"), abs=0.06)
    assert bext.max_true_peak == pytest.approx(of("Peak:"), abs=0.15)
    assert bext.max_momentary_loudness > bext.max_shortterm_loudness > bext.loudness_value - 1


def test_every_render_appends_its_line(source):
    first = rendered(source)
    second = rendered(first, "again.wav", ["pedalboard.Gain", "restorack.Air"])
    lines = read_metadata(second).bext["coding_history"].splitlines()
    assert len(lines) == 2
    assert lines[0] == read_metadata(first).bext["coding_history"]
    assert f"weights@sha256:{weights_hash()}" in lines[1]
    kept = ("originator", "originator_reference", "version")
    before, after = read_metadata(first).bext, read_metadata(second).bext
    assert [before[name] for name in kept] == [after[name] for name in kept]


@pytest.mark.parametrize(
    ("text", "day", "time"),
    [
        ("1947-05-02", "1947-05-02", None),
        ("1947-05-02T10:11:12", "1947-05-02", "10:11:12"),
        ("1947", None, None),
        ("1947-13-45", None, None),
    ],
)
def test_the_date_is_the_sources(tmp_path, source, text, day, time):
    path = tmp_path / "a.flac"
    soundfile.write(path, TONE, RATE, subtype="PCM_16")
    file = flac.FLAC(path)
    file["date"], file["title"] = text, "Side A"
    file.save()
    found = read_metadata(rendered(path)).bext
    assert found.get("origination_date") == day
    assert found.get("origination_time") == time
    assert found["description"] == "Side A"
    assert "origination_date" not in read_metadata(rendered(source)).bext


def test_silence_states_no_loudness(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros(RATE), RATE)
    found = read_metadata(rendered(tmp_path / "a.wav")).bext
    assert not [name for name in found if "lu" in name or "dbtp" in name]


def test_the_difference_has_its_own(source):
    target = source.with_name("removed.wav")
    rendered(source, difference=target, md5=True)
    found = read_metadata(target).bext
    assert found["coding_history"].endswith(";removed")
    assert wavinfo.WavInfoReader(str(target)).bext.version == 2


def test_a_preset_is_known_by_what_its_files_hold_not_by_where_they_lie(tmp_path):
    def of(folder, samples):
        path = tmp_path / folder / "room.wav"
        path.parent.mkdir(exist_ok=True)
        soundfile.write(path, samples, RATE)
        return preset_hash(chain_of(pedalboard.Convolution(str(path))))

    one, other = np.eye(1, 64)[0], np.eye(1, 64, 3)[0]
    assert of("here", one) == of("there", one) != ""
    assert of("here", one) != of("here", other)


def test_what_no_preset_holds_is_named_alone(tmp_path):
    assert process_of(chain_of("pedalboard.Gain")).count("sha256") == 1
    assert process_of(chain_of("restorack.Air")).count("sha256") == 2


SCRIPT = """
import sys
from restorack import render
chain = ["restorack.Declicker", "pedalboard.Gain"]
for name in ("a.wav", "a.rf64", "a.flac", "a.ogg", "a.opus", "a.mp3", "a.aiff", "a.w64"):
    render(sys.argv[1], name, chain, stop=1.0, md5=name[2] in "wrf" and name != "a.w64", force=True,
           difference="a.difference.wav" if name == "a.wav" else None)
render(sys.argv[1], "f.aiff", chain, stop=1.0, subtype="FLOAT")
"""


@pytest.mark.slow  # the same renders by two processes
def test_neither_clock_nor_folder_nor_user_is_in_a_file(tmp_path, source):
    made = []
    for number, zone in enumerate(("UTC", "Asia/Tokyo")):
        folder = tmp_path / f"folder {number}" / ("deep" * number)
        folder.mkdir(parents=True)
        given = folder / f"input {number}.wav"
        given.write_bytes(source.read_bytes())
        os.utime(given, (number * 1e8, number * 1e8))
        environment = os.environ | {
            "TZ": zone, "HOME": str(folder), "USER": f"user{number}", "LOGNAME": f"user{number}",
        }  # fmt: skip
        subprocess.run(
            [sys.executable, "-c", SCRIPT, given], cwd=folder, env=environment, check=True
        )
        made.append({path.name: path.read_bytes() for path in folder.glob("[af].*")})
    assert len(made[0]) == 10
    assert [name for name in made[0] if made[0][name] != made[1][name]] == []
