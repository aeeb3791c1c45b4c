"""Plays a band over a stretch of the project, from a little before a range, so that it is under way there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import msgspec
import numpy as np

from bandmate_plugins._engines.sketch.performance.performance import TARGET_LUFS, BandPlayer
from bandmate_plugins._engines.sketch.performance.writer import NoteWriter
from bandmate_plugins._engines.sketch.players.band import Band
from bandmate_plugins._engines.sketch.sound.channel import PartChannel
from bandmate_plugins._engines.sketch.sound.sampler import NoteCache
from bandmate_plugins._engines.sketch.sound.soundfont import SoundFontBank
from bandmate_plugins._listening.grid_timing import GridTiming
from bandmate_plugins._platform.arrays import AudioSamples
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_protocol.messages import Note
from bandmate_protocol.tempo import TempoMap, nearest_frame

_MIN_LEAD_SECONDS = 0.3
_LONG_BAR_SECONDS = 6.0
_MAX_DRIFT = 0.02
"""Of the tempo."""
_WINDOW_SECONDS = 1.6


def source_range(project: MusicalRange, pulse: GridTiming) -> MusicalRange:
    """The range by the recording's tempo map: the project's, as late or early as it is played, with its drift."""
    timeline, start = project.timeline, project.start_frame
    first, last = pulse.shift_before, pulse.shift_after
    drift = (last - first) / timeline.frames
    if timeline.frames < timeline.sample_rate or abs(drift) > _MAX_DRIFT:
        first, drift = (first + last) / 2, 0.0
    stretch = 1 + drift
    points = [
        msgspec.structs.replace(
            point, position=start + first + (point.position - start) * stretch, bpm=point.bpm / stretch
        )
        for point in project.tempo.points
    ]
    anchor = start + first
    tempo = TempoMap(points, timeline.sample_rate, anchor=anchor, bar=timeline.bar, beat=timeline.beat)
    return MusicalRange(timeline, tempo)


def repaint_window(music: MusicalRange) -> MusicalRange:
    """The range with the bar before it (or with what was of a long bar); it may begin before the project."""
    tempo, start, rate = music.tempo, music.start_frame, music.sample_rate
    bar = tempo.bar_beat_at(start)[0]
    begin = tempo.position_of(bar)
    before = tempo.position_of(bar - 1)
    if (begin - before) < _LONG_BAR_SECONDS * rate or (start - begin) < _MIN_LEAD_SECONDS * rate:
        begin = before
    key, chords = music.timeline.key, music.timeline.chords
    window = tempo.timeline_between(nearest_frame(begin), music.end_frame, key=key, chords=chords)
    return MusicalRange(window, tempo)


class WindowPerformance:
    """One performance over a window; `play` may be called once."""

    def __init__(
        self,
        band: Band,
        window: MusicalRange,
        shelf: NoteCache,
        dense: float = 0.0,
        bank: SoundFontBank | None = None,
        last: int | None = None,
    ) -> None:
        """Notes that start at frame `last` of the window, or later, are left out."""
        gains = BandPlayer(band, window, shelf, TARGET_LUFS).gains
        self._writer = NoteWriter(band, window)
        self._channels = [
            PartChannel(part, band, window.sample_rate, gain, shelf, dense, bank=bank)
            for part, gain in zip(band.parts, gains, strict=True)
        ]
        self._window, self._last = window, window.frames if last is None else last

    def play(self, first: int) -> Iterator[tuple[list[Note], AudioSamples]]:
        """The notes and the sum of all parts, shape (frames, 2): `first` frames, then shorter pieces."""
        left, size, at = self._window.frames, first, 0
        while left > 0:
            size = min(size, left)
            notes = self._writer.write_until(at + size)
            total = np.zeros((size, 2), dtype=np.float32)
            notes = [[note for note in new if note.start < self._last] for new in notes]
            for channel, new in zip(self._channels, notes, strict=True):
                channel.queue_notes(new)
                total += channel.render_window(size)
            yield sorted((note for new in notes for note in new), key=_note_start), total
            at, left = at + size, left - size
            size = round(_WINDOW_SECONDS * self._window.sample_rate)


def notes_in_range(notes: Sequence[Note], before: int, frames: int) -> list[Note]:
    """Notes of a window that starts `before` frames ahead, as the range of `frames` frames has them."""
    found = []
    for note in notes:
        start, end = max(note.start - before, 0), min(note.start + note.frames - before, frames)
        if end > start:
            found.append(msgspec.structs.replace(note, start=start, frames=end - start))
    return found


def onset_density(band: Band, window: MusicalRange, start: int, seconds: float) -> float:
    """Moments at which something begins, a quarter note, in the first seconds from a frame of the project."""
    rate = window.sample_rate
    first, last = start - window.start_frame, min(start - window.start_frame + seconds * rate, window.frames)
    notes = NoteWriter(band, window).write_until(round(last))
    near = 0.03 * rate
    count, reached = 0, -near
    for at in sorted(note.start for new in notes for note in new):
        if at >= first and at - reached >= near:
            count, reached = count + 1, at
    quarters = window.tempo.quarters_at(window.start_frame + last) - window.tempo.quarters_at(start)
    return count / quarters if quarters > 0 else 0.0


def replace_musicians(band: Band, hire: object) -> Band:
    """The band with each part's player taken from ``hire(part)``."""
    assert callable(hire)
    return replace(band, parts=tuple(replace(part, hire=hire(part)) for part in band.parts))


def _note_start(note: Note) -> int:
    return note.start
