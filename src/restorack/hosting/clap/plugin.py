"""A CLAP plugin: loaded, asked for its ports and parameters, and run over blocks."""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from restorack.dsp.arrays import Rows
from restorack.errors import PluginError, suggest
from restorack.hosting.clap import abi
from restorack.hosting.clap.host import ClapHost
from restorack.hosting.parameters.names import same_word
from restorack.hosting.spec import PluginSpec
from restorack.system.floating_point import restore_float_environment

_LOADED: dict[str, tuple[Any, abi.Factory]] = {}
"""Modules of this process: one is initialised once, and stays."""


def descriptors(path: str, label: str) -> list[abi.Descriptor]:
    """Return what a CLAP file says of its plugins.

    Raises
    ------
    PluginError
        Where it is none.
    """
    factory = _factory(path, label)
    here = ctypes.addressof(factory)
    found = [factory.descriptor(here, index) for index in range(factory.count(here))]
    return [pointer.contents for pointer in found if pointer]


def _factory(path: str, label: str) -> abi.Factory:
    if path not in _LOADED:
        try:
            library = ctypes.CDLL(path)
            entry = abi.Entry.in_dll(library, "clap_entry")
        except (OSError, ValueError) as error:
            raise PluginError(f"cannot be loaded: {error}", where=label) from error
        finally:
            restore_float_environment()
        found = entry.get_factory(b"clap.plugin-factory") if entry.init(path.encode()) else None
        if not found or entry.version.major < 1:
            raise PluginError("cannot be loaded: it offers no plugins of CLAP 1", where=label)
        _LOADED[path] = library, abi.Factory.from_address(found)
    return _LOADED[path][1]


def chosen(spec: PluginSpec) -> abi.Descriptor:
    """Return which plugin of its file a spec means.

    Raises
    ------
    PluginError
        Where the file holds several and none of them is named, or another one.
    """
    found = descriptors(spec.reference, spec.label)
    names = [name_of(one) for one in found]
    if spec.plugin is None and len(found) == 1:
        return found[0]
    if spec.plugin is None:
        raise PluginError(
            f"holds {len(found)} plugins",
            where=spec.label,
            rule="of several plugins in one file the one that is meant is named",
            remedy=f"clap: {{path: {spec.reference}, name: NAME}}; names: {', '.join(names[:20])}",
        )
    for one, name in zip(found, names, strict=True):
        if same_word(name, spec.plugin) or one.id.decode() == spec.plugin:
            return one
    raise PluginError(
        f"holds no plugin {spec.plugin!r}", where=spec.label, remedy=suggest(spec.plugin, names)
    )


def name_of(descriptor: abi.Descriptor) -> str:
    """Return a plugin's name."""
    return str((descriptor.name or b"").decode("utf-8", "replace"))


