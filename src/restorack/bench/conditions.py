"""What is wrong with the items of a benchmark: named conditions, made of the stages that damage."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from restorack.errors import ParameterError, suggest

if TYPE_CHECKING:
    from restorack.core.processor import Processor
    from restorack.degrade.degradation import Degradation

Kind = Literal["clean", "clicks", "noise", "all", "band", "transfer"]
Stages = Callable[[np.random.Generator], "list[Degradation]"]
Filters = Callable[[np.random.Generator], "Sequence[Filter]"]

PEAK_DBFS = -7.96
"""Of the clean items: full scale is 0.4."""

NOISE_FOLDER = "real-noise"
"""The condition that needs a folder of recordings of noise."""

REAL_NOISE_DB = -15.0
"""Level of recorded noise under the programme: an SNR of 15 dB. By hand."""


class Filter(Protocol):
    """What changes music: a stage, or an effect of pedalboard's."""

    def process(self, input_array: Any, sample_rate: float, /) -> Any:
        """Return the music, changed."""


def no_stages(random: np.random.Generator) -> list[Degradation]:
    """Return nothing: what a condition without filters, or without damage, has."""
    return []


@dataclass(frozen=True)
class Condition:
    """One kind of damage.

    Attributes
    ----------
    name : str
    about : str
        In a line.
    kind : str
        Which figures matter.
    added : callable
        Takes a random generator, returns the stages whose tracks are added.
    filtered : callable
        The same for stages that change the music, before anything is added.
    truth_is_filtered : bool
        True where the estimate is to be held against the filtered music: what a medium never
        held is not missing.
    walls_db : tuple of float, or None
        The music is made mono and put on the two walls of a groove; what is added to the second
        wall is louder than it would be by a level drawn between these.
    """

    name: str
    about: str
    kind: Kind
    added: Stages = no_stages
    filtered: Filters = no_stages
    truth_is_filtered: bool = False
    walls_db: tuple[float, float] | None = None


def random_for(seed: int, *words: str) -> np.random.Generator:
    """Return the random numbers of an item and a condition: the same ones on every machine."""
    return np.random.default_rng([seed, zlib.crc32("/".join(words).encode())])


def conditions(noise_folder: str | None = None) -> dict[str, Condition]:
    """Return every condition by name.

    Parameters
    ----------
    noise_folder : str, optional
        A folder of recordings of noise; without it there is no ``real-noise``.
    """
    found = (
        Condition("clean", "nothing wrong: a tool should do nothing", "clean"),
        Condition("clicks", "5-20 clicks a second, 0.1-3 ms, 0.1-0.5 of the peak", "clicks",
                  _clicks),
        Condition("clicks-heavy", "20-40 clicks a second, up to the peak, and thumps", "clicks",
                  _heavy_clicks),
        Condition("crackle", "clicks and dense crackle", "clicks", _clicks_and_crackle),
        Condition("hiss", "hiss, 10-25 dB below the music", "noise", _hiss),
        Condition("hiss-faint", "hiss, 35 dB below the music: hardly wrong", "noise",
                  lambda random: [_hiss_at(random, -35.0)]),
        Condition("surface", "the noise of a record's surface, 15 dB below the music", "noise",
                  _surface),
        Condition("film", "the noise of an optical track, 12 dB below the music", "noise", _film),
        Condition("worn", "clicks, crackle, surface noise, hiss, hum and rumble", "all", _worn),
        Condition("acoustic", "the same, of music in a horn's band; held against that music",
                  "all", _worn, _horn, truth_is_filtered=True),
        Condition("decoder-peaks", "a comb that a music generator's decoder left, 25-35 dB below "
                  "the music", "noise", _decoder_peaks),
        *(Condition(f"cut-{khz}k", f"nothing above {khz} kHz", "band", filtered=_cut(1000.0 * khz))
          for khz in (4, 8, 16)),
        Condition("clipped", "cut off 3 to 12 dB below the peak",
                  "transfer", filtered=_clipped),
        Condition("wow", "a hole off the centre, wow of 0.2 to 0.7 % (WRMS); take 30 s and more",
                  "transfer", filtered=_wow),
        Condition("curve", "cut by RIAA and played flat", "transfer", filtered=_curve),
        Condition("walls", "a mono groove in stereo: noise and clicks of its own on either wall",
                  "transfer", _walls, truth_is_filtered=True, walls_db=(0.0, 10.0)),
    )  # fmt: skip
    named = {condition.name: condition for condition in found}
    if noise_folder is not None:
        named[NOISE_FOLDER] = Condition(
            NOISE_FOLDER, "recorded noise, 15 dB below the music", "noise", _recorded(noise_folder)
        )
    return named


def choose_conditions(
    names: Sequence[str] | None, noise_folder: str | None = None
) -> list[Condition]:
    """Return conditions by name, all by default.

    Raises
    ------
    ParameterError
        For a name that is unknown.
    """
    known = conditions(noise_folder)
    for name in names or ():
        if name == NOISE_FOLDER and name not in known:
            raise ParameterError(
                f"the condition {name!r} without a folder of noise", remedy="name it by --noise"
            )
        if name not in known:
            raise ParameterError(f"the condition {name!r}", remedy=suggest(name, known))
    return [known[name] for name in (names if names is not None else known)]


