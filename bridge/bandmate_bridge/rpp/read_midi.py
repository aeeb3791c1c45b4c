"""The notes of MIDI takes, as they sound in the project.

Events of a take stand in its source (`E ticks status data data`, ticks since the event before; `m` in the
first word says muted), in another source of the same pool, or in a file. Ticks run through the project's
tempo map, or, with `IGNTEMPO 1`, at the source's own tempo. The second number of `SOFFS` is where in the
source a take begins, in quarter notes; the source ends with its last event, and an item may loop it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from bandmate_bridge.midi.note_pairs import BendPoints, SourceEvent, SourceNotes, pair_notes
from bandmate_bridge.rpp.chunks import RppChunk
from bandmate_bridge.rpp.items import Item, Take, chosen_part
from bandmate_bridge.rpp.lines import as_float, as_int, split_words
from bandmate_bridge.rpp.unplayable_items import UnplayableItemError, UnplayableReason
from bandmate_protocol.tempo import TempoMap
from bandmate_protocol.texts import say

_POOL, _POOL_LINE = "MIDIPOOL", "POOLEDEVTS"
_DEFAULT_TICKS = 960
_MAX_FILE_BYTES = 1 << 22
_MAX_NOTES = 200_000

MidiPools = Mapping[str, RppChunk]
"""Sources that have the events of a pool, by its id."""


@dataclass(frozen=True, slots=True)
class PlayedNote:
    """A note as it sounds in the project, in quarter notes from the project's start."""

    start: float
    end: float
    pitch: int
    velocity: int
    channel: int
    """From 0; General MIDI has its drums on 9."""
    bend: BendPoints = ()
    """In quarter notes of the project."""


def read_pools(tracks: Iterable[RppChunk]) -> dict[str, RppChunk]:
    """The sources of a project's tracks whose events other takes play too."""
    found: dict[str, RppChunk] = {}
    for track in tracks:
        for item in track.chunks("ITEM"):
            for source in item.chunks("SOURCE"):
                pool = source.word(_POOL_LINE)
                if pool and source.head[:1] != [_POOL] and source.index("HASDATA") is not None:
                    found.setdefault(pool, source)
    return found


def played_notes(
    item: Item, take: Take, tempo: TempoMap, pools: MidiPools, where: str, *, as_played: bool = False
) -> list[PlayedNote]:
    """The notes of the take of an item that sounds, in order; muted ones are left out.

    `as_played`: with the sustain pedal, as `pair_notes` has it.

    `tempo` is the project's. Raises UnheardError, whose sentence begins with `where`, for events that are not
    in the project or cannot be read.
    """
    part = chosen_part(item.chunk)
    source = part.chunk("SOURCE")
    assert source is not None, "a MIDI take has a source"
    read = _read_notes(source, take, pools, where, as_played=as_played)
    notes, length = read.notes, read.length
    clock = _QuarterClock(item, part, source, take, tempo)
    shift = round(take.pitch_semitones)
    found: list[PlayedNote] = []
    for lap in _pass_offsets(clock, length, loops=item.loops) if notes else ():
        for note in notes:
            start, end = clock.project_quarters(note.start + lap), clock.project_quarters(note.end + lap)
            start, end = max(start, clock.begin), min(end, clock.stop)
            if end > start and 0 <= note.pitch + shift < 128:
                bend = tuple((clock.project_quarters(place + lap), cents) for place, cents in note.bend)
                found.append(PlayedNote(start, end, note.pitch + shift, note.velocity, note.channel, bend))
        if len(found) > _MAX_NOTES:
            break
    return sorted(found, key=lambda note: (note.start, note.pitch))


