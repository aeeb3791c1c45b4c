"""Notes from the events of a MIDI source: beginnings and ends that belong together, and the sustain pedal."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

_OFF, _ON, _CONTROL, _BEND = 0x80, 0x90, 0xB0, 0xE0
_DATA_ENTRY, _DATA_ENTRY_FINE, _RPN_FINE, _RPN_COARSE = 6, 38, 100, 101
_BEND_MIDDLE = 8_192
_BEND_RANGE_CENTS = 200.0
"""Until the registered parameter 0, the range of bends, says another."""
_SUSTAIN, _ALL_SOUND_OFF, _ALL_NOTES_OFF = 64, 120, 123
_PEDAL_DOWN = 64
MAX_EVENTS = 200_000

SourceEvent = tuple[int, Sequence[int], bool]
"""Ticks from the start of the source, the bytes of the message, and whether it is muted."""


BendPoints = tuple[tuple[float, float], ...]
"""Places in quarter notes, and how many cents above its pitch a note is from there on."""


@dataclass(frozen=True, slots=True)
class SourceNote:
    """A note in quarter notes of its source."""

    start: float
    end: float
    pitch: int
    velocity: int
    channel: int
    """From 0; General MIDI has its drums on 9."""
    bend: BendPoints = ()


@dataclass(frozen=True, slots=True)
class SourceNotes:
    """The notes of a source."""

    notes: tuple[SourceNote, ...]
    length: float
    """Where the last event lies, in quarter notes."""
    stuck: int = 0
    """Notes that nothing ends; they sound to the last event."""


def pair_notes(events: Sequence[SourceEvent], resolution: float, *, as_played: bool = False) -> SourceNotes:
    """Notes from events in order of time; one that never ends sounds to the last event.

    `as_played`: notes that the sustain pedal holds sound until it is released or their key is struck again,
    messages that silence a channel end its notes, and notes without a length are kept. Otherwise notes are as
    long as their keys are held.
    """
    pairs = _NotePairs(resolution, as_played=as_played)
    for tick, message, muted in events[:MAX_EVENTS]:
        if len(message) >= 3:
            pairs.take(tick, message, muted=muted)
    last = events[-1][0] if events else 0
    stuck = pairs.end(last)
    return SourceNotes(tuple(pairs.found), last / resolution, stuck)


_OpenNote = tuple[int, int, bool]
"""Where a note began, its velocity, and whether it is muted."""
_Voice = tuple[int, int]
"""Channel and pitch."""


class _NotePairs:
    def __init__(self, resolution: float, *, as_played: bool) -> None:
        self._resolution, self._as_played = resolution, as_played
        self._begun: dict[_Voice, deque[_OpenNote]] = {}
        self._held: dict[_Voice, list[_OpenNote]] = {}
        self._down: set[int] = set()
        self._bends: dict[int, list[tuple[int, float]]] = {}
        """The ticks and cents of the bends of a channel."""
        self._ranges: dict[int, float] = {}
        self._parameters: dict[int, list[int]] = {}
        """The registered parameter that a channel sets, coarse and fine."""
        self.found: list[SourceNote] = []

    def take(self, tick: int, message: Sequence[int], *, muted: bool) -> None:
        kind, channel = message[0] & 0xF0, message[0] & 0x0F
        voice, value = (channel, message[1] & 0x7F), message[2] & 0x7F
        if kind == _ON and value:
            self._release(voice, tick)
            self._begun.setdefault(voice, deque()).append((tick, value, muted))
        elif kind in (_ON, _OFF):
            self._let_go(voice, tick)
        elif kind == _CONTROL and self._as_played:
            self._control(channel, message[1] & 0x7F, value, tick)
            self._set_bend_range(channel, message[1] & 0x7F, value)
        elif kind == _BEND and self._as_played:
            wheel = ((message[1] & 0x7F) | value << 7) - _BEND_MIDDLE
            cents = wheel / _BEND_MIDDLE * self._ranges.get(channel, _BEND_RANGE_CENTS)
            self._bends.setdefault(channel, []).append((tick, cents))

    def end(self, last: int) -> int:
        """Closes what still sounds; how many notes nothing had ended."""
        for voice in list(self._held):
            self._release(voice, last)
        stuck = 0
        for voice, waiting in self._begun.items():
            stuck += len(waiting)
            for note in waiting:
                self._close(voice, note, last)
        return stuck

    def _let_go(self, voice: _Voice, tick: int) -> None:
        waiting = self._begun.get(voice)
        if not waiting:
            return
        note = waiting.popleft()
        if voice[0] in self._down:
            self._held.setdefault(voice, []).append(note)
        else:
            self._close(voice, note, tick)

    def _control(self, channel: int, number: int, value: int, tick: int) -> None:
        if number == _SUSTAIN and value >= _PEDAL_DOWN:
            self._down.add(channel)
        elif number == _SUSTAIN:
            self._lift(channel, tick)
        elif number in (_ALL_SOUND_OFF, _ALL_NOTES_OFF):
            if number == _ALL_SOUND_OFF:
                self._lift(channel, tick)
            for voice in [one for one in self._begun if one[0] == channel]:
                while self._begun[voice]:
                    self._let_go(voice, tick)

    def _set_bend_range(self, channel: int, number: int, value: int) -> None:
        """Registered parameter 0 (MIDI 1.0): semitones in the coarse data entry, cents in the fine one."""
        chosen = self._parameters.setdefault(channel, [127, 127])
        if number in (_RPN_COARSE, _RPN_FINE):
            chosen[number == _RPN_FINE] = value
        elif chosen == [0, 0] and number == _DATA_ENTRY:
            self._ranges[channel] = 100.0 * value
        elif chosen == [0, 0] and number == _DATA_ENTRY_FINE:
            self._ranges[channel] = self._ranges.get(channel, _BEND_RANGE_CENTS) // 100 * 100 + value

    def _bend_between(self, channel: int, start: int, end: int) -> BendPoints:
        """The bend that a note begins with and those while it sounds; none where it is never bent."""
        bends = self._bends.get(channel, [])
        first = bisect_right(bends, (start, math.inf))
        last = bisect_left(bends, (end, -math.inf))
        held = [(start, bends[first - 1][1])] if first else []
        points = [*held, *bends[first:last]]
        if not any(cents for _, cents in points):
            return ()
        return tuple((tick / self._resolution, cents) for tick, cents in points)

    def _lift(self, channel: int, tick: int) -> None:
        self._down.discard(channel)
        for voice in [one for one in self._held if one[0] == channel]:
            self._release(voice, tick)

    def _release(self, voice: _Voice, tick: int) -> None:
        for note in self._held.pop(voice, ()):
            self._close(voice, note, tick)

    def _close(self, voice: _Voice, note: _OpenNote, tick: int) -> None:
        start, velocity, muted = note
        if self._as_played:
            tick = max(tick, start + 1)
        if not muted and tick > start:
            channel, pitch = voice
            self.found.append(
                SourceNote(
                    start / self._resolution,
                    tick / self._resolution,
                    pitch,
                    velocity,
                    channel,
                    self._bend_between(channel, start, tick),
                )
            )
