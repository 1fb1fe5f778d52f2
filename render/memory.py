"""How much memory a render takes beyond what the process holds before it.

Every figure is a peak that was measured (``VmHWM``) on signals of 30 s to 8 minutes, one to six
channels; ``tests/render/test_memory.py`` measures again. Networks and what a stage keeps of its own
are not counted.
"""

from __future__ import annotations

import sys

from restorack.chains import Chain
from restorack.chains.native import can_stream_native, is_native
from restorack.chains.walking import all_slots
from restorack.core.crew import AHEAD
from restorack.hosting.stage import HostedPlugin
from restorack.render.block_reader import BLOCK
from restorack.render.mixing import PIECE

SAMPLE = 4
"""Bytes of a float32."""

LIBRARIES = 5_000_000
"""What the first render of a process loads; DawDreamer beside it."""

DAWDREAMER = 18_000_000
"""Of its own, once it is loaded."""

CHILD = 25_000_000
"""Of its own, in the process that hosts plugins, before it has loaded one."""

MAPPED_DAWDREAMER = 80_000_000
"""Of its library's file: 45 to 80 million, by how much the kernel maps at once; the most counts."""

MAPPED_CHILD = 120_000_000
"""The same of all libraries of the process that hosts plugins; 80 to 120 million."""

BLOCK_COPIES = 32
"""Of a block, from reading to writing, for each channel."""

GRAPH_COPIES = 11.5
"""Of a stereo pair's piece, half of them its other side: DawDreamer's and those given to it."""

PIECE_COPIES = 4
"""Of a channel's piece, around the graph."""

HOST_COPIES = 4.25
"""Of what goes through a plugin as a whole, in the child."""

WHOLE_COPIES = 2
"""Of a signal that goes through a hosted stage as a whole, in this process."""

NESTED_COPIES = 8
"""The same where the stage stands in a nested chain or a parallel mix, whose branches wait."""

OTHER_COPIES = 2
"""Of a signal that a stage of this process takes as a whole, such as pedalboard's PitchShift."""

SIDES = 2
"""Channels that a VST3 plugin is given at least: mono is rendered as stereo."""


def streamed_bytes(frames: int, channels: int, *, by_graph: bool, queues: int = 0) -> int:
    """Return what a render takes whose stages stream.

    Parameters
    ----------
    frames : int
        Samples of the longer of input and output.
    channels : int
    by_graph : bool
        Whether DawDreamer makes the last mix.
    queues : int
        Between threads: one full of blocks for each stage that has one.
    """
    waiting = min(frames, BLOCK * AHEAD * queues) * channels
    blocks = min(frames, BLOCK) * channels * BLOCK_COPIES + waiting
    libraries = 0 if "mutagen" in sys.modules else LIBRARIES
    if not by_graph:
        return int(libraries + SAMPLE * blocks)
    piece = min(frames, PIECE) * (GRAPH_COPIES + channels * PIECE_COPIES)
    libraries += 0 if "dawdreamer" in sys.modules else DAWDREAMER + MAPPED_DAWDREAMER
    return int(libraries + SAMPLE * (blocks + piece))


def whole_bytes(chain: Chain, frames: int, channels: int, rate: float, *, whole: bool) -> int:
    """Return what a chain's stages take that get the whole signal at once.

    The largest of them counts: each has given back what it held when the next one begins.

    Parameters
    ----------
    chain : Chain
    frames, channels, rate
        Of the signal that the chain gets, the rate in Hz.
    whole : bool
        Whether hosted stages get the whole signal that could stream.
    """
    outer = {id(slot) for slot in chain.slots}
    copies = [0.0]
    for slot in all_slots(chain, active=True):
        stage, nested = slot.stage, id(slot) not in outer
        if isinstance(stage, HostedPlugin):
            if not stage.can_stream or (whole and not nested):
                copies.append(_hosted_copies(stage, channels, nested=nested))
        elif is_native(stage) and not can_stream_native(stage, rate):
            copies.append(OTHER_COPIES * channels)
    return int(max(copies) * frames * SAMPLE)


def _hosted_copies(plugin: HostedPlugin, channels: int, *, nested: bool) -> float:
    """Return how many copies of one channel a plugin takes, not yet loaded, in both processes."""
    # Most VST3 plugins are stereo: a mono signal then goes through on both sides.
    width = max(channels, SIDES) if plugin.spec.kind == "vst3" else channels
    apart = 2 * width if width != channels else 0
    around = NESTED_COPIES if nested else WHOLE_COPIES
    return channels * around + apart + width * HOST_COPIES
