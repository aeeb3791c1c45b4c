"""Standard MIDI files from notes, in a project's own tempo and metre (RP-001, "Standard MIDI Files 1.0").

Notes lie on the ticks of the music, so that a beat is a multiple of the file's resolution; the tempo events
are chosen so that every tick then sounds within a millisecond of its frame, through gradual changes too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Note, TempoPoint, Timeline
from bandmate_protocol.tempo import TempoMap
from bandmate_protocol.texts import say

if TYPE_CHECKING:
    import mido

TICKS_PER_QUARTER = 960
"""Unless the music is so slow that half a tick could be heard; then a multiple of it."""

_MAX_QUARTER_MICROS = 2**24 - 1
"""A tempo event has 24 bits of microseconds a quarter note."""
_MAX_DELTA_TICKS = 2**15 - 1
_TICK_SECONDS = 0.0008
"""What a tick may last at most. Notes and changes of tempo each lie up to half of one off."""
_RAMP_SECONDS = 0.0002
"""How far a stretch of steady tempo may stray from the gradual change that it stands for."""
_STEADY_QUARTERS = 512
"""Tempo events are whole microseconds; saying the tempo anew now and then keeps roundings from adding up."""


@dataclass(frozen=True, slots=True)
class MidiPart:
    """One track of the file."""

    name: str
    start_frame: int
    """Where in the project its frame 0 lies."""
    notes: Sequence[Note]


def midi_bytes(parts: Iterable[MidiPart], timeline: Timeline) -> bytes:
    """The file's bytes: a track of tempo and metre, and one for each part. Tick 0 is the timeline's start.

    Raises RequestError (`bad_timeline`) for a tempo too slow for the format: under 3.58 quarters a minute.
    """
    import mido

    clock = _TickClock(timeline)
    file = mido.MidiFile(type=1, ticks_per_beat=clock.resolution)
    file.tracks.append(_conductor_track(clock, timeline))
    for part in parts:
        file.tracks.append(_note_track(clock, part))
    out = BytesIO()
    file.save(file=out)
    return out.getvalue()


class _TickClock:
    """Frames to ticks."""

    def __init__(self, timeline: Timeline) -> None:
        self.start, self.end = timeline.start_frame, timeline.end_frame
        self.rate = timeline.sample_rate
        self.map = TempoMap.from_timeline(timeline)
        self._origin = self.map.quarters_at(self.start)
        slowest = min(self.map.bpm_at(self.start), *(point.bpm for point in timeline.tempo))
        if 60e6 / slowest > _MAX_QUARTER_MICROS:
            raise RequestError(
                ErrorCode.BAD_TIMELINE,
                say(
                    "A MIDI file cannot hold a tempo of {slowest:g} quarter notes per minute.",
                    slowest=slowest,
                ),
                "Use a tempo of at least 3.58, or omit the MIDI.",
            )
        wanted = math.ceil(60 / slowest / _TICK_SECONDS / TICKS_PER_QUARTER)
        self.resolution = TICKS_PER_QUARTER * max(1, min(wanted, _MAX_DELTA_TICKS // TICKS_PER_QUARTER))

    def tick_at(self, position: float) -> int:
        return max(0, round((self.map.quarters_at(position) - self._origin) * self.resolution))

    def seconds_at(self, tick: int) -> float:
        """When a tick of the music should sound, after the start."""
        return (self.map.position_at(self._origin + tick / self.resolution) - self.start) / self.rate

    def tempo_events(self, points: Sequence[TempoPoint]) -> Iterator[tuple[int, int]]:
        """(tick, microseconds a quarter note), each correcting what the ones before it rounded."""
        ticks = sorted({self.tick_at(position) for position in self._tempo_positions(points)})
        played = 0.0
        last = max(self.tick_at(self.end), ticks[-1] + self.resolution)
        for tick, following in zip(ticks, [*ticks[1:], last], strict=True):
            quarters = (following - tick) / self.resolution
            micros = round((self.seconds_at(following) - played) / quarters * 1e6)
            micros = max(1, min(micros, _MAX_QUARTER_MICROS))
            yield tick, micros
            played += micros * quarters / 1e6

    def _tempo_positions(self, points: Sequence[TempoPoint]) -> Iterator[float]:
        """Where the tempo must be said: at changes, along gradual ones, now and then on steady stretches."""
        for index, point in enumerate(points):
            until = points[index + 1].position if index + 1 < len(points) else math.inf
            begin, end = max(point.position, self.start), min(until, self.end)
            if begin >= end:
                continue
            rate = 0.0
            if point.shape == "linear" and until != math.inf:
                rate = (points[index + 1].bpm - point.bpm) / (until - point.position) * self.rate
            position = float(begin)
            while position < end:
                yield position
                position += self._event_spacing(position, rate)

    def _event_spacing(self, position: float, bpm_per_second: float) -> float:
        """Frames over which one tempo event will do.

        A gradual change is a parabola of quarters over time; a chord strays from it by slope / 8 times the
        square of its length.
        """
        bpm = self.map.bpm_at(position)
        steady = _STEADY_QUARTERS * 60 / bpm
        if bpm_per_second:
            steady = min(steady, math.sqrt(8 * _RAMP_SECONDS * bpm / abs(bpm_per_second)))
        return steady * self.rate

    def metre_events(self) -> Iterator[tuple[int, int, int]]:
        """(tick, numerator, denominator) where a metre begins; again at the first barline after a cut bar."""
        said: tuple[int, int] | None = None
        cut = self.map.bar_beat_at(self.start)[1] > 1e-6
        for bar in self.map.bars(self.start, self.end):
            metre = (bar.numerator, bar.denominator)
            again = cut and bar.start > self.start
            if metre != said or again:
                yield self.tick_at(max(bar.start, self.start)), *metre
                cut = cut and not again
            said = metre


def _conductor_track(clock: _TickClock, timeline: Timeline) -> mido.MidiTrack:
    from mido import MetaMessage

    events: list[tuple[int, MetaMessage]] = []
    for tick, numerator, denominator in clock.metre_events():
        # The format knows only powers of two; other metres are heard right, just not named.
        if denominator & (denominator - 1) == 0:
            events.append((tick, MetaMessage("time_signature", numerator=numerator, denominator=denominator)))
    for tick, micros in clock.tempo_events(timeline.tempo):
        events.append((tick, MetaMessage("set_tempo", tempo=micros)))
    key = _key_name(timeline.key)
    if key:
        events.insert(0, (0, MetaMessage("key_signature", key=key)))
    return _assemble_track(events, clock.tick_at(clock.end))


def _note_track(clock: _TickClock, part: MidiPart) -> mido.MidiTrack:
    from mido import Message, MetaMessage

    events: list[tuple[int, int, object]] = []
    for note, begin, end in _placed_notes(clock, part):
        # At one tick, notes end before others begin.
        events.append(
            (begin, 1, Message("note_on", channel=note.channel, note=note.pitch, velocity=note.velocity))
        )
        events.append((end, 0, Message("note_off", channel=note.channel, note=note.pitch, velocity=0)))
    events.sort(key=lambda event: event[:2])
    track = _assemble_track([(tick, message) for tick, _, message in events], clock.tick_at(clock.end))
    track.insert(0, MetaMessage("track_name", name=part.name.encode("latin-1", "replace").decode("latin-1")))
    return track


def _placed_notes(clock: _TickClock, part: MidiPart) -> Iterator[tuple[Note, int, int]]:
    """Each note with its ticks; one that another of its pitch cuts off ends there, as on a keyboard."""
    upcoming: dict[tuple[int, int], int] = {}
    for note in sorted(part.notes, key=lambda note: note.start, reverse=True):
        begin = clock.tick_at(part.start_frame + note.start)
        end = max(begin + 1, clock.tick_at(part.start_frame + note.start + note.frames))
        voice = (note.channel, note.pitch)
        following = upcoming.get(voice)
        upcoming[voice] = begin
        if following is not None and following <= begin:
            continue  # two notes of one pitch at one tick are one
        yield note, begin, end if following is None else min(end, following)


def _assemble_track(events: Sequence[tuple[int, object]], last: int) -> mido.MidiTrack:
    """A track from events at absolute ticks, in order."""
    from mido import MetaMessage, MidiTrack

    track = MidiTrack()
    now = 0
    for tick, message in sorted(events, key=lambda event: event[0]):
        track.append(message.copy(time=tick - now))  # type: ignore[attr-defined]
        now = tick
    track.append(MetaMessage("end_of_track", time=max(0, last - now)))
    return track


def _key_name(key: str | None) -> str | None:
    """The name that MIDI has for a key such as `A minor`, or None: the format knows major and minor only."""
    words = (key or "").split()
    if len(words) != 2 or words[1].lower() not in ("major", "minor"):
        return None
    from mido.midifiles.meta import KeySignatureError, MetaMessage

    name = words[0][:1].upper() + words[0][1:] + ("m" if words[1].lower() == "minor" else "")
    try:
        MetaMessage("key_signature", key=name)
    except (KeySignatureError, ValueError):
        return None
    return name
