"""Decrackler: takes out dense small impulses, and leaves every other sample as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from restorack.core.parameters import FloatParameter
from restorack.plugins.declick.stage import ClickStage

if TYPE_CHECKING:
    from restorack.plugins.declick.channel import GapSource
    from restorack.plugins.declick.finder import WindowLayout
    from restorack.plugins.declick.interpolator import Interpolation

LONGEST_MS = 0.5
"""Longest run that counts as crackle, in ms; what is longer is the Declicker's. By hand."""
LEAST, MOST = 0.3, 0.9
"""The Declicker's sensitivities that strengths of 0 and 1 stand for."""
THRESHOLD_DB = 3.0
"""Prominence from which the network is asked: 1 dB below the Declicker's 4, as crackle is
fainter."""


class Decrackler(ClickStage):
    """Take out crackle: impulses shorter than half a millisecond, hundreds a second.

    The Declicker's search at the full rate alone, with the network's odds lowered: among many
    impulses one more is likely. Best after a Declicker, which takes what is larger.
    """

    _damage = "crackle"

    strength = FloatParameter(
        0.5,
        0.0,
        1.0,
        description="How faint an impulse may be to be repaired. At 1 fine noise of the music "
        "goes too.",
        automatable=False,
    )

    def _tools(self, sample_rate: float, channels: int) -> tuple[WindowLayout, Interpolation]:
        from restorack.plugins.declick.candidates import fine_detector
        from restorack.plugins.declick.finder import WindowLayout
        from restorack.plugins.declick.interpolation import GapInterpolator
        from restorack.plugins.declick.interpolator import SeparateInterpolation

        interpolation = SeparateInterpolation(GapInterpolator.for_rate(sample_rate))
        detectors = [fine_detector(sample_rate, LONGEST_MS, True)]
        quick = GapInterpolator.for_rate(sample_rate, thorough=False)
        return WindowLayout.for_rate(sample_rate, LONGEST_MS, detectors, quick), interpolation

    def _finders(self, sample_rate: float, channels: int) -> GapSource:
        from restorack.plugins.declick.candidates import fine_detector
        from restorack.plugins.declick.channel import SeparateFinders
        from restorack.plugins.declick.finder import ClickFinder
        from restorack.plugins.declick.interpolation import GapInterpolator
        from restorack.plugins.declick.support import ClickDensity, SupportedClicks
        from restorack.plugins.declick.thresholds import make_classifier, make_rule

        layout, _ = self._tools(sample_rate, channels)
        quick = GapInterpolator.for_rate(sample_rate, thorough=False)
        sensitivity = LEAST + (MOST - LEAST) * self.strength
        # Of each its own: channels may be searched at a time.
        finders = [
            ClickFinder(
                layout,
                [fine_detector(sample_rate, LONGEST_MS, True)],
                make_classifier("dual", sensitivity, THRESHOLD_DB),
                quick,
            )
            for _ in range(channels)
        ]
        rule = make_rule("dual", sensitivity, sample_rate, layout.pad)
        return SupportedClicks(SeparateFinders(finders), rule, ClickDensity(rule))
