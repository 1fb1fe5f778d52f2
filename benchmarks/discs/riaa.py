"""How exactly PlaybackEq, ffmpeg's aemphasis and sox's riaa play RIAA.

    python benchmarks/discs/riaa.py --music DIR [--seconds 10]

Needs ffmpeg and sox. Printed are, at each rate, the largest difference of the gain from the
analogue curve (3180, 318 and 75 us; 0 dB at 1 kHz) from 20 Hz to 10 and to 20 kHz (or 45 % of the
rate), and how far below the music the error lies where recordings were cut by RIAA (by the
circuit's response) and played.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from restorack.io.reader import AudioReader
from restorack.plugins.disc.curves import named_curve
from restorack.plugins.disc.playback_eq import PlaybackEq

Floats = NDArray[np.float64]
ENDINGS = (".flac", ".wav", ".ogg")
COMMANDS = {
    "ffmpeg": ["ffmpeg", "-y", "-loglevel", "error", "-i", "{source}", "-af",
               "aemphasis=type=riaa:mode=reproduction", "-c:a", "pcm_f32le", "{target}"],
    "sox": ["sox", "-V1", "{source}", "-e", "floating-point", "-b", "32", "{target}", "riaa"],
}  # fmt: skip
TOOLS = ("restorack", "ffmpeg", "sox")
RATES = (44_100, 48_000, 96_000)


def played(tool: str, mono: Floats, rate: int) -> Floats:
    """Return a signal as a tool plays it."""
    if tool == "restorack":
        return PlaybackEq(curve="RIAA").process(mono.astype(np.float32), rate).astype(float)
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "in.wav"), Path(folder, "out.wav")
        soundfile.write(source, mono, rate, subtype="FLOAT")
        command = [part.format(source=source, target=target) for part in COMMANDS[tool]]
        subprocess.run(command, check=True)
        out: Floats = soundfile.read(target)[0]
    return out[: mono.size]


def deviation_db(tool: str, rate: int, top_hz: float) -> float:
    """Return the largest difference of the gain from the curve's."""
    impulse = np.zeros(4 * rate)
    impulse[rate] = 0.1
    hertz = np.fft.rfftfreq(impulse.size, 1 / rate)
    gain = np.abs(np.fft.rfft(played(tool, impulse, rate))) / 0.1
    gain /= np.interp(1000.0, hertz, gain)
    inside = (hertz >= 20.0) & (hertz <= min(top_hz, 0.45 * rate))
    wanted = named_curve("RIAA").gain(hertz[inside])
    return float(np.abs(20 * np.log10(gain[inside] / wanted)).max())


def error_db(tool: str, music: Floats, rate: int) -> float:
    """Return the error below the music, after cutting and playing, gain and edges aside."""
    pad = np.pad(music, rate)
    hertz = np.fft.rfftfreq(pad.size, 1 / rate)
    cut = np.fft.irfft(np.fft.rfft(pad) / analogue(hertz), pad.size)
    cut /= np.abs(cut).max()
    back = played(tool, cut * 0.1, rate)
    truth = pad[rate:-rate]
    heard = back[rate:-rate]
    heard = heard * (heard @ truth) / (heard @ heard)
    return float(10 * np.log10(np.sum((heard - truth) ** 2) / np.sum(truth**2)))


def analogue(hertz: Floats) -> NDArray[np.complex128]:
    """Return the response of the circuit that plays RIAA."""
    curve = named_curve("RIAA")
    out = np.ones(hertz.size, np.complex128)
    for corner in curve.zeros_hz:
        out *= 1.0 + 1j * hertz / corner
    for corner in curve.poles_hz:
        out /= 1.0 + 1j * hertz / corner
    return out


def main() -> None:
    """Measure all tools."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--music", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    for tool in TOOLS:
        gains = ", ".join(
            f"{rate}: "
            + ", ".join(f"{deviation_db(tool, rate, top):.3f}" for top in (10_000.0, 20_000.0))
            for rate in RATES
        )
        errors = []
        for path in sorted(p for p in options.music.iterdir() if p.suffix in ENDINGS):
            with AudioReader(path) as reader:
                rate = int(reader.info.sample_rate)
                stop = min(reader.info.frames, round(options.seconds * rate))
                rows = np.concatenate(list(reader.blocks(65_536, 0, stop)), axis=1)
            errors.append(error_db(tool, rows.mean(axis=0).astype(float), rate))
        print(f"{tool:10s} dB from RIAA at {gains}; error on {len(errors)} recordings: median "
              f"{np.median(errors):.1f}, worst {max(errors):.1f} dB", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
