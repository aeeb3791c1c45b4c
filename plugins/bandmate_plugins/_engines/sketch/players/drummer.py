"""The drummer: the genre's pattern in the measure's metre, with ghost notes, accents, fills and crashes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from bandmate_plugins._engines.sketch.library import DrumPattern, strip_spacing
from bandmate_plugins._engines.sketch.library.drum_keys import DRUM_PITCHES
from bandmate_plugins._engines.sketch.players.chart import Chart, NoteEvent, PlacedDrum
from bandmate_plugins._engines.sketch.theory.measures import MIDDLE_STEP, NO_STEP, FeltBeat, Measure

_VELOCITY = {"X": 114, "x": 96, "o": 72, "g": 40, "?": 78}
_STEADY = frozenset({"hat", "ride", "shaker", "pedal", "tambourine", "cabasa", "guiro", "maracas"})
_HATS = frozenset({DRUM_PITCHES["hat"], DRUM_PITCHES["open"], DRUM_PITCHES["pedal"]})
_RING = 0.25
"""Quarters that a drum's note is long in the score."""


class Drummer:
    """Plays measure after measure; each is the same whatever was played before."""

    def __init__(self, chart: Chart) -> None:
        self._chart = chart

    def play(self, measure: Measure) -> list[NoteEvent]:
        """The hits of a measure, by time."""
        return leave_out_rests(self._all_hits(measure), self._chart)

    def _all_hits(self, measure: Measure) -> list[NoteEvent]:
        if self._chart.is_end(measure):
            return self._leave_out_placed(self._final_hits(measure))
        chart, section = self._chart, self._chart.section_at(measure)
        rng = chart.random_for("drums", measure.index)
        beats = self._choose_pattern(measure)
        fill = self._choose_fill(measure, rng)
        events: list[NoteEvent] = []
        for place, beat in enumerate(measure.beats):
            cells = self._beat_cells(beats, beat, measure)
            left = len(measure.beats) - place
            if fill and left <= _fill_beats(fill):
                cells = {name: cell for name, cell in cells.items() if name in ("kick", "pedal")}
                cells |= _fill_cells(fill, _fill_beats(fill) - left)
            for name in sorted(cells):
                events.extend(self._cell_hits(name, cells[name], beat, section.energy, rng))
        if self._has_crash(measure):
            events = [
                event for event in events if event.pitch != DRUM_PITCHES["hat"] or event.start > measure.start
            ]
            events.append(NoteEvent(measure.start, measure.start + _RING, DRUM_PITCHES["crash"], 100))
        for placed in chart.placed:
            events = place_drum(placed, events, measure, chart, section.energy, rng)
        events = [event for event in events if event.start < measure.end - 1e-6]
        return _choke_hats(sorted(events, key=lambda event: (event.start, event.pitch)), measure.end)

    def _final_hits(self, measure: Measure) -> list[NoteEvent]:
        names = {name for beats in self._chart.genre.drums.beats for name in beats.lines}
        low: list[str] = [name for name in ("kick", "surdo") if name in names]
        high: list[str] = [name for name in ("ride", "triangle") if name in names]
        last = low[:1] + (["crash"] if self._chart.genre.drums.crash else high[:1])
        # A drum that plays alone ends on a stroke of its own.
        last = last or list(self._chart.genre.drums.beats[0].lines)[:1]
        return [
            NoteEvent(measure.start, measure.start + _RING, DRUM_PITCHES[name], 100) for name in sorted(last)
        ]

    def _leave_out_placed(self, events: list[NoteEvent]) -> list[NoteEvent]:
        """The last hits without those of drums that are placed in other bars."""
        for placed in self._chart.placed:
            pitches = {DRUM_PITCHES[name] for name in placed.names}
            events = [one for one in events if one.pitch not in pitches or placed.places.allows(one.start)]
        return events

    def kick_times(self, measure: Measure) -> list[float]:
        """Where the kick falls, in quarters."""
        return [event.start for event in self.play(measure) if event.pitch == DRUM_PITCHES["kick"]]

    def _choose_pattern(self, measure: Measure) -> DrumPattern:
        section = self._chart.section_at(measure)
        fitting = [beats for beats in self._chart.genre.drums.beats if beats.energy <= section.energy + 1e-9]
        fitting = fitting or list(self._chart.genre.drums.beats[:1])
        best = max(beats.energy for beats in fitting)
        choices = [beats for beats in fitting if beats.energy == best]
        return choices[self._chart.pick_pattern("beats", measure, len(choices))]

    def _beat_cells(self, beats: DrumPattern, beat: FeltBeat, measure: Measure) -> dict[str, str]:
        place = beat.role
        if self._chart.half_time:
            # Half the pattern in each measure, at half the speed.
            half = measure.index % 2 * 2
            place = half + beat.role // 2
            return {
                name: _stretch_cell(_pattern_cell(line, place, 0), beat.role % 2)
                for name, line in beats.lines.items()
            }
        return {name: _pattern_cell(line, place, measure.index) for name, line in beats.lines.items()}

    def _cell_hits(
        self, name: str, cell: str, beat: FeltBeat, energy: float, rng: np.random.Generator
    ) -> Iterator[NoteEvent]:
        drums, chart = self._chart.genre.drums, self._chart
        for step, source in enumerate(beat.steps):
            letter = _step_letter(name, cell, source)
            if (
                letter == "-"
                or (letter == "g" and rng.random() > drums.ghosts)
                or (letter == "?" and rng.random() > 0.5)
            ):
                continue
            velocity = _hit_velocity(letter, energy, rng, name in _STEADY and source in (1, 3))
            start = beat.step_time(step, chart.swing, chart.genre.swing_unit)
            yield NoteEvent(start, start + _RING, DRUM_PITCHES[name], velocity, drums.lag_ms.get(name, 0.0))

    def _choose_fill(self, measure: Measure, rng: np.random.Generator) -> dict[str, str] | None:
        drums, section = self._chart.genre.drums, self._chart.section_at(measure)
        place = measure.index - section.first + 1
        ends = place % drums.fill_every == 0 or place == section.measures
        if not ends or not drums.fills or place < 2:
            return None
        fill = drums.fills[int(rng.integers(len(drums.fills)))]
        return fill if _fill_beats(fill) < len(measure.beats) else None

    def _has_crash(self, measure: Measure) -> bool:
        section = self._chart.section_at(measure)
        return self._chart.genre.drums.crash and measure.index == section.first and section.energy > 0.7


