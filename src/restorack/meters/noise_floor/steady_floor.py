"""The noise floor of a stream: what is measured of it, and its floor over time."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from restorack.dsp.arrays import Rows
from restorack.dsp.decibels import db_to_power, power_to_db
from restorack.dsp.welch import DensityFrames
from restorack.meters.histogram_floor.estimate import NoiseFloor, NoisePsdEstimator
from restorack.meters.histogram_floor.meter import PATCH_FRAMES
from restorack.meters.histogram_floor.rumble_floor import LowFloorMeter, with_rumble
from restorack.meters.noise_floor.band_floor import BandFloors
from restorack.meters.noise_floor.bands import FRAME_S, frame_of
from restorack.meters.noise_floor.fine_spectra import EVERY, FAINTEST, FineSpectra
from restorack.meters.noise_floor.heard import Heard
from restorack.meters.noise_floor.judgement import JudgedPatches, Judgement
from restorack.meters.noise_floor.passage import (
    NOTHING_DB,
    PassageFloor,
    floor_frequencies,
    passage_floor,
)
from restorack.meters.noise_floor.rumble import rumble_share
from restorack.meters.noise_floor.tracks import SILENT_DB, TrackMeter
from restorack.meters.noise_floor.white_noise import white_noise

Floats: TypeAlias = NDArray[np.float64]
Row: TypeAlias = NDArray[np.float32]

# Seconds that a floor holds for; segments that it is read from, so that up to a minute has one; of
# a swell every fourth frame is kept; frames that must be heard. By hand.
SEGMENT_S = 20.0
SEGMENTS_AROUND = 3
SWELL_EVERY = 4
FEWEST_FRAMES = 8


class SwellingFloor(NoiseFloor):
    """A noise floor that rises and falls as a whole; see :class:`NoiseFloor`."""

    swell_times_s: Floats
    swell_db: Floats

    @staticmethod
    def of(floor: NoiseFloor, times_s: Floats, swell_db: Floats) -> SwellingFloor:
        """Return a floor with a swell in dB at times in seconds."""
        made = SwellingFloor(
            floor.frequencies_hz,
            floor.times_s,
            floor.density_db,
            floor.confidence,
            floor.source,
            floor.snr_db,
        )
        object.__setattr__(made, "swell_times_s", times_s)
        object.__setattr__(made, "swell_db", swell_db)
        return made

    @property
    def is_still(self) -> bool:
        """Whether the density is the same at all times."""
        return False

    def density(self, frequencies_hz: Floats, seconds: float) -> Floats:
        """Return the power density at frequencies in Hz and a time in seconds."""
        rise = float(np.interp(seconds, self.swell_times_s, self.swell_db))
        still = super().density(frequencies_hz, seconds)
        return np.asarray(still * db_to_power(rise))


class SteadyFloorEstimator:
    """Estimate the noise floor of a stream; an hour takes 20 MB at most.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    channels : int
        Rows; the floor is that of their mean power.
    find_bands : BandFloors
        Finds the floors of a passage's bands.
    judge : NoisePsdEstimator, optional
        A network that it asks, which sees counts of levels.
    expected : bool
        Whether the recording is known to be noisy: faint noise is then believed, too.

    Notes
    -----
    Up to a minute has one floor. Longer files have one for every 20 s, from these and the 20 s on
    either side; where a segment can tell nothing, the lowest of those that can.
    """

    def __init__(
        self,
        sample_rate: float,
        channels: int,
        find_bands: BandFloors,
        judge: NoisePsdEstimator | None = None,
        expected: bool = False,
    ) -> None:
        self._rate, self._channels = sample_rate, channels
        self._find_bands, self._expected = find_bands, expected
        frame = frame_of(FRAME_S, sample_rate)
        # Tracks and patches are cut from the same frames.
        self._frames = DensityFrames(channels, frame, frame // 2, PATCH_FRAMES)
        self._patches = JudgedPatches(sample_rate, channels, judge) if judge else None
        self._tracks = TrackMeter(sample_rate, channels)
        self._fine = FineSpectra(sample_rate, channels)
        self._low = LowFloorMeter(sample_rate, channels)
        self._frequencies = floor_frequencies(self._fine.frequencies_hz, sample_rate)
        self._fine_per_segment = max(2, round(SEGMENT_S / self._fine.seconds))
        # Both frames overlap so that there are as many hops in one spectrum.
        self._per_segment = EVERY * self._fine_per_segment
        self._quiet_db: list[Row] = []
        self._mean_db: list[Row] = []
        self._fine_db: list[Row] = []
        self._dropped = 0
        self._settled: list[PassageFloor | None] = []

    def push(self, block: Rows) -> None:
        """Take samples."""
        for densities in self._frames.push(block):
            if self._patches is not None:
                self._patches.take(densities)
            found = self._tracks.take(densities)
            if found is not None:
                quiet_db, mean_db = (power_to_db(one + FAINTEST) for one in found)
                self._quiet_db += list(quiet_db.astype(np.float32))
                self._mean_db += list(mean_db.astype(np.float32))
        self._fine_db += [row.astype(np.float32) for row in self._fine.push(block)]
        self._low.push(block)
        self._settle()

    @property
    def _heard(self) -> int:
        """Return how many frames were heard."""
        return self._dropped * self._per_segment + len(self._quiet_db)

    def _settle(self) -> None:
        """Settle the segments that have both neighbours, and drop what none needs any more."""
        if self._heard <= SEGMENTS_AROUND * self._per_segment:
            return
        while self._complete() >= len(self._settled) + 2:
            at = len(self._settled)
            self._settled.append(self._passage(max(0, at - 1), at + 2))
            if at > self._dropped:
                del self._quiet_db[: self._per_segment]
                del self._mean_db[: self._per_segment]
                del self._fine_db[: self._fine_per_segment]
                self._dropped += 1

    def _complete(self) -> int:
        """Return how many segments both meters have heard to their ends."""
        fine = self._dropped + len(self._fine_db) // self._fine_per_segment
        return min(self._heard // self._per_segment, fine)

    def _passage(self, first: int, end: int) -> PassageFloor | None:
        """Return the floor of some segments."""
        measured = self.heard(first, end)
        if measured is None:
            return None
        heard, sounds = measured
        return _timed(passage_floor(heard, white_noise(self._rate), self._find_bands), sounds)

    def heard(
        self, first: int = 0, end: int = SEGMENTS_AROUND
    ) -> tuple[Heard, NDArray[np.bool_]] | None:
        """Return what was measured of some segments that are still kept, None where too little.

        Returns
        -------
        Heard
            Of the frames that sound.
        ndarray of bool, shape (frames,)
            Which those are.
        """
        begin, after = ((at - self._dropped) * self._per_segment for at in (first, end))
        quiet_db = np.array(self._quiet_db[begin:after], np.float64)
        if len(quiet_db) < FEWEST_FRAMES or not len(self._tracks.bands):
            return None
        mean_db = np.array(self._mean_db[begin:after], np.float64)
        sounds = mean_db.max(axis=1) > SILENT_DB
        if np.count_nonzero(sounds) < FEWEST_FRAMES:
            return None
        fine = self._fine_db[begin // EVERY : after // EVERY]
        fine_db = np.array(fine, np.float64).reshape(-1, len(self._fine.frequencies_hz))
        heard = Heard(
            self._tracks.bands,
            quiet_db[sounds],
            mean_db[sounds],
            self._tracks.seconds,
            fine_db[fine_db.max(axis=1) > SILENT_DB] if len(fine_db) else fine_db,
            self._fine.frequencies_hz,
            self._rate,
            self._channels,
            self._expected,
            self._judged(first, end),
        )
        return heard, sounds

    def _judged(self, first: int, end: int) -> Judgement | None:
        """Return what the network says of some segments, if there is one."""
        if self._patches is None:
            return None
        begin, after = (at * self._per_segment // PATCH_FRAMES for at in (first, end))
        return self._patches.judged(begin, after, self._tracks.bands.centres_hz)

    def estimate(self) -> NoiseFloor | None:
        """Return the floor of what was heard, or None where nothing is found."""
        count = -(-self._heard // self._per_segment)
        if count <= SEGMENTS_AROUND:
            return self._floor([self._passage(0, count)])
        # The last segments have not all their neighbours: they share one floor.
        newest = self._passage(self._dropped, count)
        floors = self._settled + [newest] * (count - len(self._settled))
        return self._floor(floors)

    def _floor(self, heard: list[PassageFloor | None]) -> NoiseFloor | None:
        """Return the passages' floors over time; None where there is neither noise nor rumble."""
        floors = [one if one is not None and one.found else None for one in heard]
        found = [one for one in floors if one is not None]
        sounding = [one for one in heard if one is not None]
        if not sounding:
            return None
        broadband = self._broadband(floors) if found else self._nothing()
        floor = self._with_rumble(broadband, sounding, bool(found))
        if floor is None or all(one.swell_db is None for one in found):
            return floor
        return SwellingFloor.of(floor, *self._swell(floors))

    def _nothing(self) -> NoiseFloor:
        """Return a floor of nothing, for rumble alone."""
        shape = len(self._frequencies)
        levels = np.full((1, shape), NOTHING_DB)
        return NoiseFloor(self._frequencies, np.zeros(1), levels, np.zeros(shape), "music", None)

    def _with_rumble(
        self, floor: NoiseFloor, heard: list[PassageFloor], is_noisy: bool
    ) -> NoiseFloor | None:
        """Return a floor raised to the rumble, None where there is neither."""
        level_db = self._low.level_db()
        whole = float(np.mean([one.power for one in heard]))
        snr_db = floor.snr_db
        noise = 0.0 if snr_db is None else whole / (1.0 + db_to_power(snr_db))
        share = 0.0
        if level_db is not None:
            reach = float(np.median([one.evidence.range_db for one in heard]))
            share = rumble_share(level_db, self._low.frequencies_hz, whole, noise, reach)
        if level_db is None or share == 0.0:
            return floor if is_noisy else None
        frequencies, levels, confidence = with_rumble(
            (floor.frequencies_hz, floor.density_db, floor.confidence),
            (self._low.frequencies_hz, level_db),
            share,
        )
        return replace(floor, frequencies_hz=frequencies, density_db=levels, confidence=confidence)

    def _broadband(self, floors: list[PassageFloor | None]) -> NoiseFloor:
        """Return the floors over time; passages without one take the lowest of the others."""
        found = [one for one in floors if one is not None]
        rest = np.min([one.density_db for one in found], axis=0)
        levels = np.array([rest if one is None else one.density_db for one in floors])
        middles = np.arange(len(floors), dtype=np.float64) + 0.5
        times = middles * (self._per_segment * self._tracks.seconds)
        trust = np.mean([one.trust for one in found], axis=0)
        confidence = np.interp(self._frequencies, self._tracks.bands.centres_hz, trust)
        snr = float(np.median([one.evidence.snr_db for one in found]))
        return NoiseFloor(self._frequencies, times, levels, confidence, "music", snr)

    def _swell(self, floors: list[PassageFloor | None]) -> tuple[Floats, Floats]:
        """Return times in seconds and dB of a swell over all segments."""
        size = self._per_segment
        rise = np.zeros(self._heard if len(floors) == 1 else len(floors) * size)
        for segment, one in enumerate(floors):
            if one is None or one.swell_db is None:
                continue
            settled = segment < len(self._settled)
            first = max(0, segment - 1) if settled else self._dropped
            own = one.swell_db[(segment - first) * size :]
            own = own if len(floors) == 1 else own[:size]
            rise[segment * size : segment * size + len(own)] = own
        # A frame's middle, averaged with the frame before and the one after.
        frames = np.arange(len(rise), dtype=np.float64)
        times = (2.0 + frames) * self._tracks.seconds
        return times[::SWELL_EVERY], rise[::SWELL_EVERY]


def _timed(found: PassageFloor, sounds: NDArray[np.bool_]) -> PassageFloor:
    """Return a floor whose swell covers silent frames, too."""
    if found.swell_db is None:
        return found
    swell = np.interp(np.arange(len(sounds)), np.flatnonzero(sounds), found.swell_db)
    return replace(found, swell_db=swell)
