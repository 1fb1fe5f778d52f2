"""CLAP plugins, hosted here: their binary interface is C, and no library of ours loads it."""