class _QuarterClock:
    """From quarter notes of a source to those of the project."""

    def __init__(self, item: Item, part: RppChunk, source: RppChunk, take: Take, tempo: TempoMap) -> None:
        rate = tempo.sample_rate
        position, length = item.chunk.number("POSITION"), item.chunk.number("LENGTH")
        self.begin = tempo.quarters_at(position * rate)
        self.stop = tempo.quarters_at((position + length) * rate)
        self._tempo, self._position, self._speed = tempo, position, take.play_rate
        ignores = source.line("IGNTEMPO")
        own = as_float(ignores[1], 0.0) if len(ignores) > 1 and as_int(ignores[0], 0) else 0.0
        self._own_bpm = own if own > 0 else None
        offset = part.line("SOFFS")
        if len(offset) > 1:
            self.offset = as_float(offset[1], 0.0)
        else:
            self.offset = take.offset_seconds * (self._own_bpm or tempo.bpm_at(position * rate)) / 60

    def project_quarters(self, quarters: float) -> float:
        """Where in the project a place in the source sounds."""
        past = (quarters - self.offset) / self._speed
        if self._own_bpm is None:
            return self.begin + past
        seconds = self._position + past * 60 / self._own_bpm
        return self._tempo.quarters_at(seconds * self._tempo.sample_rate)


def _pass_offsets(clock: _QuarterClock, length: float, *, loops: bool) -> Iterator[float]:
    """By how many quarter notes the source is later each time that it is played."""
    yield 0.0
    if not loops or length <= 0:
        return
    for lap in count(1):
        if clock.project_quarters(lap * length) >= clock.stop:
            return
        yield lap * length


def _read_notes(
    source: RppChunk, take: Take, pools: MidiPools, where: str, *, as_played: bool
) -> SourceNotes:
    """The notes of a source and its length."""
    file = take.source.file if take.source else None
    if file is not None:
        return _read_file(file, where, as_played=as_played)
    if source.index("HASDATA") is None:
        pooled = pools.get(source.word(_POOL_LINE))
        if pooled is None:
            raise UnplayableItemError(
                UnplayableReason.MIDI,
                say("{where} is MIDI, but its notes are not in the project.", where=where),
                "Save the project again.",
            )
        source = pooled
    resolution = as_float(source.word("HASDATA", 1), 0.0)
    events = list(_source_events(source))
    return pair_notes(events, resolution if resolution > 0 else _DEFAULT_TICKS, as_played=as_played)


def _source_events(source: RppChunk) -> Iterator[SourceEvent]:
    """Ticks from the source's start, the bytes of the message, and whether it is muted."""
    now = 0
    for child in source.children:
        line = split_words(child.opening.strip()[1:]) if isinstance(child, RppChunk) else split_words(child)
        kind = line[0] if line else ""
        if kind.lower() not in ("e", "em", "x", "xm") or len(line) < 2:
            continue
        now += max(as_int(line[1], 0), 0)
        if kind.lower() in ("e", "em"):
            yield now, [_parse_byte(word) for word in line[2:5]], kind.lower().endswith("m")


def _parse_byte(word: str) -> int:
    try:
        return int(word, 16) & 0xFF
    except ValueError:
        return 0


def _read_file(file: Path, where: str, *, as_played: bool) -> SourceNotes:
    """The notes of a standard MIDI file, all of its tracks together."""
    if not file.is_file():
        raise UnplayableItemError(
            UnplayableReason.MISSING,
            say("{where} plays {file}, which is missing.", where=where, file=file),
            "Find the file, or let the DAW find it, save, and try again.",
            file.name,
        )
    import mido

    try:
        if file.stat().st_size > _MAX_FILE_BYTES:
            raise ValueError("it is too large")
        midi = mido.MidiFile(file, clip=True)
        events: list[SourceEvent] = []
        now = 0
        for message in mido.merge_tracks(midi.tracks):
            now += message.time
            if message.type in ("note_on", "note_off", "control_change"):
                events.append((now, message.bytes(), False))
    except Exception as error:
        raise UnplayableItemError(
            UnplayableReason.KIND,
            say(
                "{where} plays {file}, which Bandmate cannot read as MIDI: {error}.",
                where=where,
                file=file.name,
                error=error,
            ),
            "Save it again.",
        ) from error
    resolution = midi.ticks_per_beat if midi.ticks_per_beat > 0 else _DEFAULT_TICKS
    return pair_notes([*events, (now, (), False)], resolution, as_played=as_played)
