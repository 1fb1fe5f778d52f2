"""The stages that add damage, for the tests that concern all of them."""

from __future__ import annotations

from restorack.degrade.additive.clicks import Clicks
from restorack.degrade.additive.crackle import Crackle
from restorack.degrade.additive.film_noise import FilmNoise
from restorack.degrade.additive.hiss import Hiss
from restorack.degrade.additive.hum import Hum
from restorack.degrade.additive.rumble import Rumble
from restorack.degrade.additive.stage import AdditiveDegradation
from restorack.degrade.additive.surface_noise import SurfaceNoise
from restorack.degrade.additive.thumps import Thumps

ADDITIVE: list[type[AdditiveDegradation]] = [
    Clicks, Crackle, FilmNoise, Hiss, Hum, Rumble, SurfaceNoise, Thumps,
]  # fmt: skip
NOISES: list[type[AdditiveDegradation]] = [FilmNoise, Hiss, Hum, Rumble, SurfaceNoise]
IMPULSES: list[type[AdditiveDegradation]] = [Clicks, Crackle, FilmNoise, Thumps]
