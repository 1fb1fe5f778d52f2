"""An analysis as a table for people: every figure, and what it means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from restorack.meters.findings import Findings, Quantiles

if TYPE_CHECKING:
    from rich.table import Table

Line = tuple[str, str, str]
"""A figure's name, its value with unit, and what to make of it."""

OCTAVES_SHOWN = ("63", "250", "1000", "4000", "8000")


def analysis_table(found: Findings) -> Table:
    """Return the figures of an analysis with explanations."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("figure", no_wrap=True)
    table.add_column("value", no_wrap=True)
    table.add_column("what it says", style="dim")
    for line in lines(found):
        table.add_row(*map(escape, line))
    return table


def lines(found: Findings) -> list[Line]:
    """Return the table's rows."""
    parts = (
        _level, _clicks, _impulses, _noise, _band, _low, _decoder, _clipping, _channels, _turning,
    )  # fmt: skip
    return [line for part in parts for line in part(found)]


def _level(found: Findings) -> list[Line]:
    level = found.level
    loudness = _number(level.integrated_lufs, "LUFS")
    dynamics = _number(level.loudness_range_lu, "LU")
    said = [("level", f"{_number(level.rms_dbfs, 'dBFS')} RMS, {loudness}",
             f"true peak {_number(level.true_peak_dbtp, 'dBTP')}, crest "
             f"{_number(level.crest_db, 'dB')}, loudness range {dynamics}")]  # fmt: skip
    if level.dc_offset_dbfs is not None and level.dc_offset_dbfs > -66.0:
        said.append(("DC", f"{level.dc_offset_dbfs:.0f} dBFS", "the waveform is off centre"))
    return said


def _clicks(found: Findings) -> list[Line]:
    clicks = found.clicks
    if not clicks.counted:
        why = "what looked like some follows the music" if clicks.follow_music else "none"
        return [("clicks", "0 /s", why)]
    above = clicks.energy_above_2000_hz or 0.0
    middle = clicks.energy_500_to_2000_hz or 0.0
    said = [
        ("clicks", f"{clicks.per_second:.1f} /s", f"at least {clicks.at_least_per_second:.1f}; "
         f"{clicks.counted} counted in {found.recording.examined_seconds:.0f} s"),
        ("click peaks", f"{_spread(clicks.peak_db)} dB", "over the music's peak: 10, 50, 90 %"),
        ("click widths", f"{_spread(clicks.width_ms)} ms", "of 95 % of their energy"),
        ("click energy", f"{100 * above:.0f} % above 2 kHz",
         f"{100 * middle:.0f} % from 0.5 to 2 kHz"),
    ]  # fmt: skip
    if clicks.interval_variation is not None:
        bursts = "in bursts" if clicks.interval_variation > 1.4 else "anywhere"
        said.append(("click intervals", f"{_spread(clicks.interval_ms)} ms",
                     f"variation {clicks.interval_variation:.1f}: they fall {bursts}"))  # fmt: skip
    return said


def _impulses(found: Findings) -> list[Line]:
    crackle, said = found.crackle, []
    if crackle.per_second is None:
        said.append(("crackle", "?", "no moment is quiet enough to tell"))
    elif crackle.per_second:
        said.append(("crackle", f"{crackle.per_second:.0f} /s",
                     f"median peak {_number(crackle.peak_db, 'dB')} over the music's"))  # fmt: skip
    if found.thumps.per_second:
        said.append(("thumps", f"{found.thumps.per_second:.1f} /s", "after clicks, below 120 Hz"))
    return said


def _noise(found: Findings) -> list[Line]:
    noise = found.noise
    if not noise.found:
        return [("noise", "none", "no steady noise within 50 dB of the music")]
    octaves = noise.density_db_by_octave
    shown = ", ".join(f"{octaves[key]:.0f}" for key in OCTAVES_SHOWN if key in octaves)
    keys = ", ".join(key for key in OCTAVES_SHOWN if key in octaves)
    return [
        ("noise", f"{_number(noise.snr_db, 'dB')} below the music",
         f"{_number(noise.level_dbfs, 'dBFS')}, measured during: {noise.source}"),
        ("noise spectrum", f"{_number(noise.tilt_db_per_octave, 'dB')}/octave",
         f"density {shown} dB at {keys} Hz"),
    ]  # fmt: skip