def _seed(random: np.random.Generator) -> int:
    return int(random.integers(2**31))


def _clicks(random: np.random.Generator) -> list[Degradation]:
    from restorack.degrade.additive.clicks import Clicks

    return [Clicks(seed=_seed(random), rate_per_s=random.uniform(5.0, 20.0))]


def _heavy_clicks(random: np.random.Generator) -> list[Degradation]:
    from restorack.degrade.additive.clicks import Clicks
    from restorack.degrade.additive.thumps import Thumps

    many = Clicks(seed=_seed(random), rate_per_s=random.uniform(20.0, 40.0), amplitude_max=1.0)
    return [many, Thumps(seed=_seed(random))]


def _clicks_and_crackle(random: np.random.Generator) -> list[Degradation]:
    from restorack.degrade.additive.crackle import Crackle

    return [*_clicks(random), Crackle(seed=_seed(random), rate_per_s=random.uniform(300.0, 800.0))]


def _hiss_at(random: np.random.Generator, level_db: float) -> Degradation:
    from restorack.degrade.additive.hiss import Hiss

    return Hiss(seed=_seed(random), level_db=level_db)


def _hiss(random: np.random.Generator) -> list[Degradation]:
    return [_hiss_at(random, -random.uniform(10.0, 25.0))]


def _surface(random: np.random.Generator) -> list[Degradation]:
    from restorack.degrade.additive.surface_noise import SurfaceNoise

    return [SurfaceNoise(seed=_seed(random), level_db=-15.0)]


def _film(random: np.random.Generator) -> list[Degradation]:
    from restorack.degrade.additive.film_noise import FilmNoise

    return [FilmNoise(seed=_seed(random), level_db=-12.0)]


def _worn(random: np.random.Generator) -> list[Degradation]:
    from restorack.degrade.additive.hum import Hum
    from restorack.degrade.additive.rumble import Rumble
    from restorack.degrade.additive.surface_noise import SurfaceNoise

    noise = -random.uniform(12.0, 25.0)
    mains = float(random.choice([50.0, 60.0]))
    hum = Hum(seed=_seed(random), mains_hz=mains, level_db=-random.uniform(22.0, 36.0))
    rumble = Rumble(seed=_seed(random), level_db=-random.uniform(18.0, 30.0))
    surface = SurfaceNoise(seed=_seed(random), level_db=noise)
    return [*_clicks_and_crackle(random), surface, _hiss_at(random, noise - 5.0), hum, rumble]


def _decoder_peaks(random: np.random.Generator) -> list[Degradation]:
    from restorack.degrade.codecs.deconvolution_peaks import DeconvolutionPeaks

    hertz = float(random.choice([2_000.0, 1_200.0, 689.0625, 400.0]))
    level = -random.uniform(25.0, 35.0)
    return [DeconvolutionPeaks(seed=_seed(random), fundamental_hz=hertz, level_db=level)]


def _horn(random: np.random.Generator) -> list[Degradation]:
    from restorack.degrade.channel.band_limit import BandLimit
    from restorack.degrade.channel.horn_resonance import HornResonance

    band = BandLimit(low_hz=200.0, high_hz=random.uniform(3_500.0, 5_000.0))
    return [HornResonance(seed=_seed(random), strength_db=8.0), band]


def _wow(random: np.random.Generator) -> list[Degradation]:
    from restorack.degrade.channel.wow_flutter import WowFlutter

    depth = random.uniform(0.2, 0.7)
    return [WowFlutter(seed=_seed(random), wow_percent=depth, flutter_percent=0, scrape_percent=0)]


def _clipped(random: np.random.Generator) -> list[Filter]:
    from pedalboard import Clipping

    return [Clipping(threshold_db=PEAK_DBFS - random.uniform(3.0, 12.0))]


def _curve(random: np.random.Generator) -> list[Processor]:
    from restorack.plugins.disc.playback_eq import PlaybackEq

    return [PlaybackEq(curve="flat", undo="RIAA")]


def _walls(random: np.random.Generator) -> list[Degradation]:
    from restorack.degrade.additive.surface_noise import SurfaceNoise

    noise = SurfaceNoise(seed=_seed(random), level_db=-random.uniform(20.0, 30.0))
    return [*_clicks(random), noise]


def _cut(hertz: float) -> Stages:
    def stages(random: np.random.Generator) -> list[Degradation]:
        from restorack.degrade.channel.band_limit import BandLimit

        return [BandLimit(low_hz=0.0, high_hz=hertz, shape="brickwall")]

    return stages


def _recorded(folder: str) -> Stages:
    def stages(random: np.random.Generator) -> list[Degradation]:
        from restorack.degrade.additive.noise_folder import NoiseFolder

        return [NoiseFolder(seed=_seed(random), folder=folder, level_db=REAL_NOISE_DB)]

    return stages