def leave_out_rests(events: list[NoteEvent], chart: Chart) -> list[NoteEvent]:
    """The hits without those of drums that rest there."""
    for rest in chart.rests:
        pitches = {DRUM_PITCHES[name] for name in rest.names if name in DRUM_PITCHES}
        events = [event for event in events if event.pitch not in pitches or rest.places.allows(event.start)]
    return events


def place_drum(
    placed: PlacedDrum,
    events: list[NoteEvent],
    measure: Measure,
    chart: Chart,
    energy: float,
    rng: np.random.Generator,
) -> list[NoteEvent]:
    """The hits of a measure with those of one drum where the musician wants them."""
    pitches = {DRUM_PITCHES[name] for name in placed.names}
    if not placed.places.has_strokes:
        return [event for event in events if event.pitch not in pitches or placed.places.allows(event.start)]
    others = [event for event in events if event.pitch not in pitches]
    lag = chart.genre.drums.lag_ms.get(placed.line, 0.0)
    return others + [
        NoteEvent(
            stroke.start, stroke.start + _RING, DRUM_PITCHES[placed.line],
            _hit_velocity(stroke.letter, energy, rng), lag,
        )
        for stroke in placed.places.strokes(measure)
        if stroke.letter != "?" or rng.random() < 0.5
    ]  # fmt: skip


def _hit_velocity(letter: str, energy: float, rng: np.random.Generator, between: bool = False) -> int:
    """How hard a hit is; `between` for those of a steady drum that lie between eighths."""
    level = _VELOCITY[letter] * (0.72 + 0.3 * energy) + rng.normal(0, 3)
    return int(min(max(level * 0.85 if between else level, 8), 127))


def _choke_hats(events: list[NoteEvent], end: float) -> list[NoteEvent]:
    """Lets open hats ring until the next hat."""
    hats = [event.start for event in events if event.pitch in _HATS]
    return [
        replace(event, end=next((start for start in hats if start > event.start + 1e-6), max(end, event.end)))
        if event.pitch == DRUM_PITCHES["open"]
        else event
        for event in events
    ]


def _step_letter(name: str, cell: str, source: int) -> str:
    if source == NO_STEP:
        return "-"
    if source == MIDDLE_STEP:
        steady = name in _STEADY and cell[0] in "Xxo" and cell[2] in "Xxo"
        return "o" if steady else "-"
    return cell[source]


def _pattern_cell(line: str, role: int, index: int) -> str:
    plain = strip_spacing(line)
    bars = len(plain) // 16
    start = (index % bars * 4 + role) * 4
    return plain[start : start + 4]


def _stretch_cell(cell: str, half: int) -> str:
    pair = cell[2 * half : 2 * half + 2]
    return f"{pair[0]}-{pair[1]}-"


def _fill_beats(fill: dict[str, str]) -> int:
    return max(len(strip_spacing(line)) for line in fill.values()) // 4


def _fill_cells(fill: dict[str, str], place: int) -> dict[str, str]:
    return {name: strip_spacing(line)[4 * place : 4 * place + 4] for name, line in fill.items()}
