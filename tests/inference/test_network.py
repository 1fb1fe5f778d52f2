"""The native core: closed forms, the same bits for any blocks, lists of layers that cannot be."""

from __future__ import annotations

import copy
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from restorack.dsp import _core
from restorack.errors import WeightsError
from restorack.inference.layers import Layer, LayerList
from restorack.inference.network import Network

RANDOM = np.random.default_rng(7)


def values(*shape: int) -> Any:
    return RANDOM.standard_normal(shape).astype(np.float32)


def given(channels: int = 2, name: str = "x") -> Layer:
    return Layer(name=name, kind="input", channels=channels)


def network(*layers: Layer, outputs: tuple[str, ...] = ("y",), **tensors: Any) -> Network:
    stored = {name.replace("__", "."): value for name, value in tensors.items()}
    return Network(LayerList(layers=layers, outputs=outputs), stored)


def convolution(**changed: Any) -> Layer:
    facts = {"name": "y", "inputs": ("x",), "weights": "y", "taps": (3, 3), "padding": 1}
    return Layer(**{**facts, **changed})


def plain(x: Any, weight: Any, bias: Any, layer: Layer) -> Any:
    """Return a convolution with zeros around, as its definition says."""
    (far_t, far_f), taps = layer.dilation, weight.shape[2:]
    reach = far_t * (taps[0] // 2)
    padded = np.pad(x.astype(float), ((reach, reach), (layer.padding,) * 2, (0, 0)))
    room = padded.shape[1] - far_f * (taps[1] - 1)
    total = sum(
        padded[t * far_t : t * far_t + len(x), f * far_f : f * far_f + room : layer.stride]
        @ weight[:, :, t, f].T.astype(float)
        for t in range(taps[0])
        for f in range(taps[1])
    )
    return total + bias


@pytest.mark.parametrize("channels", [1, 3, 4, 8, 16, 20, 24, 32, 33, 48, 64])
@pytest.mark.parametrize("width", [1, 2, 5, 13, 40])
def test_a_convolution_is_what_its_definition_says(channels: int, width: int) -> None:
    """Every number of channels and places has its own way through the tiles."""
    x, weight, bias = values(6, width, 5), values(channels, 5, 3, 3), values(channels)
    layer = convolution()
    (found,) = network(given(5), layer, y__weight=weight, y__bias=bias).whole(x)
    assert np.allclose(found, plain(x, weight, bias, layer), atol=1e-4)


@pytest.mark.parametrize(
    "changed",
    [
        {"taps": (1, 9), "stride": 4, "padding": 4},
        {"taps": (5, 1), "dilation": (3, 1), "padding": 0},
        {"taps": (3, 3), "dilation": (2, 4), "padding": 4},
        {"taps": (1, 20), "padding": 0},
        {"taps": (1, 2), "padding": 0, "stride": 3},
    ],
)
def test_strides_dilations_and_taps(changed: dict[str, Any]) -> None:
    layer = convolution(**changed)
    x, weight, bias = values(11, 20, 2), values(6, 2, *layer.taps), values(6)
    (found,) = network(given(), layer, y__weight=weight, y__bias=bias).whole(x)
    assert np.allclose(found, plain(x, weight, bias, layer), atol=1e-4)


@pytest.mark.parametrize(
    ("activation", "function"),
    [
        ("relu", lambda x: np.maximum(x, 0)),
        ("silu", lambda x: x / (1 + np.exp(-x))),
        ("softplus", lambda x: np.logaddexp(0, x)),
    ],
)
def test_activations_come_before_what_is_added(activation: Any, function: Any) -> None:
    layer = convolution(activation=activation, residual=True)
    x, weight, bias = 9 * values(4, 7, 6), values(6, 6, 3, 3), values(6)
    (found,) = network(given(6), layer, y__weight=weight, y__bias=bias).whole(x)
    assert np.allclose(found, x + function(plain(x, weight, bias, layer)), rtol=1e-4, atol=1e-3)


def test_large_values_do_not_overflow() -> None:
    x = np.array([[[-1e30, -200.0, 0.0, 200.0]]], np.float32)
    for activation, expected in (("silu", [0, 0, 0, 200]), ("softplus", [0, 0, np.log(2), 200])):
        layer = convolution(activation=activation, taps=(1, 1), padding=0)
        weight = np.eye(4, dtype=np.float32)
        one = network(given(4), layer, y__weight=weight, y__bias=np.zeros(4, np.float32))
        assert np.allclose(one.whole(x)[0][0, 0], expected, atol=1e-6)


def test_planes_are_widened_joined_and_summarised() -> None:
    fine, coarse = values(3, 5, 2), values(3, 3, 2)
    layers = (given(2, "fine"), given(2, "coarse"))
    wide = Layer(name="y", kind="widened", inputs=("fine", "coarse"))
    (found,) = network(*layers, wide).whole(fine, coarse)
    assert np.array_equal(found, fine + np.repeat(coarse, 2, axis=1)[:, :5])

    beside = values(3, 5, 1)
    joined = Layer(name="y", kind="joined", inputs=("fine", "beside", "fine"))
    (found,) = network(layers[0], given(1, "beside"), joined).whole(fine, beside)
    assert np.array_equal(found, np.concatenate([fine, beside, fine], axis=2))

    weight, bias = values(2, 4), values(2)
    summary = Layer(name="y", kind="summary", inputs=("fine",), weights="y")
    one = network(layers[0], summary, y__weight=weight, y__bias=bias)
    seen = np.concatenate([fine.mean((0, 1)), fine.max(1).mean(0)])
    assert np.allclose(one.whole(fine)[0], fine + weight @ seen + bias, atol=1e-5)


def deep() -> tuple[Network, Any]:
    """Return a network whose branches are late by different frames, and frames for it."""
    layers = (
        given(3),
        convolution(name="a", weights="a", activation="relu", dilation=(4, 1)),
        convolution(name="b", inputs=("a",), weights="b", residual=True, activation="silu"),
        Layer(name="y", kind="joined", inputs=("x", "b", "a")),
    )
    tensors = {"a__weight": values(20, 3, 3, 3), "a__bias": values(20)}
    tensors |= {"b__weight": values(20, 20, 3, 3), "b__bias": values(20)}
    return network(*layers, **tensors), values(100, 9, 3)


@pytest.mark.parametrize("block", [1, 3, 64, 1000])
def test_blocks_never_change_a_bit(block: int) -> None:
    one, x = deep()
    (whole,) = one.stream([9]).push(x)
    for size in (1, 7, 100):
        stream = one.stream([9], block)
        parts = [stream.push(x[at : at + size])[0] for at in range(0, len(x), size)]
        assert np.array_equal(np.concatenate(parts), whole)
    assert stream.late == 5
    # The branch that is not late at all has waited for the others.
    assert np.array_equal(whole[5:, :, :3], x[:-5])
    assert not whole[:5, :, :3].any()


def test_frames_that_have_all_their_neighbours_are_those_of_the_whole() -> None:
    one, x = deep()
    (late,), (whole,) = one.stream([9]).push(x), one.whole(x)
    assert np.array_equal(late[15:], whole[10:-5])


def test_a_restarted_stream_is_a_new_one() -> None:
    one, x = deep()
    handle = one.start([9], 8, False)
    out = [np.empty((100, 9, 43), np.float32) for _ in range(2)]
    _core.run(handle, 100, [x], [out[0]])
    _core.restart(handle)
    _core.run(handle, 100, [x], [out[1]])
    assert np.array_equal(*out)


def pickled(one: Any) -> Any:
    return pickle.loads(pickle.dumps(one))  # noqa: S301  own object, pickled just now


@pytest.mark.parametrize("duplicate", [copy.deepcopy, pickled])
def test_a_copy_of_a_stream_goes_on_where_it_is(duplicate: Any) -> None:
    one, x = deep()
    (expected,) = one.stream([9]).push(x)
    stream = one.stream([9], 16)
    stream.push(x[:37])
    other = duplicate(stream)
    assert np.array_equal(other.push(x[37:])[0], expected[37:])
    assert np.array_equal(stream.push(x[37:])[0], expected[37:])
    assert other.late == stream.late
    assert np.array_equal(duplicate(one).whole(x)[0], one.whole(x)[0])


def test_a_shorter_whole_does_not_hear_the_longer_one_before_it() -> None:
    one, x = deep()
    handle = one.start([9], 100, True)
    out = [np.empty((count, 9, 43), np.float32) for count in (100, 40)]
    for made in out:
        _core.run(handle, len(made), [x[: len(made)]], [made])
    assert np.array_equal(out[1], one.whole(x[:40])[0])
    with pytest.raises(ValueError, match="too large"):
        _core.run(handle, 101, [values(101, 9, 3)], [np.empty((101, 9, 43), np.float32)])


def test_threads_share_a_network_and_not_a_stream() -> None:
    one, x = deep()
    (expected,) = one.stream([9]).push(x)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: one.stream([9]).push(x)[0], range(16)):
            assert np.array_equal(found, expected)


