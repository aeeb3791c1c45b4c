"""Plays a tracker module with libopenmpt: its audio, when each row sounds, and which notes are struck."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

RATE = 44_100
Audio = NDArray[np.float32]
_MUTE_CHANNEL, _MUTE_INSTRUMENT = 10, 12
"""Places of `set_channel_mute_status` and `set_instrument_mute_status` in the table `interactive`."""
_NOTE, _INSTRUMENT = 0, 1
"""Numbers of libopenmpt's columns of a pattern."""
_LAST_NOTE = 128
"""Greater numbers in the column of notes end one."""


@dataclass(frozen=True)
class Row:
    """When a row begins, in seconds to 5 ms, and its place in the module."""

    seconds: float
    order: int
    number: int


@dataclass(frozen=True)
class Note:
    """What a channel holds from `start` to `end` (seconds); the pitch class is the nominal one, 0 for C."""

    start: float
    end: float
    channel: int
    instrument: int
    pitch_class: int


class Module:
    """A module in memory."""

    def __init__(self, data: bytes, library: str) -> None:
        self._data = data
        self._library = ctypes.CDLL(library)
        for name in ("module_ext_create_from_memory", "module_ext_get_module"):
            getattr(self._library, f"openmpt_{name}").restype = ctypes.c_void_p
        self._library.openmpt_module_read_interleaved_float_stereo.restype = ctypes.c_size_t

    def played(
        self, frames: int, *, instrument: int | None = None, channel: int | None = None
    ) -> tuple[Audio, list[Row]]:
        """The first frames, shape (frames, 2), of all, one instrument or one channel; and their rows."""
        handle, module = self._opened()
        if instrument is not None:
            count = self._library.openmpt_module_get_num_instruments(module)
            self._mute_all_but(handle, _MUTE_INSTRUMENT, count, instrument)
        if channel is not None:
            count = self._library.openmpt_module_get_num_channels(module)
            self._mute_all_but(handle, _MUTE_CHANNEL, count, channel)
        out = np.zeros((frames, 2), np.float32)
        rows: list[Row] = []
        place = 0
        while place < frames:
            order = self._library.openmpt_module_get_current_order(module)
            number = self._library.openmpt_module_get_current_row(module)
            if not rows or (order, number) != (rows[-1].order, rows[-1].number):
                rows.append(Row(place / RATE, order, number))
            size = ctypes.c_size_t(min(RATE // 200, frames - place))
            into = ctypes.c_void_p(out[place:].ctypes.data)
            got = self._library.openmpt_module_read_interleaved_float_stereo(module, RATE, size, into)
            if not got:
                break
            place += got
        self._library.openmpt_module_ext_destroy(handle)
        return out[:place], rows

    def notes(self, rows: list[Row], end: float) -> list[Note]:
        """The notes that the rows strike; each lasts until its channel strikes or ends one, or to the end."""
        handle, module = self._opened()
        found: list[Note] = []
        for channel in range(self._library.openmpt_module_get_num_channels(module)):
            strikes = list(self._strikes(module, channel, rows))
            for (start, instrument, note), (stop, _, _) in pairwise([*strikes, (end, 0, 0)]):
                if note:
                    found.append(Note(start, stop, channel, instrument - 1, (note - 1) % 12))
        self._library.openmpt_module_ext_destroy(handle)
        return found

    def _strikes(
        self, module: ctypes.c_void_p, channel: int, rows: list[Row]
    ) -> Iterator[tuple[float, int, int]]:
        """Time, instrument (from 1) and note (from 1) of what a channel strikes; note 0 where it ends one."""
        instrument = note = 0
        for row in rows:
            pattern = self._library.openmpt_module_get_order_pattern(module, row.order)
            said, used = (
                self._library.openmpt_module_get_pattern_row_channel_command(
                    module, pattern, row.number, channel, column
                )
                for column in (_NOTE, _INSTRUMENT)
            )
            instrument = used or instrument
            if said or used:
                # An instrument without a note strikes the last note again.
                note = 0 if said > _LAST_NOTE else said or note
                yield row.seconds, instrument, note

    def _opened(self) -> tuple[ctypes.c_void_p, ctypes.c_void_p]:
        nothing = [ctypes.c_void_p(None) for _ in range(7)]
        size = ctypes.c_size_t(len(self._data))
        create = self._library.openmpt_module_ext_create_from_memory
        handle = ctypes.c_void_p(create(self._data, size, *nothing))
        return handle, ctypes.c_void_p(self._library.openmpt_module_ext_get_module(handle))

    def _mute_all_but(self, handle: ctypes.c_void_p, place: int, count: int, kept: int) -> None:
        table = (ctypes.c_void_p * 16)()
        size = ctypes.c_size_t(ctypes.sizeof(table))
        if not self._library.openmpt_module_ext_get_interface(handle, b"interactive", table, size):
            raise OSError("this libopenmpt cannot mute a part of a module")
        kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int32, ctypes.c_int)
        mute = kind(table[place] or 0)
        for number in range(count):
            mute(handle, number, int(number != kept))
