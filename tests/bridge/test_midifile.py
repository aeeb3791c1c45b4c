"""MIDI files: read back by mido's own player, every note within a millisecond of its frame."""

from __future__ import annotations

from io import BytesIO

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bandmate_plugins._platform.midi_file import MidiPart, midi_bytes
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Note, TempoPoint, Timeline

RATE = 48_000


def timeline(*points: TempoPoint, seconds: float = 20.0, start: int = 0, **more: object) -> Timeline:
    return Timeline(
        sample_rate=RATE, start_frame=start, end_frame=start + int(seconds * RATE), tempo=points, **more
    )


def read(data: bytes) -> mido.MidiFile:
    return mido.MidiFile(file=BytesIO(data))


def onsets(file: mido.MidiFile) -> list[tuple[float, int]]:
    """When each note sounds by the file's own tempo, in seconds."""
    now, found = 0.0, []
    for message in file:
        now += message.time
        if message.type == "note_on" and message.velocity:
            found.append((now, message.note))
    return found


def hits(line: Timeline, every: float = 0.37) -> list[Note]:
    step = int(every * RATE)
    return [
        Note(start=start, frames=step // 2, pitch=36 + index % 60, velocity=100)
        for index, start in enumerate(range(0, line.frames - step, step))
    ]


def worst(line: Timeline, notes: list[Note]) -> float:
    """The largest difference between a note's frame and when it sounds, in seconds."""
    found = onsets(read(midi_bytes([MidiPart("Part", line.start_frame, notes)], line)))
    assert len(found) == len(notes)
    expected = sorted((note.start / RATE, note.pitch) for note in notes)
    return max(abs(a[0] - b[0]) for a, b in zip(found, expected, strict=True))


@given(
    bpms=st.lists(st.floats(10, 400), min_size=1, max_size=5),
    shapes=st.lists(st.sampled_from(["square", "linear"]), min_size=5, max_size=5),
    gaps=st.lists(st.floats(0.3, 8), min_size=5, max_size=5),
    start=st.integers(0, 10**6),
)
@settings(max_examples=80, deadline=None)
def test_every_note_sounds_within_a_millisecond(
    bpms: list[float], shapes: list[str], gaps: list[float], start: int
) -> None:
    position, points = float(start), []
    for bpm, shape, gap in zip(bpms, shapes, gaps, strict=False):
        points.append(TempoPoint(position=position, bpm=bpm, shape=shape))
        position += gap * RATE
    line = timeline(*points, start=start)
    assert worst(line, hits(line)) <= 0.001


def test_an_hour_at_an_odd_tempo_does_not_drift() -> None:
    line = timeline(TempoPoint(position=0, bpm=93.7), seconds=3600)
    assert worst(line, hits(line, 5.0)) <= 0.001


def test_a_ramp_over_the_start_of_the_range() -> None:
    points = TempoPoint(position=0, bpm=60, shape="linear"), TempoPoint(position=30 * RATE, bpm=180)
    line = timeline(*points, start=10 * RATE)
    assert worst(line, hits(line)) <= 0.001


def test_beats_lie_on_whole_quarters_of_the_file() -> None:
    line = timeline(TempoPoint(position=0, bpm=120), seconds=4)
    notes = [Note(start=beat * RATE // 2, frames=1000, pitch=40, velocity=90) for beat in range(8)]
    file = read(midi_bytes([MidiPart("Bass", 0, notes)], line))
    assert file.ticks_per_beat == 960
    ticks, now = [], 0
    for message in file.tracks[1]:
        now += message.time
        if message.type == "note_on":
            ticks.append(now)
    assert ticks == [960 * beat for beat in range(8)]


def test_tracks_metres_and_key_are_named() -> None:
    points = (
        TempoPoint(position=0, bpm=120),
        TempoPoint(position=4 * RATE, bpm=120, numerator=7, denominator=8, starts_bar=True),
    )
    line = timeline(*points, key="F# minor")
    file = read(midi_bytes([MidiPart("Drums", 0, hits(line)), MidiPart("Bäss ♭", 0, [])], line))
    conductor = file.tracks[0]
    metres, now = [], 0
    for message in conductor:
        now += message.time
        if message.type == "time_signature":
            metres.append((now, message.numerator, message.denominator))
    assert metres == [(0, 4, 4), (8 * 960, 7, 8)]
    assert [message.key for message in conductor if message.type == "key_signature"] == ["F#m"]
    assert [track.name for track in file.tracks[1:]] == ["Drums", "Bäss ?"]


def test_a_range_that_starts_inside_a_bar_says_where_the_next_one_is() -> None:
    line = timeline(TempoPoint(position=0, bpm=120, numerator=3), beat=1.0, bar=5)
    file = read(midi_bytes([], line))
    metres, now = [], 0
    for message in file.tracks[0]:
        now += message.time
        if message.type == "time_signature":
            metres.append(now)
    assert metres == [0, 2 * 960]


def test_keys_that_the_format_lacks_are_left_out() -> None:
    line = timeline(TempoPoint(position=0, bpm=120), key="D dorian")
    assert "key_signature" not in {message.type for message in read(midi_bytes([], line)).tracks[0]}


def test_a_note_that_another_of_its_pitch_cuts_off_ends_there() -> None:
    line = timeline(TempoPoint(position=0, bpm=120))
    notes = [
        Note(start=0, frames=RATE, pitch=60, velocity=90),
        Note(start=RATE // 2, frames=RATE, pitch=60, velocity=80),
    ]
    file = read(midi_bytes([MidiPart("Lead", 0, notes)], line))
    kinds = [message.type for message in file.tracks[1] if message.type.startswith("note")]
    assert kinds == ["note_on", "note_off", "note_on", "note_off"]


def test_a_tempo_below_what_the_format_knows_is_refused() -> None:
    line = timeline(TempoPoint(position=0, bpm=3))
    with pytest.raises(RequestError) as caught:
        midi_bytes([], line)
    assert caught.value.code == ErrorCode.BAD_TIMELINE
