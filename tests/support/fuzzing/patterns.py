"""Patterns of a batch's outputs, and the tags that fill them."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from random import Random
from typing import Any

import mutagen.flac
import numpy as np
import soundfile
from batches import run_inline, want

from fuzzing.law import require
from fuzzing.mutations import TEXTS
from restorack.render.batch.pattern import NAMES, TAGS, Named, Pattern

LITERALS = (
    "/", "//", "..", "../", ".", " ", "-", "x", "\\", "\0", ":", "~", "{", "}", "{}", "|", "{|}",
    "%", "\n", "C:", ".restorack", ".wav", ".flac", "\u202e", "\ud800", "x" * 260, "é", "e\u0301",
    "{ }",
)  # fmt: skip


def _pattern(choose: Random) -> str:
    parts = []
    for _ in range(choose.randint(1, 6)):
        if choose.random() < 0.6:
            field = choose.choice((*TAGS, *NAMES))
            otherwise = choose.choice(("", "", "|", "|nobody", f"|{choose.choice(LITERALS)}"))
            parts.append("{" + field + otherwise + "}")
        else:
            parts.append(choose.choice((*LITERALS, "/", "/")))
    return "".join(parts)


def _tags(choose: Random) -> dict[str, str]:
    names = [name for name in set(TAGS.values()) if choose.random() < 0.5]
    texts = (
        *TEXTS,
        *LITERALS,
        "/absolute",
        "a/../../b",
        " .. ",
        ". .",
        "\u2024\u2024",
        "5/12",
        "½",
        "²",
    )
    return {name: "".join(choose.choices(texts, k=choose.randint(1, 3))) for name in sorted(names)}


def trial(choose: Random, folder: Path) -> None:
    """Name a file; the name lies below the output folder and can be that of a file."""
    text, tags = _pattern(choose), _tags(choose)
    (folder / "case.txt").write_text(ascii((text, tags)))
    if choose.random() < 0.05:
        _through_files(text, tags, folder)
        return
    where = choose.choice(("a", "a/b", ".", "x/..y", " /b"))
    stem = choose.choice(("one", "..", " ", "-", "a:b", "\udcff", "x" * 250, ".wav"))
    named = Named(Path("/in") / where / f"{stem}.wav", PurePosixPath(where), "preset")
    _require_below(Pattern(text, "wav").key(named, lambda path: tags))


def _require_below(key: str) -> None:
    parts = key.split("/")
    require(all(part not in ("", ".", "..") for part in parts), f"the key {key!a}")
    require("\0" not in key, f"a NUL in {key!a}")
    require(max(len(os.fsencode(part)) for part in parts) <= 255, f"too long: {key!a}")


def _through_files(text: str, tags: dict[str, str], folder: Path) -> None:
    """Do the same by a batch of two files that carry the tags."""
    given, out = folder / "in", folder / "out"
    given.mkdir()
    for name in ("a", "b"):
        file = given / f"{name}.flac"
        soundfile.write(file, np.full(80, 0.1), 8000, subtype="PCM_16")
        tagged: Any = mutagen.flac.FLAC(file)
        for tag, value in tags.items():
            tagged[tag] = value.encode("utf-8", "replace").decode()
        tagged.save()
    before = {path for path in folder.rglob("*") if out not in path.parents and path != out}
    result, _ = run_inline([given], want(out, pattern=text))
    after = {path for path in folder.rglob("*") if out not in path.parents and path != out}
    require(before == after, f"files beside the output folder: {sorted(after - before)}")
    for entry in result.entries:
        require(
            entry.status != "done" or entry.job.product("output").is_file(), "done, but not there"
        )