def test_other_threads_run_meanwhile() -> None:
    one, _ = deep()
    stream, x = one.stream([900]), values(600, 900, 3)
    began, refused = threading.Event(), []

    def run() -> None:
        began.set()
        stream.push(x)

    worker = threading.Thread(target=run)
    worker.start()
    began.wait()
    while worker.is_alive():  # were the lock held, the first turn would come after the end
        try:
            stream.push(x[:1])
        except RuntimeError as error:
            refused.append(str(error))
            break
    worker.join()
    assert refused == ["the stream is running in another thread"]


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ([given(0)], "cannot be"),
        ([given(1 << 13)], "too large"),
        ([given(), convolution(inputs=("z",))], "'z' is named before"),
        ([given(), convolution(taps=(2, 3))], "values where"),
        ([given(), convolution(stride=0)], "cannot be"),
        ([given(), convolution(dilation=(0, 1))], "cannot be"),
        ([given(), convolution(padding=-1)], "cannot be"),
        ([given(), convolution(taps=(5, 5))], "values where"),
        ([given(3), convolution()], "values where"),
        ([given(3), convolution(residual=True)], "values where"),
        ([given(), convolution(residual=True)], "cannot be"),
        ([given(), convolution(weights="none")], "no tensor 'none.weight'"),
        ([given(), convolution(inputs=("x", "x"))], "2 inputs, not 1"),
        ([given(), Layer(name="y", kind="joined")], "0 numbers where 1 to 8"),
        ([given(), Layer(name="y", kind="joined", inputs=("x",) * 9)], "9 numbers"),
        ([given(), given(3, "w"), Layer(name="y", kind="widened", inputs=("x", "w"))], "cannot be"),
        ([given(), convolution(name="w")], "'y' is named before"),
        ([Layer(name=str(n), kind="input", channels=1) for n in range(300)], "too large"),
    ],
)
def test_layers_that_cannot_be_are_refused(layers: list[Layer], words: str) -> None:
    with pytest.raises(WeightsError, match=words):
        network(*layers, y__weight=values(4, 2, 3, 3), y__bias=values(4))


