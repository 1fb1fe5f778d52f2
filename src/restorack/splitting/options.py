"""How a side is split, checked."""

from __future__ import annotations

from dataclasses import dataclass, field

from restorack.errors import ParameterError

OUTPUTS = ("files", "cues", "cue-sheet", "labels")
"""What can be written of a side."""
MIN_GAP_S, MIN_TRACK_S = 0.3, 10.0
"""Defaults: by hand, shorter than gaps and tracks of discs are."""
FADE_IN_S, FADE_OUT_S = 0.1, 0.5
"""Defaults of trimmed files, by hand: short enough for a gap of half a second."""


@dataclass(frozen=True)
class SplitOptions:
    """How a side is split; see :func:`~restorack.splitting.split.split`."""

    write: tuple[str, ...] = ("files",)
    titles: list[dict[str, str]] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    tracks: int | None = None
    min_gap_s: float = MIN_GAP_S
    min_track_s: float = MIN_TRACK_S
    trim: bool = True
    fade_in_s: float | None = None
    fade_out_s: float | None = None
    first_number: int = 1
    format: str | None = None
    subtype: str | None = None
    force: bool = False
    strict: bool = False

    def check(self) -> None:
        """Raise :class:`ParameterError` for values out of range, or against each other."""
        for word in self.write:
            if word not in OUTPUTS:
                raise ParameterError(f"output {word!r}", rule=f"any of {', '.join(OUTPUTS)}")
        if not self.write:
            raise ParameterError("no output", rule=f"any of {', '.join(OUTPUTS)}")
        ranges = {
            "min_gap_s": (self.min_gap_s, 0.2, 60.0),
            "min_track_s": (self.min_track_s, 1.0, 3600.0),
            "fade_in_s": (self.fade_in_s or 0.0, 0.0, 30.0),
            "fade_out_s": (self.fade_out_s or 0.0, 0.0, 30.0),
            "first_number": (self.first_number, 1, 999),
        }
        for name, (value, low, high) in ranges.items():
            if not low <= value <= high:
                raise ParameterError(f"{name} = {value:g}", rule=f"{low:g} to {high:g}")
        if not self.trim and (self.fade_in_s or self.fade_out_s):
            raise ParameterError(
                "fades of files that are not trimmed",
                rule="untrimmed files together are the side, bit for bit",
                remedy="leave out the fades, or let the files be trimmed",
            )
