"""Run a rack over a benchmark set, or any folder of the same layout."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from restorack.bench.manifest import MANIFEST, read_manifest
from restorack.errors import FileError, ParameterError, suggest

if TYPE_CHECKING:
    from restorack.chains import Chain

NOT_CONDITIONS = ("clean", "clean-music", "truth")
"""Folders of a set without a manifest that hold no damaged items."""


def condition_folders(folder: Path, conditions: Sequence[str] | None = None) -> list[Path]:
    """Return the folders of items.

    Parameters
    ----------
    folder : Path
        A set; without a manifest every folder in it but ``clean``, ``clean-music`` and ``truth``.
    conditions : sequence of str, optional
        These alone.

    Raises
    ------
    FileError
        Where there are none.
    ParameterError
        For a condition that is not there.
    """
    if (folder / MANIFEST).exists():
        names = list(read_manifest(folder).conditions)
    elif folder.is_dir():
        there = sorted(path.name for path in folder.iterdir() if any(path.glob("*.wav")))
        names = there if conditions else [n for n in there if not n.startswith(NOT_CONDITIONS)]
    else:
        raise FileError("is no folder", where=str(folder))
    if not names:
        raise FileError("has no folder with items", where=str(folder), rule="CONDITION/ITEM.wav")
    for name in conditions or ():
        if name not in names:
            raise ParameterError(f"the condition {name!r}", remedy=suggest(name, names))
    return [folder / name for name in (conditions or names)]


def run_set(
    folder: Path,
    outputs: Path,
    chain: Chain,
    conditions: Sequence[str] | None = None,
    *,
    force: bool = False,
    on_item: Callable[[str, str], None] = lambda condition, item: None,
) -> int:
    """Render every item through a chain into ``outputs/CONDITION/ITEM.wav``, 24-bit.

    Parameters
    ----------
    folder, outputs : Path
    chain : Chain
        What it learns of one item is forgotten before the next.
    conditions : sequence of str, optional
    force : bool
        Replace outputs that exist.
    on_item : callable
        Called with condition and item before each is rendered.

    Returns
    -------
    int
        How many were rendered.

    Raises
    ------
    RestorackError
        As :func:`restorack.render` does for each of them.
    """
    from restorack.render.api import render

    count = 0
    for source in condition_folders(folder, conditions):
        target = outputs / source.name
        target.mkdir(parents=True, exist_ok=True)
        for item in sorted(source.glob("*.wav")):
            on_item(source.name, item.stem)
            chain.reset()
            chain.forget()
            render(item, target / item.name, chain, force=force, format="WAV", subtype="PCM_24")
            count += 1
    return count
