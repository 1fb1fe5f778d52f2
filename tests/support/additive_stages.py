"""The stages that add damage, for the tests that concern all of them."""

from __future__ import annotations

from restorack.degrade.additive import AdditiveDegradation
from restorack.degrade.clicks import Clicks
from restorack.degrade.crackle import Crackle
from restorack.degrade.film_noise import FilmNoise
from restorack.degrade.hiss import Hiss
from restorack.degrade.hum import Hum
from restorack.degrade.rumble import Rumble
from restorack.degrade.surface_noise import SurfaceNoise
from restorack.degrade.thumps import Thumps

ADDITIVE: list[type[AdditiveDegradation]] = [
    Clicks, Crackle, FilmNoise, Hiss, Hum, Rumble, SurfaceNoise, Thumps,
]  # fmt: skip
NOISES: list[type[AdditiveDegradation]] = [FilmNoise, Hiss, Hum, Rumble, SurfaceNoise]
IMPULSES: list[type[AdditiveDegradation]] = [Clicks, Crackle, FilmNoise, Thumps]
