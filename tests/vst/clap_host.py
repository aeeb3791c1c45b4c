"""A small CLAP host: one plugin, a transport that the test sets, and all outputs of every block."""

from __future__ import annotations

import ctypes as c
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.patience import PATIENCE_SECONDS
from tests.vst import clap_abi as abi

RATE = 48_000
OUTPUTS = 16
_NAMES = (
    "generate",
    "cover",
    "repaint",
    "accompany",
    "separate",
    "cancel",
    "bars",
    "strength",
    "seed",
    "slot",
)
_NAMES += ("mix", "audition", "outputs", "status", "progress")


@dataclass
class Song:
    """The host's time: one tempo and metre from frame 0 on."""

    bpm: float = 120.0
    numerator: int = 4
    denominator: int = 4
    frame: int = 0
    playing: bool = False
    looping: bool = False

    def transport(self) -> abi.Transport:
        quarters = self.frame * self.bpm / 60 / RATE
        bar = 4 * self.numerator / self.denominator
        number = int(quarters // bar)
        said = abi.Transport()
        said.header = abi.Header(c.sizeof(abi.Transport), 0, 0, abi.EVENT_TRANSPORT, 0)
        said.flags = abi.HAS_TEMPO | abi.HAS_BEATS | abi.HAS_SECONDS | abi.HAS_METRE
        said.flags |= abi.IS_PLAYING if self.playing else 0
        said.flags |= abi.IS_LOOPING if self.looping else 0
        said.beats = round(quarters * abi.FIXED_POINT)
        said.seconds = round(self.frame / RATE * abi.FIXED_POINT)
        said.tempo = self.bpm
        said.bar_start = round(number * bar * abi.FIXED_POINT)
        said.bar_number = number
        said.numerator, said.denominator = self.numerator, self.denominator
        return said


class ClapHost:
    """Loads the plugin and activates it."""

    def __init__(self, path: Path, song: Song, state: bytes | None = None) -> None:
        self.song = song
        self.steady = 0
        self._pending: list[abi.ParamValue] = []
        self._callbacks()
        library = c.CDLL(str(path))
        self._entry = abi.Entry.in_dll(library, "clap_entry")
        assert self._entry.init(str(path).encode())
        factory = abi.Factory.from_address(self._entry.get_factory(abi.FACTORY))
        self._at: int = factory.create(c.addressof(factory), c.addressof(self._host), b"bandmate.plugin")
        self.plugin = abi.Plugin.from_address(self._at)
        assert self.plugin.init(self._at)
        if state is not None:
            self.load(state)
        assert self.plugin.activate(self._at, RATE, 1, 8192)
        assert self.plugin.start_processing(self._at)

    def close(self) -> None:
        self.plugin.stop_processing(self._at)
        self.plugin.deactivate(self._at)
        self.plugin.destroy(self._at)
        self._entry.deinit()

    def _callbacks(self) -> None:
        nothing = abi.Request(lambda _: None)
        none = abi.Extension(lambda _host, _name: None)
        version = abi.Version(1, 1, 1)
        self._host = abi.Host(version, None, b"test", b"", b"", b"1", none, nothing, nothing, nothing)
        size = abi.Size(lambda _: len(self._pending))
        get = abi.Get(lambda _, index: c.addressof(self._pending[index]))
        self._events = abi.InputEvents(None, size, get)
        self._said = abi.OutputEvents(None, abi.Push(lambda _list, _event: True))

    def _extension(self, name: bytes) -> int:
        address = self.plugin.get_extension(self._at, name)
        assert address
        return int(address)

    def count_ports(self, *, inputs: bool) -> int:
        return int(abi.Ports.from_address(self._extension(abi.PORTS)).count(self._at, inputs))

    def set(self, name: str, value: float) -> None:
        """With the next block."""
        header = abi.Header(c.sizeof(abi.ParamValue), 0, 0, abi.EVENT_PARAM_VALUE, 0)
        self._pending.append(abi.ParamValue(header, _NAMES.index(name), None, -1, -1, -1, -1, value))

    def get(self, name: str) -> float:
        value = c.c_double()
        params = abi.Params.from_address(self._extension(abi.PARAMS))
        assert params.get_value(self._at, _NAMES.index(name), c.byref(value))
        return value.value

    def block(self, frames: int, audio: np.ndarray | None = None) -> np.ndarray:
        """One block, (frames, 16); a playing song runs on by it."""
        given = np.zeros((2, frames), np.float32)
        if audio is not None:
            given[:] = audio.T
        heard = np.full((OUTPUTS, frames), 9.0, np.float32)
        inputs, outputs = _buffers(given), _buffers(heard)
        process = abi.Process(
            self.steady,
            frames,
            c.pointer(self.song.transport()),
            inputs,
            outputs,
            len(inputs),
            len(outputs),
            c.pointer(self._events),
            c.pointer(self._said),
        )
        assert self.plugin.process(self._at, c.addressof(process)) == 1
        self._pending.clear()
        self.steady += frames
        if self.song.playing:
            self.song.frame += frames
        return heard.T

    def play(self, frames: int, block: int = 512) -> np.ndarray:
        """From the playhead on, (frames, 16); stops there."""
        self.song.playing = True
        parts = [self.block(min(block, frames - done)) for done in range(0, frames, block)]
        self.song.playing = False
        return np.concatenate(parts)

    def save(self) -> bytes:
        saved = bytearray()

        def write(_stream: int, data: int, size: int) -> int:
            saved.extend(c.string_at(data, size))
            return size

        stream = abi.Stream(None, abi.Transfer(write))
        assert abi.State.from_address(self._extension(abi.STATE)).save(self._at, c.byref(stream))
        return bytes(saved)

    def load(self, state: bytes) -> None:
        left = bytearray(state)

        def read(_stream: int, place: int, size: int) -> int:
            part = bytes(left[:size])
            del left[:size]
            c.memmove(place, part, len(part))
            return len(part)

        stream = abi.Stream(None, abi.Transfer(read))
        assert abi.State.from_address(self._extension(abi.STATE)).load(self._at, c.byref(stream))

    @property
    def state(self) -> dict[str, Any]:
        """The song that it saves."""
        saved = self.save()
        return json.JSONDecoder().raw_decode(saved[saved.index(b'{"instance"') :].decode("utf-8", "replace"))[
            0
        ]

    def until(self, good: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not good(found := self.state):
            assert time.monotonic() < deadline, found
            self.block(512)
            time.sleep(0.02)
        return found


def _buffers(audio: np.ndarray) -> Any:
    """(channels, frames) as stereo ports."""
    ports = (abi.Buffer * (len(audio) // 2))()
    for number, port in enumerate(ports):
        pair = (c.POINTER(c.c_float) * 2)()
        for side in range(2):
            pair[side] = audio[2 * number + side].ctypes.data_as(c.POINTER(c.c_float))
        port.data32, port.channels = pair, 2
    return ports