def _band(found: Findings) -> list[Line]:
    band, said = found.band, []
    if band.music_low_hz is not None:
        said.append(("music", f"{band.music_low_hz:.0f} to {band.music_high_hz:.0f} Hz",
                     "signal above the noise floor"))  # fmt: skip
    if band.edge_hz is None:
        return [*said, ("band edge", "none", "no band limit found")]
    kind = "a wall: codec, resampler or filter" if band.edge_is_wall else "a slope"
    fall = _number(band.edge_drop_db, "dB")
    return [*said, ("band edge", f"{band.edge_hz:.0f} Hz", f"{kind}, {fall} down")]


def _low(found: Findings) -> list[Line]:
    hum, rumble, said = found.hum, found.rumble, []
    if hum.frequency_hz is not None:
        which = ", ".join(map(str, hum.harmonics))
        meaning = f"{_number(hum.below_music_db, 'dB')} below the music; lines {which}"
        said.append(("hum", f"{hum.frequency_hz:.2f} Hz", meaning))
    else:
        said.append(("hum", "none", "no steady line at 50 or 60 Hz"))
    if rumble.below_music_db is not None:
        said.append(("rumble", f"{_number(rumble.below_music_db, 'dB')} below the music",
                     f"{_number(rumble.level_dbfs, 'dBFS')} from 4 to 25 Hz"))  # fmt: skip
    return said


def _decoder(found: Findings) -> list[Line]:
    decoder = found.decoder
    if decoder.fundamental_hz is None:
        return []
    return [("decoder peaks", f"every {decoder.fundamental_hz:g} Hz",
             f"{decoder.peaks} of generated music, "
             f"{_number(decoder.over_spectrum_db, 'dB')} over the spectrum")]  # fmt: skip


def _clipping(found: Findings) -> list[Line]:
    clipping, said = found.clipping, []
    if clipping.full_scale_runs:
        said.append(("clipping", f"{clipping.full_scale_runs} runs",
                     f"{clipping.full_scale_samples} samples at full scale"))  # fmt: skip
    if clipping.plateau_dbfs is not None:
        later = "resampled, dithered or coded later" if clipping.soft else "attenuated later"
        said.append(("cut-off tops", f"{clipping.plateau_runs} at {clipping.plateau_dbfs:.1f} dBFS",
                     f"clipped first, {later}"))  # fmt: skip
    return said or [("clipping", "none", "")]


def _channels(found: Findings) -> list[Line]:
    stereo = found.stereo
    if stereo.correlation is None:
        return [("channels", stereo.kind, "")]
    return [("channels", stereo.kind,
             f"correlation {stereo.correlation:.2f}, vertical over lateral "
             f"{_number(stereo.vertical_over_lateral_db, 'dB')}, left over right "
             f"{_number(stereo.balance_db, 'dB')}")]  # fmt: skip


def _turning(found: Findings) -> list[Line]:
    turn, said = found.rotation, []
    if turn.rpm is not None:
        nominal = f", as {turn.nominal_rpm:g} would" if turn.nominal_rpm else ""
        meaning = f"noise or clicks recur so{nominal}; confidence {turn.confidence:.2f}"
        said.append(("rotation", f"{turn.rpm:.2f} rpm", meaning))
    if found.tuning.a4_hz is not None:
        meaning = f"{found.tuning.cents:+.0f} cents, confidence {found.tuning.confidence:.2f}"
        said.append(("tuning", f"A4 {found.tuning.a4_hz:.1f} Hz", meaning))
    if found.content.speech >= 0.5:
        said.append(("content", "speech", f"likelihood {found.content.speech:.2f}"))
        if found.content.sibilance_db is not None:
            level = f"{found.content.sibilance_db:+.1f} dB"
            said.append(("sibilants", level, "over the voice, 5 to 9 kHz"))
    if found.content.beat >= 0.5:
        said.append(("beat", f"{found.content.beat:.2f}", "attacks recur; 1 is a loop"))
    return said


def _spread(quantiles: Quantiles | None) -> str:
    if quantiles is None:
        return "?"
    return " / ".join(f"{value:.3g}" for value in (quantiles.p10, quantiles.p50, quantiles.p90))


def _number(value: float | None, unit: str) -> str:
    return "?" if value is None else f"{value:.1f} {unit}"
