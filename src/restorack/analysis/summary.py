"""Findings from meters: the figures of a recording put together."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from restorack.analysis.condition import condition_of, figure_of
from restorack.analysis.disc_figures import curve_figures, tuning_figures, wall_figures
from restorack.analysis.examination import MAINS_HZ, CloseMeters, WholeMeters
from restorack.dsp.decibels import level_or_none, power_to_db
from restorack.meters.band_levels import LOUD_SHARE
from restorack.meters.bandwidth_edge import find_edge
from restorack.meters.click_figures import LEAST_SHARE_OF_PEAK, click_figures
from restorack.meters.findings import (
    BandFigures,
    ClickFigures,
    ClippingFigures,
    ContentFigures,
    CrackleFigures,
    DecoderFigures,
    Findings,
    HumFigures,
    LevelFigures,
    NoiseFigures,
    Recording,
    RotationFigures,
    RumbleFigures,
    SpectrumFigures,
    StereoFigures,
    ThumpFigures,
)
from restorack.meters.histogram_floor.estimate import NoiseFloor
from restorack.version import __version__

# Clicks a second that may tell the rotation; share of the frames that a band's quiet level lies
# above; share by which a single line may be off the mains; the band of hiss, free of hum and
# rumble. By hand.
LEAST_CLICK_RATE = 0.5
QUIET_SHARE = 0.05
OFF_MAINS = 0.005
HISS_HZ = (1_000.0, 10_000.0)


def make_findings(recording: Recording, whole: WholeMeters, close: CloseMeters) -> Findings:
    """Put the figures together.

    Parameters
    ----------
    recording : Recording
        What was examined.
    whole : WholeMeters
        They have heard all of it.
    close : CloseMeters
        They have heard its passages.
    """
    floor = close.noise()
    level = _level(whole, close)
    clicks = click_figures(
        close.impulses, close.programme_peak, close.passages, close.window_levels, close.channels
    )
    parts: dict[str, Any] = {
        "level": level,
        "clicks": clicks,
        "crackle": _crackle(close),
        "thumps": ThumpFigures(per_second=_per_second(close.thumps.count, recording)),
        "noise": _noise(floor, level.rms_dbfs),
        "band": _band(close, floor, recording.sample_rate_hz),
        "spectrum": _spectrum(close, floor),
        "hum": _hum(close, level.rms_dbfs),
        "rumble": _rumble(whole, level.rms_dbfs),
        "clipping": ClippingFigures(**vars(whole.clipping.result())),
        "stereo": _stereo(close),
        "rotation": _rotation(close, floor, clicks),
        "content": ContentFigures(
            speech=round(close.speech.likelihood(), 2),
            beat=round(close.beat.regularity(), 2),
            sibilance_db=_rounded(close.sibilance.level_db()),
        ),
    }
    parts["decoder"] = _decoder(whole)
    parts["tuning"] = tuning_figures(close.slow)
    parts["walls"] = wall_figures(close.walls)
    parts["curve"] = curve_figures(parts["spectrum"], recording.examined_seconds)
    return Findings(
        restorack_version=__version__,
        recording=recording,
        condition=condition_of(figure_of(parts)),
        **parts,
    )


def _per_second(count: int, recording: Recording) -> float:
    seconds = recording.examined_seconds
    return round(count / seconds, 3) if seconds > 0.0 else 0.0


def _level(whole: WholeMeters, close: CloseMeters) -> LevelFigures:
    levels, loudness = whole.levels.result(), whole.loudness.result()
    offset = max((abs(value) for value in levels.dc_offset), default=0.0)
    peak = close.programme_peak
    return LevelFigures(
        sample_peak_dbfs=_rounded(levels.sample_peak_dbfs),
        true_peak_dbtp=_rounded(level_or_none(float(whole.true_peak.result().max(initial=0.0)))),
        rms_dbfs=_rounded(levels.rms_dbfs),
        crest_db=_rounded(levels.crest_db),
        integrated_lufs=_rounded(loudness.integrated_lufs),
        loudness_range_lu=_rounded(loudness.range_lu),
        programme_peak_dbfs=_rounded(level_or_none(peak)) if peak > 1e-9 else None,
        dc_offset_dbfs=_rounded(level_or_none(offset)) if offset > 1e-7 else None,
    )


def _crackle(close: CloseMeters) -> CrackleFigures:
    peak = close.programme_peak
    found = close.crackle.result(peak, LEAST_SHARE_OF_PEAK * peak)
    if found is None:
        return CrackleFigures(per_second=None, peak_db=None)
    level = None if found.median_peak is None else _rounded(level_or_none(found.median_peak / peak))
    return CrackleFigures(per_second=round(found.per_second, 1), peak_db=level)


def _noise(floor: NoiseFloor | None, rms_dbfs: float | None) -> NoiseFigures:
    if floor is None:
        return NoiseFigures(
            found=False, source=None, snr_db=None, level_dbfs=None, hiss_below_music_db=None,
            tilt_db_per_octave=None, density_db_by_octave={},
        )  # fmt: skip
    top = float(floor.frequencies_hz[-1])
    grid = np.linspace(0.0, top, 2048)
    middle = float(floor.times_s.mean())
    density = floor.density(grid, middle)
    octaves = np.linspace(math.log2(HISS_HZ[0]), math.log2(min(HISS_HZ[1], 0.9 * top)), 60)
    level = power_to_db(floor.density(2.0**octaves, middle) + 1e-20)
    hiss = power_to_db(float(density[(grid >= HISS_HZ[0]) & (grid <= HISS_HZ[1])].mean()) + 1e-20)
    return NoiseFigures(
        found=True,
        source=floor.source,
        snr_db=_rounded(floor.snr_db),
        level_dbfs=_rounded(power_to_db(float(density.mean()) + 1e-20)),
        hiss_below_music_db=None if rms_dbfs is None else _rounded(rms_dbfs - hiss),
        tilt_db_per_octave=_rounded(float(np.polyfit(octaves, level, 1)[0])),
        density_db_by_octave=floor.octaves(),
    )


def _band(close: CloseMeters, floor: NoiseFloor | None, sample_rate: float) -> BandFigures:
    edge = find_edge(close.spectrum.power, sample_rate)
    heard = close.bands.music_range(_floor_db(close, floor))
    return BandFigures(
        edge_hz=None if edge is None else round(edge.edge_hz),
        edge_drop_db=None if edge is None else _rounded(edge.drop_db),
        edge_is_wall=None if edge is None else edge.is_wall,
        music_low_hz=None if heard is None else round(heard[0]),
        music_high_hz=None if heard is None else round(heard[1]),
    )


def _floor_db(close: CloseMeters, floor: NoiseFloor | None) -> NDArray[np.float64] | None:
    """Return the noise floor in each third octave."""
    if floor is None:
        return None
    density = floor.density(close.bands.centres_hz, float(floor.times_s.mean()))
    return np.asarray(power_to_db(density + 1e-20))


def _spectrum(close: CloseMeters, floor: NoiseFloor | None) -> SpectrumFigures:
    noise = _floor_db(close, floor)
    some = close.bands.frames > 0

    def listed(values: NDArray[np.float64] | None, digits: int = 1) -> list[float]:
        return [] if values is None or not some else np.round(values, digits).tolist()

    return SpectrumFigures(
        frequencies_hz=listed(close.bands.centres_hz),
        quiet_db=listed(close.bands.quantile(QUIET_SHARE)),
        median_db=listed(close.bands.quantile(0.5)),
        loud_db=listed(close.bands.quantile(LOUD_SHARE)),
        noise_db=listed(noise),
    )


NO_HUM = HumFigures(frequency_hz=None, level_dbfs=None, below_music_db=None, harmonics=[])


def _hum(close: CloseMeters, rms_dbfs: float | None) -> HumFigures:
    heard = [(length, track) for length, track in close.hums if track is not None]
    total = sum(length for length, _ in close.hums)
    if not heard or sum(length for length, _ in heard) < 0.5 * total:
        return NO_HUM
    power = sum(length * float(track.levels().sum()) for length, track in heard) / total
    level = power_to_db(power + 1e-20)
    lines = [set(track.harmonics) for _, track in heard]
    common = [line for line in sorted(set.union(*lines))
              if 2 * sum(line in one for one in lines) > len(lines)]  # fmt: skip
    hertz = float(np.median([np.median(track.hertz) for _, track in heard]))
    off = min(abs(hertz / mains - 1.0) for mains in MAINS_HZ)
    if not common or (len(common) == 1 and (common[0] > 2 or off > OFF_MAINS)):
        return NO_HUM  # one line alone, and not where mains have theirs: a note
    return HumFigures(
        frequency_hz=round(hertz, 3),
        level_dbfs=_rounded(level),
        below_music_db=_rounded(rms_dbfs - level) if rms_dbfs is not None else None,
        harmonics=common,
    )


def _rumble(whole: WholeMeters, rms_dbfs: float | None) -> RumbleFigures:
    level = whole.rumble.level_dbfs()
    below = None if level is None or rms_dbfs is None else _rounded(rms_dbfs - level)
    return RumbleFigures(level_dbfs=_rounded(level), below_music_db=below)


def _decoder(whole: WholeMeters) -> DecoderFigures:
    comb = whole.decoder.result()
    if comb is None:
        return DecoderFigures()
    return DecoderFigures(
        fundamental_hz=round(comb.fundamental_hz, 4),
        peaks=len(comb.peaks_hz),
        over_spectrum_db=_rounded(float(np.median(comb.over_db))),
        confidence=comb.confidence,
    )


def _stereo(close: CloseMeters) -> StereoFigures:
    image = close.stereo.result()
    return StereoFigures(
        kind=image.kind,
        correlation=None if image.correlation is None else round(image.correlation, 3),
        balance_db=_rounded(image.balance_db),
        vertical_over_lateral_db=_rounded(image.vertical_over_lateral_db),
    )


def _rotation(
    close: CloseMeters, floor: NoiseFloor | None, clicks: ClickFigures
) -> RotationFigures:
    # A few attacks that were taken for clicks would tell the music's rhythm.
    found = close.rotation.result(floor, with_clicks=clicks.at_least_per_second >= LEAST_CLICK_RATE)
    if found is None:
        return RotationFigures(rpm=None, nominal_rpm=None, confidence=0.0)
    return RotationFigures(
        rpm=round(found.rpm, 2), nominal_rpm=found.nominal_rpm, confidence=found.confidence
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 2)
