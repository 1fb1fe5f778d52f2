"""Sessions made by chance, of which everything can be carried."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

FILES = ("mono.wav", "stereo.wav", "slow.wav")
GAINS = st.integers(-1200, 600).map(lambda n: n / 10.0)
PANS = st.integers(-100, 100).map(lambda n: n / 100.0)
BUSES = ("room", "drums & co", "last")


def curves(values: st.SearchStrategy[float]) -> st.SearchStrategy[list[list[float]]]:
    """Return lists of ``[time, value]``, times rising."""
    times = st.lists(st.integers(0, 4000), min_size=1, max_size=4, unique=True).map(sorted)
    return times.flatmap(
        lambda found: st.tuples(*(values for _ in found)).map(
            lambda made: [[t / 1000.0, v] for t, v in zip(found, made, strict=True)]
        )
    )


@st.composite
def strips(draw: Any, below: tuple[str, ...], *, sends_at_unity: bool = True) -> dict[str, Any]:
    """Return what stems and buses have in common; they lead to the buses below."""
    entry: dict[str, Any] = {"gain_db": draw(GAINS), "pan": draw(PANS)}
    entry |= {"mute": draw(st.booleans()), "solo": draw(st.booleans())}
    entry["output"] = draw(st.sampled_from(("master", *below)))
    targets = draw(st.lists(st.sampled_from(below), max_size=2, unique=True)) if below else []
    gains = GAINS if sends_at_unity else GAINS.filter(bool)
    entry["sends"] = [
        {"to": to, "gain_db": draw(gains), "pre": draw(st.booleans())} for to in targets
    ]
    moving = {"gain_db": curves(GAINS), "pan": curves(PANS)}
    entry["automation"] = draw(st.fixed_dictionaries({}, optional=moving))
    return entry


@st.composite
def documents(draw: Any, *, sends_at_unity: bool = True) -> dict[str, Any]:
    """Return a session without stages, at the rate of its first file."""
    made: dict[str, Any] = {"format": 1, "name": "made", "beats_per_bar": draw(st.integers(1, 12))}
    made["sample_rate"] = 44_100
    made["tempo"] = draw(st.integers(300, 3000)) / 10.0
    made["stems"] = []
    for number in range(draw(st.integers(1, 4))):
        file = FILES[0] if number == 0 else draw(st.sampled_from(FILES))
        entry = {"name": f"stem {number}", "file": file}
        entry["start"] = f"{draw(st.integers(0, 500_000))} samples"
        made["stems"].append(entry | draw(strips(BUSES, sends_at_unity=sends_at_unity)))
    made["buses"] = [
        {"name": name} | draw(strips(BUSES[place + 1 :], sends_at_unity=sends_at_unity))
        for place, name in enumerate(BUSES)
    ]
    made["master"] = {"gain_db": draw(GAINS)}
    return made


def write_yaml(path: Path, document: dict[str, Any], audio: Path) -> Path:
    """Write a session, which as JSON is YAML too; its files lie in a folder."""
    stems = [stem | {"file": str(audio / stem["file"])} for stem in document["stems"]]
    path.write_text(json.dumps(document | {"stems": stems}))
    return path
