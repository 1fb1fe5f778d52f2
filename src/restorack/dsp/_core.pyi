"""The native core; the headers in native/include say what it does."""

from collections.abc import Sequence
from typing import Any, NewType

from numpy import float32, float64, int64
from numpy.typing import NDArray

Values = NDArray[float32]
Floats = NDArray[float64]
Numbers = NDArray[int64]
NetworkHandle = NewType("NetworkHandle", object)
StreamHandle = NewType("StreamHandle", object)
DetectorHandle = NewType("DetectorHandle", object)
GapsHandle = NewType("GapsHandle", object)
ThumpsHandle = NewType("ThumpsHandle", object)
EstimatorHandle = NewType("EstimatorHandle", object)
FftHandle = NewType("FftHandle", object)

def new_network() -> NetworkHandle: ...
def add_input(network: NetworkHandle, channels: int, /) -> int: ...
def add_convolution(
    network: NetworkHandle,
    of: int,
    shape: tuple[int, int, int],
    stride: int,
    dilation_time: int,
    dilation_width: int,
    padding: int,
    activation: int,
    residual: bool,
    weights: Values,
    bias: Values,
    /,
) -> int: ...
def add_widened(network: NetworkHandle, fine: int, coarse: int, /) -> int: ...
def add_joined(network: NetworkHandle, inputs: Sequence[int], /) -> int: ...
def add_summary(network: NetworkHandle, of: int, weights: Values, bias: Values, /) -> int: ...
def new_stream(
    network: NetworkHandle,
    widths: Sequence[int],
    outputs: Sequence[int],
    block: int,
    whole: bool,
    /,
) -> StreamHandle: ...
def outputs(stream: StreamHandle, /) -> tuple[tuple[int, int, int], ...]: ...
def run(
    stream: StreamHandle, frames: int, inputs: Sequence[Any], outputs: Sequence[Any], /
) -> None: ...
def restart(stream: StreamHandle, /) -> None: ...
def state_size(stream: StreamHandle, /) -> int: ...
def save(stream: StreamHandle, state: Values, /) -> None: ...
def resume(stream: StreamHandle, state: Values, /) -> None: ...
def instructions() -> str: ...
def new_detector(
    lengths: tuple[int, ...], settings: tuple[float, ...], taps: Floats, /
) -> DetectorHandle: ...
def detector_reach(detector: DetectorHandle, /) -> int: ...
def find_clicks(
    detector: DetectorHandle,
    signal: Floats,
    start: int,
    stop: int,
    threshold: float,
    room: int,
    clicks: Floats,
    waves: Values | None,
    levels: Values | None,
    facts: Values | None,
    /,
) -> int: ...
def extract_features(
    signal: Floats,
    model: Floats,
    start: int,
    stop: int,
    block: int,
    rate: float,
    prominence: float,
    contrast: float,
    wave: Values,
    levels: Values,
    facts: Values,
    /,
) -> None: ...
def new_gaps(lengths: tuple[int, ...], growth: float, /) -> GapsHandle: ...
def fill_gap(gaps: GapsHandle, signal: Floats, start: int, stop: int, again: bool, /) -> bool: ...
def new_thumps(
    lengths: tuple[int, ...],
    tried: tuple[int, ...],
    numbers: tuple[int, ...],
    sizes: tuple[float, ...],
    settings: tuple[float, ...],
    taps: Floats,
    shapes: tuple[Floats, ...],
    /,
) -> ThumpsHandle: ...
def find_thump(
    thumps: ThumpsHandle, signal: Floats, anchor: int, heard: int, weights: Floats, /
) -> int: ...
def new_estimator(order: int, samples: int, /) -> EstimatorHandle: ...
def estimate(estimator: EstimatorHandle, frame: Floats, model: Floats, /) -> None: ...
def fir(x: Floats, taps: Floats, out: Floats, /) -> None: ...
def interpolation_error(x: Floats, taps: Floats, out: Floats, /) -> None: ...
def exponential_integral(x: float, /) -> float: ...
def log_mmse(prior: Floats, posterior: Floats, gain: Floats, /) -> None: ...
def block_factors(ratio: Floats, bins: int, thresholds: Floats, out: Floats, /) -> None: ...
def medians(plane: Floats, bins: int, most: float, out: Floats, /) -> None: ...
def log_mmse_beside(
    ratio: Floats,
    median: Floats,
    bins: int,
    thresholds: Floats,
    carried: Floats | None,
    known: bool,
    gain: Floats,
    /,
) -> None: ...
def prior_ratio(
    ratio: Floats,
    median: Floats,
    bins: int,
    thresholds: Floats,
    carried: Floats | None,
    known: bool,
    prior: Floats,
    /,
) -> None: ...
def posterior_ratio(
    spectra: Floats,
    channels: int,
    density: Floats,
    limits: tuple[float, float, float],
    ratio: Floats,
    /,
) -> None: ...
def gain_change(
    spectra: Floats,
    gain: Floats,
    ratio: Floats,
    limits: tuple[float, float, float],
    change: Floats,
    /,
) -> None: ...
def subtract(ratio: Floats, bins: int, gain: Floats, /) -> None: ...
def gate(ratio: Floats, bins: int, gain: Floats, /) -> None: ...
def refine(
    shorts: Floats,
    longs: Floats,
    noise: Floats,
    channels: int,
    bins: int,
    limits: tuple[float, float, float],
    recent: Floats,
    risks: Floats,
    waiting: Floats,
    change: Floats,
    /,
) -> None: ...
def band_powers(
    densities: Floats,
    channels: int,
    bins: int,
    first: Numbers,
    end: Numbers,
    share: float,
    quiet: Floats,
    mean: Floats,
    /,
) -> None: ...
def band_quantiles(
    densities: Floats,
    channels: int,
    bins: int,
    edges: Numbers,
    ranks: Numbers,
    wide: float,
    found: Floats,
    /,
) -> None: ...
def read_moved(
    samples: Values, shifts: Floats, origin: int, table: Floats, phases: int, out: Values, /
) -> None: ...
def add_waves(
    steps: Floats, amplitudes: Floats, phases: Floats, first: int, grid: int, out: Floats, /
) -> None: ...
def add_traced(
    row: Floats,
    slopes: Floats,
    reach: Floats,
    share: float,
    rounds: int,
    close: float,
    out: Floats,
    /,
) -> None: ...
def follow(row: Values, level: float, settings: tuple[float, ...], out: Values, /) -> float: ...
def gsm_recode(state: Floats, frame: Floats, /) -> None: ...
def perceptual_quantise(
    parts: Floats,
    transforms: int,
    bits: float,
    edges: Numbers,
    spread: Floats,
    quiet: Floats,
    settings: tuple[float, float, int, int],
    /,
) -> float: ...
def residual_quantise(
    spectrum: Floats,
    edges: Numbers,
    books: Floats,
    powers: Floats,
    rounds: int,
    entries: int,
    part: int,
    /,
) -> None: ...
def filter_sections(
    sections: Floats, state: Floats, samples: Floats, out: Floats, channels: int, /
) -> None: ...
def new_fft(size: int, /) -> FftHandle: ...
def frame_spectra(
    fft: FftHandle, samples: Values, spectra: Floats, window: Floats, channels: int, hop: int, /
) -> None: ...
def add_frames(
    fft: FftHandle, samples: Floats, spectra: Floats, window: Floats, channels: int, hop: int, /
) -> None: ...
def patch_statistics(ratio: Values, bins: int, facts: Values, /) -> None: ...
def spread_patches(
    patches: Values, bands: int, bins: int, skipped: int, out: Values, /
) -> None: ...
def corrected_ratio(
    ratio: Values, said: Values, bins: int, largest: float, out: Values, /
) -> None: ...
def gain_features(
    planes: Values, bins: int, seen: int, known: Values, smallest: float, features: Values, /
) -> None: ...
def masked_gains(
    planes: Values,
    said: Values,
    bins: int,
    seen: int,
    share: Values,
    rule: tuple[float, float, float],
    out: Values,
    /,
) -> None: ...
def declip(
    fft: FftHandle,
    x: Floats,
    bound: Floats,
    sides: Values,
    window: Floats,
    weights: Floats,
    whole: tuple[int, int, int, int],
    real: tuple[float, float, float],
    /,
) -> None: ...
def true_peaks(
    row: Values, taps: Values, width: int, ceiling: float, largest: float, peaks: Values, /
) -> None: ...
def limiter_state(settings: tuple[int, int, int, float, float, float, float], /) -> int: ...
def limiter_gains(
    settings: tuple[int, int, int, float, float, float, float],
    state: Floats,
    needed: Floats,
    gains: Floats,
    /,
) -> None: ...
def shaped_round(
    steps: Floats,
    noise: Floats,
    left: Numbers,
    taps: Floats,
    limits: tuple[float, float],
    errors: Floats,
    out: Floats,
    /,
) -> None: ...
def correlations(
    left: Values,
    right: Values,
    shape: tuple[int, int, int, int],
    work: Values,
    out: Values,
    /,
) -> None: ...
