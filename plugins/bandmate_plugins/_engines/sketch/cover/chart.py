"""A chart that follows a recording: its chords, its form by how loud it is, measure by measure."""

from __future__ import annotations

from dataclasses import dataclass, fields

from bandmate_plugins._engines.sketch.cover.reading import MeasureTranscript
from bandmate_plugins._engines.sketch.players.chart import Chart, ChordSpan
from bandmate_plugins._engines.sketch.theory.form import FormSection, SongForm
from bandmate_plugins._engines.sketch.theory.measures import Measure
from bandmate_plugins._theory.chords import Chord

_GROUP = 4
"""Measures that are loud or soft together."""
_ALIKE_DB = 2.5
_MAX_SECTION_MEASURES = 16
_LOUD, _MIDDLE = 0.74, 0.5


class SourceForm(SongForm):
    """Sections of a recording, as far as it was heard; the rest comes as it is asked for."""

    def __init__(self, reading: MeasureTranscript, energy: float, db_per_energy: float = 22.0) -> None:
        self._scale = db_per_energy
        self.ends = False
        self.sections: list[FormSection] = []
        self._reading, self._energy = reading, energy
        self._known = 0
        self._extend_sections(reading.measure_levels(1) or [0.0])

    def section_at(self, measure: int) -> FormSection:
        """The section that a measure is in; the last one goes on past the end."""
        while measure >= self._known:
            levels = self._reading.measure_levels(self._known + 1)
            if levels is None:
                break
            self._extend_sections(levels)
        return next((one for one in reversed(self.sections) if one.first <= measure), self.sections[0])

    def _extend_sections(self, levels: list[float]) -> None:
        groups: list[tuple[int, list[float]]] = []
        for first in range(self._known, len(levels), _GROUP):
            new = levels[first : first + _GROUP]
            if groups and _is_similar(groups[-1][1], new):
                groups[-1][1].extend(new)
            else:
                groups.append((first, list(new)))
        self._known = len(levels)
        for first, members in groups:
            level = sum(members) / len(members)
            energy = min(max(0.88 + level / self._scale + self._energy, 0.15), 1.0)
            kind, variant = _section_kind(energy)
            self.sections.append(FormSection(kind, first, len(members), energy, variant, frozenset()))


def _is_similar(before: list[float], new: list[float]) -> bool:
    near = abs(sum(before) / len(before) - sum(new) / len(new)) < _ALIKE_DB
    return near and len(before) + len(new) <= _MAX_SECTION_MEASURES


def _section_kind(energy: float) -> tuple[str, int]:
    if energy >= _LOUD:
        return "chorus", 1
    return ("verse", 0) if energy >= _MIDDLE else ("quiet", 2)


@dataclass(frozen=True)
class SourceChart(Chart):
    """A chart with the chords of a recording, where they are clear and the project gives none."""

    reading: MeasureTranscript | None = None

    @classmethod
    def from_chart(cls, chart: Chart, reading: MeasureTranscript, form: SongForm) -> SourceChart:
        """A chart with another form and with what was heard."""
        same = {one.name: getattr(chart, one.name) for one in fields(Chart)}
        return cls(**{**same, "form": form}, reading=reading)

    def chord_spans(self, measure: Measure) -> list[ChordSpan]:
        """The chords of a measure, without gaps."""
        if self.marks or self.reading is None:
            return super().chord_spans(measure)
        marks = self.reading.chords_between(measure.start, measure.end)
        if not marks:
            return super().chord_spans(measure)
        ends = [*(place for place, _ in marks[1:]), measure.end]
        return [ChordSpan(start, end, chord) for (start, chord), end in zip(marks, ends, strict=True)]

    def velocity_scale(self, measure: Measure) -> float:  # noqa: ARG002 - the recording's own dynamics are played
        """Nothing that the genre adds."""
        return 1.0

    def chord_after(self, measure: Measure) -> Chord | None:
        """The chord that the next measure begins with."""
        if not self.marks and self.reading is not None and measure.left:
            marks = self.reading.chords_between(measure.end, measure.end + 1e-3)
            if marks:
                return marks[0][1]
        return super().chord_after(measure)
