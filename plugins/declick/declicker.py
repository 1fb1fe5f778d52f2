"""Declicker: finds clicks, interpolates them, and leaves every other sample as it was."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from restorack.core.parameters import (
    AutoFloatParameter,
    BoolParameter,
    ChoiceParameter,
    FloatParameter,
)
from restorack.dsp.arrays import Rows
from restorack.plugins.declick.stage import ClickStage

if TYPE_CHECKING:
    from restorack.plugins.declick.candidates import ClickDetector
    from restorack.plugins.declick.channel import GapSource
    from restorack.plugins.declick.classifier import ClickClassifier
    from restorack.plugins.declick.finder import WindowLayout
    from restorack.plugins.declick.first_pass import FoundClicks
    from restorack.plugins.declick.interpolator import Interpolation
    from restorack.plugins.declick.support import SupportRule
    from restorack.plugins.declick.thump import ThumpFinder


class Declicker(ClickStage):
    """Take out clicks, pops and ticks, channel by channel.

    A click is a run of samples that an autoregressive model of the music around it cannot
    explain, while it explains what comes before and after. Such runs are candidates; a network
    that has heard many clicks, and many drums, consonants and brass, says which are clicks. They
    are interpolated from both sides by least squares; every other sample passes bit for bit.

    Of doubtful candidates those are clicks that have clear ones near them: a first pass finds the
    candidates of the whole file. A stream without one goes by what it has heard.

    Notes
    -----
    Candidates: likelihood ratio of runs under models of order 2.9 ms (at 44 to 48 kHz) and 11.6 ms
    (at 11 kHz), estimated anew without the suspected click. After Godsill and Rayner, Digital
    Audio Restoration, Springer 1998, chapters 5, 9 and 10.
    """

    _damage = "click"

    mode = ChoiceParameter(
        "dual",
        ("dual", "neural", "analytical"),
        description="Who decides: the network given the classical evidence, the network from "
        "waveform, residual and levels alone, or the classical evidence alone.",
    )
    sensitivity = FloatParameter(
        0.5,
        0.0,
        1.0,
        description="How many false alarms a minute of hard undamaged audio may have: 0.16 at 0, "
        "0.8 at 0.25, 4 at 0.5, 20 at 0.75, 100 at 1 (analytical: prominence of 23 to 5 dB "
        "instead). Higher finds fainter clicks.",
        automatable=False,
    )
    clicks_per_second = AutoFloatParameter(
        0.0,
        1000.0,
        description="Clear clicks a second that are expected: the more, the fainter ones are "
        "believed. auto: learned from the whole file in a first pass; a number needs none.",
    )
    max_click_ms = FloatParameter(
        3.5,
        0.1,
        10.0,
        unit="ms",
        description="Longest click that is looked for; clicks that touch are repaired as one.",
        automatable=False,
    )

    stereo = ChoiceParameter(
        "independent",
        ("independent", "mono_disc"),
        description="independent: each channel is a signal of its own. mono_disc: two channels "
        "are the walls of one mono groove; clicks are looked for in their difference too, where "
        "the music cancels, and mended with what the other wall has.",
    )
    thumps = BoolParameter(
        True,
        description="Whether the slow swing of the tone arm after a click is taken off too, where "
        "there clearly is one: up to 0.22 s of the low band.",
    )

    def _tools(self, sample_rate: float, channels: int) -> tuple[WindowLayout, Interpolation]:
        from restorack.plugins.declick.finder import WindowLayout
        from restorack.plugins.declick.groove_walls import GrooveWallInterpolation
        from restorack.plugins.declick.interpolation import GapInterpolator
        from restorack.plugins.declick.interpolator import SeparateInterpolation

        interpolator = GapInterpolator.for_rate(sample_rate)
        interpolation = (
            GrooveWallInterpolation(interpolator)
            if self._has_walls(channels)
            else SeparateInterpolation(interpolator)
        )
        detectors = self._detectors(sample_rate)
        quick = GapInterpolator.for_rate(sample_rate, thorough=False)
        return WindowLayout.for_rate(
            sample_rate, self.max_click_ms, detectors, quick
        ), interpolation

    def _detectors(self, sample_rate: float) -> list[ClickDetector]:
        from restorack.plugins.declick.candidates import residual_detectors

        return residual_detectors(sample_rate, self.max_click_ms, self.mode != "analytical")

    def _thump_finder(self, sample_rate: float) -> ThumpFinder | None:
        from restorack.plugins.declick.thump import ThumpFinder

        return ThumpFinder(sample_rate) if self.thumps else None

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._learned: FoundClicks | None = None
        self._learned_with: tuple[object, ...] = ()
        self._density: float | None = None

    @property
    def needs_preparation(self) -> bool:
        """Whether a first pass over the file makes a difference."""
        is_learned = self.clicks_per_second == "auto" and self.mode != "analytical"
        return is_learned and not self.repairs_file

    def compact_findings(self) -> dict[str, Any]:
        """Return the findings with the repairs as records, and the density that was gone by."""
        return super().compact_findings() | {"clicks_per_second": self._density}

    def _learn(self, blocks: Iterator[Rows], sample_rate: float) -> None:
        from restorack.plugins.declick.first_pass import ClickSurvey

        if not self.needs_preparation:
            return
        survey: ClickSurvey | None = None
        for block in blocks:
            if survey is None:
                channels = block.shape[0]
                layout, _ = self._tools(sample_rate, channels)
                candidates = self._candidates(sample_rate, channels, 0)
                survey = ClickSurvey(channels, candidates, self._rule(sample_rate, layout), layout)
            survey.push(block)
        if survey is not None:
            self._learned, self._learned_with = survey.finish(), self._search_settings()

    def _unlearn(self) -> None:
        self._learned = None

    def _search_settings(self) -> tuple[object, ...]:
        """Return what the clicks that are found depend on."""
        return self.mode, self.sensitivity, self.max_click_ms, self.stereo

    def _finders(self, sample_rate: float, channels: int) -> GapSource:
        from restorack.plugins.declick.first_pass import RecalledClicks

        layout, _ = self._tools(sample_rate, channels)
        density = self._known_density()
        self._density = None if density is None else round(density, 3)
        search_from = partial(self._search, sample_rate, channels, density)
        is_recalled = self.needs_preparation and self._learned_with == self._search_settings()
        if self._learned is None or not is_recalled:
            return search_from(0)
        return RecalledClicks(channels, self._learned, layout, search_from)

    def _known_density(self) -> float | None:
        if self.clicks_per_second != "auto":
            return float(self.clicks_per_second)
        return None if self._learned is None else self._learned.per_second

    def _search(
        self, sample_rate: float, channels: int, density: float | None, first: int
    ) -> GapSource:
        """Return what finds the clicks of a stream as it comes."""
        from restorack.plugins.declick.support import ClickDensity, SupportedClicks

        candidates = self._candidates(sample_rate, channels, first)
        if self.mode == "analytical":
            return candidates
        rule = self._rule(sample_rate, self._tools(sample_rate, channels)[0])
        return SupportedClicks(candidates, rule, ClickDensity(rule, density, first))

    def _candidates(self, sample_rate: float, channels: int, first: int) -> GapSource:
        from restorack.plugins.declick.channel import SeparateFinders
        from restorack.plugins.declick.finder import ClickFinder
        from restorack.plugins.declick.groove_walls import GrooveWallFinder
        from restorack.plugins.declick.interpolation import GapInterpolator

        layout, _ = self._tools(sample_rate, channels)
        quick = GapInterpolator.for_rate(sample_rate, thorough=False)
        walls = self._has_walls(channels)
        # Of each its own: channels may be searched at a time.
        finders = [
            ClickFinder(layout, self._detectors(sample_rate), self._classifier(), quick, first)
            for _ in range(channels + int(walls))
        ]
        return (
            GrooveWallFinder(layout, finders, quick.first_order, first)
            if walls
            else SeparateFinders(finders)
        )

    def _rule(self, sample_rate: float, layout: WindowLayout) -> SupportRule:
        from restorack.plugins.declick.thresholds import make_rule

        return make_rule(self.mode, self.sensitivity, sample_rate, layout.pad)

    def _has_walls(self, channels: int) -> bool:
        return channels == 2 and self.stereo == "mono_disc"

    def _classifier(self) -> ClickClassifier:
        from restorack.plugins.declick.thresholds import make_classifier

        return make_classifier(self.mode, self.sensitivity)