def test_an_even_number_of_taps_in_time_is_refused() -> None:
    with pytest.raises(WeightsError, match="cannot be"):
        network(given(), convolution(taps=(2, 3)), y__weight=values(4, 2, 2, 3), y__bias=values(4))


def test_planes_that_do_not_fit_are_refused() -> None:
    wide = Layer(name="y", kind="widened", inputs=("fine", "coarse"))
    one = network(given(2, "fine"), given(2, "coarse"), wide)
    with pytest.raises(WeightsError, match="widths"):
        one.stream([5, 2])
    for widths in ([5], [5, 3, 1], [], [5, 0], [5, 1 << 20], [-5, 3]):
        with pytest.raises((WeightsError, ValueError)):
            one.stream(widths)
    for block in (0, -1, 1 << 30):
        with pytest.raises(WeightsError):
            one.stream([5, 3], block)
    tensors = {"y__weight": values(4, 2, 1, 9), "y__bias": values(4)}
    narrow = network(given(), convolution(taps=(1, 9), padding=0), **tensors)
    with pytest.raises(WeightsError):
        narrow.stream([8])
    summary = Layer(name="y", kind="summary", inputs=("x",), weights="y")
    with pytest.raises(WeightsError, match="whole recording"):
        network(given(), summary, y__weight=values(2, 4), y__bias=values(2)).stream([3])


def test_arrays_that_do_not_fit_are_refused() -> None:
    one, x = deep()
    stream = one.stream([9])
    with pytest.raises(WeightsError, match="values where"):
        stream.push(x[:, :8])
    with pytest.raises(WeightsError, match="one array for each plane"):
        stream.push(x, x)
    with pytest.raises(TypeError, match="float32"):
        stream.push(x.astype(float))
    handle = one.start([9], 8, False)
    locked = np.empty((1, 9, 43), np.float32)
    locked.setflags(write=False)
    for wrong in (locked, np.empty((1, 9, 86), np.float32)[..., ::2], b"1234", None):
        with pytest.raises((ValueError, BufferError, TypeError)):
            _core.run(handle, 1, [x[:1]], [wrong])
    for state in (np.empty(_core.state_size(handle) + 1, np.float32), b"1234", None):
        with pytest.raises((ValueError, TypeError)):
            _core.resume(handle, state)
    with pytest.raises(ValueError, match="incorrect name"):
        _core.run(one._handle, 1, [x[:1]], [locked])


def test_no_frames_give_none() -> None:
    one, x = deep()
    assert one.stream([9]).push(x[:0])[0].shape == (0, 9, 43)


def test_the_instructions_are_told() -> None:
    assert _core.instructions() in {"avx512", "avx2", "portable"}
