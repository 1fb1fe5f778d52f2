"""Figures of what is done to a disc's transfer before its clicks: speed, walls and curve."""

from __future__ import annotations

from restorack.analysis.playback_curve import LEAST_CONFIDENCE, likeliest_curve
from restorack.analysis.walls import WallMeter
from restorack.meters.findings import CurveFigures, SpectrumFigures, TuningFigures, WallFigures
from restorack.meters.speed.partials import SlowSignal, find_partials
from restorack.meters.speed.tuning import cents_over, find_tuning


def tuning_figures(slow: SlowSignal) -> TuningFigures:
    """Return what the music is tuned to; the signal ends here."""
    samples = slow.result()[0]
    tuning = find_tuning(find_partials(samples, slow.rate))
    if tuning is None:
        return TuningFigures()
    return TuningFigures(
        a4_hz=round(tuning.a4_hz, 2),
        cents=round(cents_over(tuning.a4_hz), 1),
        confidence=round(tuning.concentration, 2),
    )


def wall_figures(meter: WallMeter) -> WallFigures:
    """Return what the channels say of the walls; the stream ends here."""
    walls = meter.result()
    return WallFigures(
        delay_samples=walls.delay_samples,
        balance_db=walls.balance_db,
        noise_left_over_right_db=walls.noise_db or {},
        best=walls.best,
        difference_follows_music=walls.follows_music,
        vertical_low_db=walls.vertical_low_db,
    )


def curve_figures(spectrum: SpectrumFigures, seconds: float) -> CurveFigures:
    """Return the curve that the spectrum speaks for, none where that is not enough."""
    found = likeliest_curve(spectrum, seconds) if spectrum.frequencies_hz else None
    if found is None:
        return CurveFigures()
    if found.confidence < LEAST_CONFIDENCE:
        return CurveFigures(confidence=found.confidence)
    return CurveFigures(**vars(found))
