"""What a disc's transfer needs beside a preset: speed, curve, walls and azimuth, from figures."""

from __future__ import annotations

from restorack.meters.findings import Findings
from restorack.presets.advice.step import Step

SURE_ROTATION = 0.4
"""Confidence from which a rotation counts, as in the presets' own rules."""
SPEED_ERROR = 0.002
"""Difference from a standard speed that is corrected: 3.5 cents. Rotation is found to 0.1 %."""
OUT_OF_TUNE = 15.0
"""Cents; recordings without a fault are 2 flat to 12 sharp: docs/guides/disc-transfers.md."""
FOLLOWING = 0.45
"""The channels' difference is music from here on: stereo recordings whose channels correlate by
0.8 and more have 0.51 to 0.97, nine in ten mono grooves less where their noise is within 30 dB of
the music (docs/guides/disc-transfers.md)."""
ASKEW = 0.05
"""Samples of delay that the sum of the walls loses something by: 0.1 dB at 20 kHz and 44.1 kHz."""
LOUD_LOW_DB = -50.0
"""Vertical signal below 100 Hz, over the recording, that is worth taking off. By hand."""
SIDE_S = 600.0
"""Seconds from which it is a side rather than a piece, as in the preset ``lp-side``."""
MONO_BELOW_HZ, STEREO_BELOW_HZ = 1_000.0, 120.0
"""What is below is vertical noise alone, on mono and on stereo discs."""
DISC_CLICKS = 0.3
"""Clicks a second from which on a stereo recording counts as a record."""


def disc_steps(findings: Findings) -> tuple[Step, ...]:
    """Return what a disc's transfer needs, in the order in which it is done.

    Parameters
    ----------
    findings : Findings
        Of :func:`restorack.analyze`.

    Returns
    -------
    tuple of Step
        Empty for what does not look like a disc.
    """
    if not (_turns(findings) or _mono_groove(findings) or _clicking_stereo(findings)):
        return ()
    return (
        _speed(findings),
        *_tuning(findings),
        *_azimuth(findings),
        _curve(findings),
        *_low_end(findings),
        *_walls(findings),
        *_tracks(findings),
    )


def _turns(findings: Findings) -> bool:
    turn = findings.rotation
    return turn.rpm is not None and turn.confidence >= SURE_ROTATION


def _mono_groove(findings: Findings) -> bool:
    """Return whether both channels have one music, and noises of their own."""
    follows = findings.walls.difference_follows_music
    return findings.stereo.kind == "mono groove" and follows is not None and follows < FOLLOWING


def _clicking_stereo(findings: Findings) -> bool:
    clicks = findings.clicks.at_least_per_second
    return findings.stereo.kind == "stereo" and clicks >= DISC_CLICKS


def _speed(findings: Findings) -> Step:
    rpm, nominal = findings.rotation.rpm, findings.rotation.nominal_rpm
    if rpm is None:
        return Step("speed", None, "cannot tell: nothing recurs once a turn")
    if not _turns(findings):
        doubt = findings.rotation.confidence
        return Step("speed", None, f"cannot tell: {rpm:.2f} rpm, with a confidence of {doubt:.2f}")
    if nominal is None:
        said = f"the disc turned at {rpm:.2f} rpm, no standard speed; compare with its label"
        return Step("speed", None, said)
    if abs(rpm / nominal - 1.0) < SPEED_ERROR:
        return Step("speed", None, f"the disc turned at {rpm:.2f} rpm, as {nominal:g} would")
    recorded = 100.0 / 3.0 if abs(nominal - 33.333) < 0.01 else nominal
    return Step(
        "speed",
        "restorack.SpeedCorrector",
        f"the disc turned at {rpm:.2f} rpm; right if it was recorded at {nominal:g}",
        {"rpm_played": rpm, "rpm_recorded": round(recorded, 3)},
    )


def _tuning(findings: Findings) -> list[Step]:
    tuning = findings.tuning
    if tuning.cents is None or tuning.a4_hz is None:
        return [Step("tuning", None, "cannot tell: no steady scale")]
    said = f"A4 is at {tuning.a4_hz:.1f} Hz ({tuning.cents:+.0f} cents)"
    said += f", confidence {tuning.confidence:.2f}"
    if abs(tuning.cents) < OUT_OF_TUNE:
        return [Step("tuning", None, said)]
    return [
        Step(
            "tuning",
            "restorack.SpeedCorrector",
            f"{said}; right if the players tuned to 440, and instead of a correction by rpm",
            {"method": "tuning", "tuning_hz": 440.0},
        )
    ]


def _azimuth(findings: Findings) -> list[Step]:
    delay = findings.walls.delay_samples
    if not _mono_groove(findings) or delay is None or abs(delay) < ASKEW:
        return []
    said = f"the right channel is {delay:.2f} samples late, and their sum loses its top"
    return [Step("azimuth", "restorack.Azimuth", said, {"delay_ms": "auto"})]


def _curve(findings: Findings) -> Step:
    curve = findings.curve
    if curve.curve is None:
        said = "cannot tell from its spectrum: take label and year (restorack curves list)"
        return Step("curve", None, said)
    said = f"the treble is {curve.treble}, confidence {curve.confidence:.2f}; of the curves that "
    said += f"do so {curve.curve} fits best: better is label and year (restorack curves list)"
    parameters = {"curve": curve.curve}
    if curve.undo is not None:
        parameters["undo"] = curve.undo
    if curve.curve == "flat":
        return Step("curve", None, said)
    return Step("curve", "restorack.PlaybackEq", said, parameters)


def _low_end(findings: Findings) -> list[Step]:
    level = findings.walls.vertical_low_db
    if level is None or level < LOUD_LOW_DB:
        return []
    mono = _mono_groove(findings)
    follows = findings.walls.difference_follows_music
    if not mono and (follows is None or findings.stereo.kind != "stereo"):
        return []
    below = MONO_BELOW_HZ if mono else STEREO_BELOW_HZ
    said = f"vertical signal below 100 Hz, {-level:.0f} dB below the music: rumble on such a disc"
    return [Step("low end", "restorack.MonoBelow", said, {"below_hz": below})]


def _walls(findings: Findings) -> list[Step]:
    if findings.stereo.kind != "mono groove":
        return []
    if not _mono_groove(findings):
        said = "cannot tell a mono disc from stereo: the channels' difference follows the music"
        return [Step("walls", None, said)]
    noise = findings.walls.noise_left_over_right_db
    told = ", ".join(f"{value:+.0f} dB at {hertz} Hz" for hertz, value in noise.items())
    best = findings.walls.best
    reasons = {
        "sum": "both walls are alike: their sum has 3 dB less noise",
        "left": "the right wall is worn",
        "right": "the left wall is worn",
        "bands": "another wall is better in other bands",
        None: "their noise cannot be compared band by band",
    }
    take = best if best in ("sum", "left", "right") else "bands"
    said = reasons[best] + (f" (left over right {told})" if told else "")
    return [Step("walls", "restorack.GrooveWalls", said, {"take": take})]


def _tracks(findings: Findings) -> list[Step]:
    seconds = findings.recording.duration_seconds
    if seconds < SIDE_S:
        return []
    said = (
        f"{seconds / 60.0:.0f} minutes, as long as a side: after the restoration restorack split "
    )
    said += "finds its tracks (--dry-run shows them)"
    return [Step("tracks", None, said)]
