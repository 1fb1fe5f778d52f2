"""What the stages have in common that add impulses one by one."""

from __future__ import annotations

from restorack.core.parameters import ChoiceParameter, FloatParameter
from restorack.degrade.additive.impulses import STEREO, PointProcess
from restorack.degrade.additive.once_around import rpm_parameter
from restorack.degrade.additive.stage import AdditiveDegradation


class ImpulseDegradation(AdditiveDegradation):
    """Base of the stages that add impulses one by one: how often, how loud, on which walls."""

    rate_per_s = FloatParameter(
        10.0,
        0.0,
        50.0,
        unit="per second",
        description="Impulses per second, all together; 5 to 20 is ordinary.",
        automatable=False,
    )
    amplitude_min = FloatParameter(
        0.1,
        0.001,
        4.0,
        description="Peak of the quietest impulses, as a part of the programme's peak (or of 1); "
        "peaks are drawn evenly in dB between both.",
        logarithmic=True,
        automatable=False,
    )
    amplitude_max = FloatParameter(
        0.5,
        0.001,
        4.0,
        description="Peak of the loudest impulses, as a part of the programme's peak (or of 1).",
        logarithmic=True,
        automatable=False,
    )
    recurring = FloatParameter(
        0.3,
        0.0,
        1.0,
        description="The part of the impulses that comes from scratches, once a turn.",
        automatable=False,
    )
    rpm = rpm_parameter()
    stereo = ChoiceParameter(
        "mixed",
        STEREO,
        description="Where impulses fall with several channels: the same on all, on one, or "
        "mixed as in a groove (in phase, out of phase, one wall alone).",
    )

    def point_process(self) -> PointProcess:
        """Return the train of impulses that the parameters describe."""
        return PointProcess(
            self.seed,
            type(self).__name__,
            self.rate_per_s,
            self.recurring,
            60.0 / self.rpm,
            self.amplitude_min,
            self.amplitude_max,
            self.stereo,
        )

    def _gains(self) -> dict[str, float]:
        return dict.fromkeys(self.tracks_made, 1.0)