class ClapPlugin:
    """An instance; activated for one rate and blocks of up to so many samples.

    Parameters
    ----------
    spec : PluginSpec
    rate : float
        In Hz.
    block : int
    """

    def __init__(self, spec: PluginSpec, rate: float, block: int) -> None:
        self.label, self._rate, self._block = spec.label, rate, block
        self.descriptor = chosen(spec)
        factory = _factory(spec.reference, spec.label)
        here = ctypes.addressof(factory)
        self._host = ClapHost()
        made = factory.create(here, self._host.address, self.descriptor.id)
        if not made:
            raise PluginError("cannot be made", where=spec.label)
        self._plugin = abi.Plugin.from_address(made)
        self._here = made
        self._active = [False]  # a list, which what ends the instance sees too
        self._ender = weakref.finalize(self, _destroy, self._plugin, made, self._active, self._host)
        self._ender.atexit = False  # the whole process ends then
        if not self._plugin.init(made):
            raise PluginError("cannot be initialised", where=spec.label)
        restore_float_environment()
        self.params: Any = abi.extension(self._plugin, "clap.params", abi.Params)
        self.inputs, self.outputs = self._ports(True), self._ports(False)
        self._events: list[abi.ParamEvent] = []
        self._made_lists()
        self.restart()

    def _ports(self, inward: bool) -> list[int]:
        """Return the channels of each port."""
        ports: Any = abi.extension(self._plugin, "clap.audio-ports", abi.AudioPorts)
        if ports is None:
            return []
        found = []
        for index in range(ports.count(self._here, inward)):
            info = abi.PortInfo()
            if ports.get(self._here, index, inward, ctypes.byref(info)):
                found.append(int(info.channels))
        return found

    def _made_lists(self) -> None:
        events = abi.InputEvents._fields_
        self._callbacks = (
            events[1][1](lambda _: len(self._events)),
            events[2][1](lambda _, index: ctypes.addressof(self._events[index])),
            abi.OutputEvents._fields_[1][1](lambda _, __: True),
        )
        self._incoming = abi.InputEvents(None, self._callbacks[0], self._callbacks[1])
        self._outgoing = abi.OutputEvents(None, self._callbacks[2])

    def restart(self) -> None:
        """Clear what was heard: end processing, and begin it anew."""
        if self._active[0]:
            self._plugin.stop_processing(self._here)
            self._plugin.deactivate(self._here)
        self._active[0] = bool(
            self._plugin.activate(self._here, self._rate, 1, self._block)
            and self._plugin.start_processing(self._here)
        )
        if not self._active[0]:
            raise PluginError(f"cannot be activated at {self._rate:g} Hz", where=self.label)
        self._plugin.reset(self._here)
        self._time = 0
        self._answer()

    def _answer(self) -> None:
        """Give the plugin the call that it has asked for."""
        if self._host.is_called:
            self._host.is_called = False
            self._plugin.on_main_thread(self._here)

    def latency(self) -> int:
        """Return what it reports, in samples."""
        found: Any = abi.extension(self._plugin, "clap.latency", abi.Samples)
        return int(found.get(self._here)) if found is not None else 0

    def process(self, rows: Rows, values: Mapping[int, float]) -> Rows:
        """Run a block.

        Parameters
        ----------
        rows : ndarray of float32, shape (all input channels, samples)
        values : mapping of int to float
            Parameters that are set at its first sample, by their ids.

        Returns
        -------
        ndarray of float32, shape (all output channels, samples)
        """
        out = np.zeros((sum(self.outputs), rows.shape[1]), np.float32)
        inward, kept_in = _buffers(np.array(rows, np.float32, order="C"), self.inputs)
        outward, kept_out = _buffers(out, self.outputs)
        self._events = [_event(param, value) for param, value in values.items()]
        process = abi.Process(
            self._time, rows.shape[1], None, inward, outward, len(self.inputs), len(self.outputs),
            ctypes.pointer(self._incoming), ctypes.pointer(self._outgoing),
        )  # fmt: skip
        status = self._plugin.process(self._here, ctypes.byref(process))
        del kept_in, kept_out  # held until here: the plugin has their addresses
        if status == abi.ERROR:
            raise PluginError("failed to process", where=self.label)
        self._time += rows.shape[1]
        self._answer()
        return out

    def load(self, data: bytes) -> None:
        """Load a state."""
        state: Any = abi.extension(self._plugin, "clap.state", abi.State)
        rest = memoryview(data)

        def read(_: Any, target: int, size: int) -> int:
            nonlocal rest
            part, rest = rest[:size], rest[size:]
            ctypes.memmove(target, bytes(part), len(part))
            return len(part)

        stream = abi.Stream(None, abi.STREAM_CALL(read))
        if state is None or not state.load(self._here, ctypes.byref(stream)):
            raise PluginError("does not load its state", where=self.label)

    def save(self) -> bytes:
        """Return its state."""
        state: Any = abi.extension(self._plugin, "clap.state", abi.State)
        parts: list[bytes] = []

        def write(_: Any, source: int, size: int) -> int:
            parts.append(ctypes.string_at(source, size))
            return size

        stream = abi.Stream(None, abi.STREAM_CALL(write))
        if state is None or not state.save(self._here, ctypes.byref(stream)):
            raise PluginError("saves no state", where=self.label)
        return b"".join(parts)


def _destroy(plugin: abi.Plugin, here: int, active: list[bool], _host: ClapHost) -> None:
    """End an instance that nothing uses any more; its host lives until then."""
    if active[0]:
        plugin.stop_processing(here)
        plugin.deactivate(here)
    plugin.destroy(here)


def _event(param: int, value: float) -> abi.ParamEvent:
    size = ctypes.sizeof(abi.ParamEvent)
    return abi.ParamEvent(size, 0, 0, abi.PARAM_VALUE, 0, param, None, -1, -1, -1, -1, value)


def _buffers(rows: Rows, ports: Sequence[int]) -> tuple[Any, list[Any]]:
    """Return rows as the ports' buffers, and what has to be held as long as they are used."""
    buffers = (abi.Buffer * max(1, len(ports)))()
    held: list[Any] = [rows]
    first = 0
    for port, channels in enumerate(ports):
        pointers = (ctypes.POINTER(ctypes.c_float) * max(1, channels))()
        for channel in range(channels):
            row = rows[first + channel]
            pointers[channel] = row.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
        buffers[port].data32 = ctypes.cast(pointers, ctypes.POINTER(ctypes.POINTER(ctypes.c_float)))
        buffers[port].channels = channels
        held.append(pointers)
        first += channels
    return buffers, held
