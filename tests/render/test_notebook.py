"""What a notebook shows of a render: players and spectrograms that hold what the files hold."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import numpy as np
import soundfile
from matplotlib.image import imread

from restorack import render
from restorack.chains import Chain
from restorack.plugins.air import Air
from restorack.render.notebook import COLUMNS, LINES, spectrogram_png

RATE = 44_100


def test_a_render_shows_players_and_spectrograms(tmp_path: Path) -> None:
    tone = 0.1 * np.sin(2 * np.pi * 3000 * np.arange(RATE) / RATE)
    soundfile.write(tmp_path / "in.wav", tone, RATE)
    result = render(tmp_path / "in.wav", tmp_path / "out.wav", Air(), difference=tmp_path / "d.wav")
    html = result._repr_html_()
    assert html.count("<audio") == html.count("<img") == 3
    [sound, *_] = re.findall(r"audio/wav;base64,([^\"]+)", html)
    heard, rate = soundfile.read(io.BytesIO(base64.b64decode(sound)))
    assert rate == RATE
    assert np.allclose(heard, tone, atol=1e-4)
    (tmp_path / "out.wav").unlink()
    assert "no such file" in result._repr_html_().lower()


def test_a_tone_is_a_line_at_its_frequency() -> None:
    tone = 0.1 * np.sin(2 * np.pi * 5512.5 * np.arange(RATE) / RATE)
    picture = imread(io.BytesIO(spectrogram_png(tone[np.newaxis].astype(np.float32))))
    assert picture.shape[:2] == (LINES, COLUMNS)
    brightest = int(picture.sum(axis=(1, 2)).argmax())
    assert abs(brightest - LINES * 3 // 4) <= 1


def test_stages_and_chains_show_tables() -> None:
    assert "amount_db" in Air()._repr_html_()
    chain = Chain([Air()])
    chain.bypass("air")
    assert "(bypassed)" in chain._repr_html_()
