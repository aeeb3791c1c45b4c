"""From measures to notes in frames: what each part plays, in time, inside the range."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Sequence

from bandmate_plugins.sketch import levels
from bandmate_plugins.sketch.band import Band, Musician, Part
from bandmate_plugins.sketch.chart import Event
from bandmate_plugins.sketch.drummer import DRUMS
from bandmate_plugins.sketch.form import Section
from bandmate_plugins.sketch.grid import Measure, measures
from bandmate_protocol.messages import Note, Timeline
from bandmate_protocol.tempo import TempoMap, whole

_AHEAD_SECONDS = 0.1
"""Notes may be played this much ahead of the measure they belong to."""
_SAMPLE_MEASURES = 4
"""So many measures of each kind of section tell how loud it is."""


class Writer:
    """Writes every part's notes, a measure at a time and only as far as needed."""

    def __init__(self, band: Band, timeline: Timeline, tempo: TempoMap) -> None:
        self._band, self._timeline, self._tempo = band, timeline, tempo
        self._measures = measures(timeline, tempo, band.level)
        self._next = next(self._measures, None)
        self._waiting: list[list[tuple[int, int, Note]]] = [[] for _ in band.parts]
        self._count = 0
        self._players = [part.hire() for part in band.parts]

    def until(self, frame: int) -> list[list[Note]]:
        """For each part, its next notes, those that start before a frame of the range, in order."""
        reach = frame + _AHEAD_SECONDS * self._timeline.sample_rate
        while self._next is not None and self._frame(self._next.start) < reach:
            self._write(self._next)
            self._next = next(self._measures, None)
        return [list(_before(waiting, frame)) for waiting in self._waiting]

    def powers(self, tempo: TempoMap) -> list[float]:
        """The mean K-weighted power of each part over the piece, from a sample of each kind of section."""
        totals, seconds = [0.0] * len(self._band.parts), 0.0
        rate = self._timeline.sample_rate
        form = self._band.chart.form
        wanted = _sample(form.sections)
        weights: Counter[str] = Counter()
        for section in form.sections:
            weights[section.kind] += section.measures
        players, last = [part.hire() for part in self._band.parts], max(wanted)
        for measure in measures(self._timeline, tempo, self._band.level):
            if measure.index > last:
                break
            if measure.index not in wanted:
                continue
            weight = weights[form.section(measure.index).kind]
            seconds += weight * (tempo.position_at(measure.end) - tempo.position_at(measure.start)) / rate
            for number, (part, player) in enumerate(zip(self._band.parts, players, strict=True)):
                notes = self._notes(part, player, measure, clipped=False)
                totals[number] += weight * sum(energy_of(part, note, rate) for note in notes)
        return [total / max(seconds, 1e-9) for total in totals]

    def _write(self, measure: Measure) -> None:
        for part, player, waiting in zip(self._band.parts, self._players, self._waiting, strict=True):
            for note in self._notes(part, player, measure, clipped=True):
                self._count += 1
                heapq.heappush(waiting, (note.start, self._count, note))

    def _notes(self, part: Part, player: Musician, measure: Measure, *, clipped: bool) -> Iterator[Note]:
        rests = self._band.chart.section(measure).rests
        if part.kind in rests:
            return
        for event in player.play(measure):
            note = self._note(part, event, clipped)
            if note is not None:
                yield note

    def _note(self, part: Part, event: Event, clipped: bool) -> Note | None:
        lag = round(event.lag_ms * self._timeline.sample_rate / 1000)
        start, end = self._frame(event.start) + lag, self._frame(event.end) + lag
        length = self._timeline.frames
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
            start=max(start, 0),
            frames=max(end - start, 1),
            pitch=min(max(event.pitch, 0), 127),
            velocity=event.velocity,
            channel=part.channel,
        )

    def _frame(self, quarters: float) -> int:
        return whole(self._tempo.position_at(quarters)) - self._timeline.start_frame


def energy_of(part: Part, note: Note, rate: int) -> float:
    """The K-weighted energy that a note will have before the part's gain."""
    if part.instrument is None:
        return levels.hit_energy(part.sound_name, DRUMS[note.pitch], note.velocity)
    return levels.note_energy(part.sound_name, note.pitch, note.frames / rate, note.velocity)


def _before(waiting: list[tuple[int, int, Note]], frame: int) -> Iterator[Note]:
    while waiting and waiting[0][0] < frame:
        yield heapq.heappop(waiting)[2]


def _sample(sections: Sequence[Section]) -> set[int]:
    """The first measures of the first section of each kind."""
    first: dict[str, Section] = {}
    for section in sections:
        first.setdefault(section.kind, section)
    return {
        section.first + place
        for section in first.values()
        for place in range(min(_SAMPLE_MEASURES, section.measures))
    }
