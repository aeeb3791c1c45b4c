"""Notes from the events of a MIDI source: beginnings and ends that belong together, and the sustain pedal."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

_OFF, _ON, _CONTROL = 0x80, 0x90, 0xB0
_SUSTAIN, _ALL_SOUND_OFF, _ALL_NOTES_OFF = 64, 120, 123
_PEDAL_DOWN = 64
MAX_EVENTS = 200_000

SourceEvent = tuple[int, Sequence[int], bool]
"""Ticks from the start of the source, the bytes of the message, and whether it is muted."""


@dataclass(frozen=True, slots=True)
class SourceNote:
    """A note in quarter notes of its source."""

    start: float
    end: float
    pitch: int
    velocity: int
    channel: int
    """From 0; General MIDI has its drums on 9."""


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
                SourceNote(start / self._resolution, tick / self._resolution, pitch, velocity, channel)
            )
