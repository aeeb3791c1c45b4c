"""From measures to notes in frames: what each part plays, in time, inside the range."""

from __future__ import annotations

import dataclasses
import heapq
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from bandmate_plugins._engines.sketch.players.band import Band, BandPart
from bandmate_plugins._engines.sketch.players.chart import NoteEvent
from bandmate_plugins._engines.sketch.players.looseness import offset_ms
from bandmate_plugins._engines.sketch.players.musician import Musician
from bandmate_plugins._engines.sketch.sound.forecast import SectionSample
from bandmate_plugins._engines.sketch.theory.measures import Measure, iter_measures
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_protocol.messages import Note
from bandmate_protocol.tempo import nearest_frame

_AHEAD_SECONDS = 0.1
"""Notes may be played this much ahead of the measure they belong to."""
_SAMPLE_MEASURES = 8
"""So many measures of each kind of section tell how loud it is."""
_LIMITED_MEASURES = 4
"""So many measures tell how loud a part is that plays in few of them."""


class NoteWriter:
    """Writes every part's notes, a measure at a time and only as far as needed."""

    def __init__(self, band: Band, music: MusicalRange) -> None:
        self._band, self._music = band, music
        self._measures = iter_measures(music, band.level)
        self._next = next(self._measures, None)
        self._waiting: list[list[tuple[int, int, Note]]] = [[] for _ in band.parts]
        self._count = 0
        self._start = music.tempo.quarters_at(music.start_frame)
        self._players = [part.hire() for part in band.parts]
        for part, waiting in zip(band.parts, self._waiting, strict=True):
            for note in part.written or ():
                self._count += 1
                heapq.heappush(waiting, (note.start, self._count, note))

    def write_until(self, frame: int) -> list[list[Note]]:
        """For each part, its next notes, those that start before a frame of the range, in order."""
        reach = frame + _AHEAD_SECONDS * self._music.sample_rate
        while self._next is not None and self._frame_at(self._next.start) < reach:
            self._write_measure(self._next)
            self._next = next(self._measures, None)
        return [list(_pop_before(waiting, frame)) for waiting in self._waiting]

    def sample_sections(self) -> Iterator[SectionSample]:
        """Some measures of each kind of section, played by a band of their own; all where notes are written."""
        form, rate = self._band.chart.form, self._music.sample_rate
        weights: Counter[str] = Counter()
        for section in form.sections:
            weights[section.kind] += section.measures
        kinds = {section.kind: section for section in reversed(form.sections)}
        wanted = {
            section.first + place: kind
            for kind, section in kinds.items()
            for place in range(min(_SAMPLE_MEASURES // min(len(kinds), 2), section.measures))
        }
        if any(part.written is not None for part in self._band.parts):
            # Nobody knows in which measures written notes sound, so that each stands for itself.
            weights = Counter(dict.fromkeys(kinds, 1))
            wanted = {
                section.first + place: section.kind
                for section in form.sections
                for place in range(section.measures)
            }
        self._add_limited(wanted)
        players, last = [part.hire() for part in self._band.parts], max(wanted)
        for measure in iter_measures(self._music, self._band.level):
            if measure.index > last:
                break
            if measure.index not in wanted:
                continue
            begin = self._frame_at(measure.start)
            notes = [
                [
                    replace(note, start=max(note.start - begin, 0))
                    for note in self._measure_notes(part, player, measure, clipped=False)
                ]
                for part, player in zip(self._band.parts, players, strict=True)
            ]
            end = min(self._frame_at(measure.end), max(self._music.frames, begin + rate))
            seconds = (end - begin) / rate
            yield SectionSample(seconds, weights[wanted[measure.index]] * seconds, notes)

    def _add_limited(self, wanted: dict[int, str]) -> None:
        """Adds some measures for each part that only plays where nothing was sampled."""
        placed = [one.places for one in self._band.chart.placed if one.places.is_limited]
        limits = [part.bars for part in self._band.parts if part.bars] + [(one,) for one in placed]
        for places in limits:
            allowed = [
                measure.index
                for measure in iter_measures(self._music, self._band.level)
                if all(one.allows(max(measure.start, self._start)) for one in places)
            ]
            if not wanted.keys() & set(allowed):
                for index in allowed[:_LIMITED_MEASURES]:
                    wanted[index] = self._band.chart.form.section_at(index).kind

    def _write_measure(self, measure: Measure) -> None:
        for part, player, waiting in zip(self._band.parts, self._players, self._waiting, strict=True):
            for note in self._measure_notes(part, player, measure, clipped=True):
                self._count += 1
                heapq.heappush(waiting, (note.start, self._count, note))

    def _measure_notes(
        self, part: BandPart, player: Musician, measure: Measure, *, clipped: bool
    ) -> Iterator[Note]:
        if part.written is not None:
            if not clipped:
                yield from _notes_between(
                    part.written, self._frame_at(measure.start), self._frame_at(measure.end)
                )
            if not part.plays_beneath:
                return
        rests = self._band.chart.section_at(measure).rests
        if part.kind in rests:
            return
        dynamic = self._band.chart.velocity_scale(measure)
        for event in player.play(measure):
            if not all(places.allows(event.start) for places in part.bars):
                continue
            end = min((places.end_from(event.start) for places in part.bars), default=event.end)
            if end < event.end:
                event = dataclasses.replace(event, end=max(end, event.start))
            note = self._make_note(part, event, dynamic, clipped)
            if note is not None:
                yield note

    def _make_note(self, part: BandPart, event: NoteEvent, dynamic: float, clipped: bool) -> Note | None:
        late_ms = event.lag_ms + offset_ms(event, part.loose_ms, self._band.chart.seed, part.name)
        late = round(late_ms * self._music.sample_rate / 1000)
        exact, end = self._frame_at(event.start), self._frame_at(event.end) + late
        # What is ahead of the beat does not begin before the range, or its first stroke would be lost.
        start = max(exact + late, 0) if exact >= 0 else exact + late
        length = self._music.frames
        if clipped:
            if start < 0:
                # What was struck before the range sounds on in it, unless it is a drum or nearly over.
                if part.kind == "drums" or end < (end - start) / 3:
                    return None
                start = 0
            if start >= length:
                return None
            end = min(end, length)
        return Note(
            start=start,
            frames=max(end - start, 1),
            pitch=min(max(event.pitch, 0), 127),
            velocity=min(max(round(event.velocity * dynamic), 1), 127),
            channel=part.channel,
        )

    def _frame_at(self, quarters: float) -> int:
        return nearest_frame(self._music.tempo.position_at(quarters)) - self._music.start_frame


def _notes_between(notes: Sequence[Note], start: int, end: int) -> Sequence[Note]:
    """Those of some notes in order of time that begin between two frames."""
    first, last = (bisect_left(notes, frame, key=lambda note: note.start) for frame in (start, end))
    return notes[first:last]


def _pop_before(waiting: list[tuple[int, int, Note]], frame: int) -> Iterator[Note]:
    while waiting and waiting[0][0] < frame:
        yield heapq.heappop(waiting)[2]
