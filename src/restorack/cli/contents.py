"""The commands with a line each: for the list of them, nothing else of a command is loaded."""

from __future__ import annotations

COMMANDS = {
    "render": "Render audio files through a preset, or through stages given on the command line.",
    "batch": "Render many files through one rack, by several workers.",
    "batch-status": "Show how far batches into a folder are, all shards together; also called "
    "batch status.",
    "analyze": "Analyse recordings without a reference, and name the preset that fits.",
    "compare": "Fit synthetic damage to a real record.",
    "evaluate": "Score files against a reference.",
    "train": "Train a network on a corpus, and export the weights that restore held-out pieces "
    "best.",
    "tune": "Search the parameters of a preset without gradients, and write the best.",
    "speed": "Measure the wow of a disc, blind, and the pitch that its music is tuned to.",
    "merge": "Merge transfers, copies, styli or walls of one recording into one.",
    "match": "Bring a recording towards the level, tone, width and dynamics of others.",
    "separate": "Separate a recording into a harmonic part, a percussive part and the voice.",
    "split": "Split a side of a disc or tape into its tracks.",
    "info": "Show format, length, tags and chunks of audio files.",
    "auto": "Analyse recordings, restore each with the preset that fits, and say why.",
    "page": "Render recordings and make a page to compare them by ear, before and after.",
    "compare-presets": "Render recordings through several presets, on one page, to choose by ear.",
    "picture": "Draw waveforms, spectrograms, a difference, noise floors, repairs or a training's "
    "loss.",
    "demo": "Synthesise a worn 78, restore it, and make a page to compare them by ear.",
}
GROUPS = {
    "presets": "Show and check presets.",
    "plugins": "Show processors and installed plugins.",
    "curves": "Recording curves of discs, by name and by label.",
    "corpus": "Build, extend and inspect corpora of clean audio to train on.",
    "bench": "Benchmark on your own recordings.",
    "examples": "Make clips to try things with; nothing is downloaded.",
    "session": "Mix stems from a session file.",
    "stems": "Work on folders of stems.",
    "export": "Sessions as projects of DAWs.",
    "import": "Projects of DAWs as sessions.",
    "job": "Render single files for queues.",
    "tags": "Set tags of files.",
    "archive": "METS documents, bags, and policies for preservation files.",
}
"""Each is what its module in restorack.cli.commands or restorack.cli.groups has of the same name; a
test compares the lines with what the commands say themselves."""
