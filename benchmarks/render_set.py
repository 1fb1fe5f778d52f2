#!/usr/bin/env python3
"""Run a preset or single stages over a folder of test items, keeping its layout.

    python benchmarks/render_set.py SET OUT --stage restorack.Declicker [--set declicker.mix=1]
    python benchmarks/render_set.py SET OUT --preset 78rpm --conditions A,A5

SET/CONDITION/ITEM.wav becomes OUT/CONDITION/ITEM.wav, 24-bit, ready to be scored against the
clean items.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from restorack import load_preset, render
from restorack.presets import apply_settings, chain_from_stages


def main() -> None:
    """Render every item."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--preset")
    parser.add_argument("--stage", action="append", default=[])
    parser.add_argument("--set", dest="settings", action="append", default=[])
    parser.add_argument("--conditions", default="")
    options = parser.parse_args()
    wanted = options.conditions.split(",") if options.conditions else None
    for folder in sorted(path for path in options.set.iterdir() if path.is_dir()):
        if wanted is not None and folder.name not in wanted:
            continue
        target = options.out / folder.name
        target.mkdir(parents=True, exist_ok=True)
        for item in sorted(folder.glob("*.wav")):
            chain = (
                load_preset(options.preset) if options.preset else chain_from_stages(options.stage)
            )
            apply_settings(chain, options.settings)
            render(item, target / item.name, chain, force=True)
        print(folder.name, flush=True)


if __name__ == "__main__":
    main()
