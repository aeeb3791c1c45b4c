"""MIDI files as they are read: tracks and channels, tempo, the sustain pedal, and what is no MIDI file."""

from __future__ import annotations

import struct
from pathlib import Path

import mido
import pytest

from bandmate_bridge.midi.midi_reader import read_midi_file
from bandmate_bridge.requests.given_notes import (
    NotesSource,
    file_notes,
    notes_span,
    place_notes,
    tempo_of_notes,
)
from bandmate_protocol.errors import ErrorCode, RequestError
from tests.bridge.midi_files import BEAT, TUNE, Played, conductor, note_track, write_midi

RATE = 48_000


def control(value: int, number: int = 64) -> mido.Message:
    return mido.Message("control_change", control=number, value=value)


def played(source: NotesSource, part: int = 0) -> list[Played]:
    return [(note.start, note.end, note.pitch, note.velocity) for note in source.parts[part].notes]


def test_each_track_and_channel_is_a_part_with_its_name_and_program(tmp_path: Path) -> None:
    both = note_track(TUNE, "Band", program=73)
    both += note_track(BEAT, channel=9)
    path = write_midi(tmp_path / "a.mid", conductor(), both, note_track(TUNE, "Strings"), note_track(TUNE))
    music = read_midi_file(path)
    assert [(one.name, one.number, one.channel, one.program) for one in music.tracks] == [
        ("Band channel 1", 1, 0, 73), ("Band drums", 1, 9, None), ("Strings", 2, 0, None), ("", 3, 0, None)
    ]  # fmt: skip
    assert played(file_notes(path), 2) == TUNE


def test_a_file_of_type_0_is_taken_apart_by_channels(tmp_path: Path) -> None:
    track = note_track(TUNE, channel=2)
    track += note_track(BEAT, channel=9)
    music = read_midi_file(write_midi(tmp_path / "a.mid", track, kind=0))
    assert [one.name for one in music.tracks] == ["Channel 3", "Drums"]


def test_the_pedal_holds_notes_until_it_is_released_or_the_key_is_struck_again(tmp_path: Path) -> None:
    notes: list[Played] = [(0, 0.5, 60, 90), (1, 1.5, 64, 90), (2, 2.5, 60, 80), (5, 5.5, 60, 70)]
    events = [(0.25, control(127)), (4.0, control(0)), (5.25, control(63))]
    track = note_track(notes, events=events)
    path = write_midi(tmp_path / "a.mid", track)
    assert played(file_notes(path)) == [(0, 2, 60, 90), (1, 4, 64, 90), (2, 4, 60, 80), (5, 5.5, 60, 70)]


def test_notes_that_nothing_ends_are_held_to_the_end_and_counted(tmp_path: Path) -> None:
    track = mido.MidiTrack([
        mido.Message("note_on", note=60, velocity=90, time=0),
        mido.Message("note_on", note=64, velocity=90, time=TICKS),
        mido.Message("note_off", note=64, time=TICKS),
        mido.MetaMessage("end_of_track", time=TICKS),
    ])  # fmt: skip
    source = file_notes(write_midi(tmp_path / "a.mid", track))
    assert played(source) == [(0, 3, 60, 90), (1, 2, 64, 90)]
    assert source.remarks == ("Held to the end of their track, as nothing ends them: 1 of 2 notes of a.mid.",)


TICKS = 480


def test_all_notes_off_ends_notes_and_short_notes_are_kept(tmp_path: Path) -> None:
    track = mido.MidiTrack([
        mido.Message("note_on", note=60, velocity=90, time=0),
        control(0, 123).copy(time=TICKS),
        mido.Message("note_on", note=38, velocity=90, time=TICKS),
        mido.Message("note_off", note=38, time=0),
        mido.MetaMessage("end_of_track", time=TICKS),
    ])  # fmt: skip
    source = file_notes(write_midi(tmp_path / "a.mid", track))
    assert [(note.start, note.pitch) for note in source.parts[0].notes] == [(0, 60), (2, 38)]
    assert [note.end for note in source.parts[0].notes] == [1, 2 + 1 / TICKS]
    assert not source.remarks


def wheel(place: float, pitch: int) -> tuple[float, mido.Message]:
    return place, mido.Message("pitchwheel", pitch=pitch)


def test_bends_belong_to_the_notes_that_sound(tmp_path: Path) -> None:
    """In cents, two semitones for the whole way until the registered parameter says another range."""
    notes: list[Played] = [(0, 2, 60, 90), (2, 3, 62, 90), (4, 5, 64, 90), (6, 7, 65, 90)]
    wide = [(5.0, control(0, 101)), (5.1, control(0, 100)), (5.2, control(12, 6)), (5.3, control(0, 38))]
    events = [wheel(0.5, 4_096), wheel(1.5, 8_191), wheel(3.5, 0), *wide, wheel(6.5, -8_192)]
    source = file_notes(write_midi(tmp_path / "a.mid", note_track(notes, events=events)))
    bends = [[(place, round(cents)) for place, cents in note.bend] for note in source.parts[0].notes]
    assert bends == [[(0.5, 100), (1.5, 200)], [(2.0, 200)], [], [(6.0, 0), (6.5, -1200)]]
    assert source.remarks == ()
    tempo = tempo_of_notes(source, 120.0, (4, 4), RATE)
    timeline, _ = place_notes(source, tempo.timeline_between(0, 4 * RATE), tempo)
    (first, *_) = timeline.parts[0].notes
    assert [(point.frame, round(point.cents)) for point in first.bend] == [
        (RATE // 4, 100),
        (3 * RATE // 4, 200),
    ]


def test_aftertouch_is_told(tmp_path: Path) -> None:
    track = note_track(TUNE, events=[(1.0, mido.Message("aftertouch", value=20))])
    assert file_notes(write_midi(tmp_path / "a.mid", track)).remarks == (
        "Aftertouch in a.mid is not played.",
    )


def test_names_in_utf_8_and_in_latin_1(tmp_path: Path) -> None:
    names = ["Flöte".encode(), "Flöte".encode("latin-1")]
    for name in names:
        path = write_midi(tmp_path / "a.mid", note_track(TUNE, name.decode("latin-1")))
        assert file_notes(path).parts[0].name == "Flöte"


def test_a_tempo_map_places_notes_in_time(tmp_path: Path) -> None:
    metre = mido.MetaMessage("time_signature", numerator=3, denominator=4)
    speeds = [
        (at, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm))) for at, bpm in ((0, 120), (4, 60))
    ]
    head = note_track([], events=[*speeds, (4, metre)])
    source = file_notes(write_midi(tmp_path / "a.mid", head, note_track(TUNE)))
    tempo = tempo_of_notes(source, None, None, RATE)
    assert [tempo.position_at(at) / RATE for at in (0, 2, 4, 5)] == [0, 1, 2, 3]
    assert [tempo.metre_at(at * RATE) for at in (1, 3)] == [(4, 4), (3, 4)]
    # One bar of four and two of three: the tune ends in the second of those.
    assert notes_span(source, tempo) == (0, (2 + 6) * RATE)
    steady = tempo_of_notes(source, 240.0, (4, 4), RATE)
    assert [steady.position_at(at) / RATE for at in (0, 4, 8)] == [0, 1, 2]
    assert notes_span(source, steady) == (0, 2 * RATE)


def test_a_tempo_that_begins_later_follows_the_formats_default(tmp_path: Path) -> None:
    source = file_notes(write_midi(tmp_path / "a.mid", conductor(((4, 60),)), note_track(TUNE)))
    tempo = tempo_of_notes(source, None, None, RATE)
    assert [tempo.position_at(at) / RATE for at in (4, 5)] == [2, 3]


def test_what_lies_outside_the_range_is_counted(tmp_path: Path) -> None:
    source = file_notes(write_midi(tmp_path / "a.mid", conductor(((0, 60),)), note_track(TUNE)))
    tempo = tempo_of_notes(source, None, None, RATE)
    placed, said = place_notes(source, tempo.timeline_between(2 * RATE, round(4.5 * RATE)), tempo)
    assert [(note.start, note.frames) for note in placed.parts[0].notes] == [
        (0, 36_000), (RATE, 36_000), (2 * RATE, 24_000)
    ]  # fmt: skip
    assert said == [
        "Left out, as they begin outside the range: 5 of 8 notes of a.mid.",
        "Cut at the end of the range: 1 of 8 notes of a.mid.",
    ]
    with pytest.raises(RequestError, match=r"None of the 8 notes of a\.mid begins in the range") as raised:
        place_notes(source, tempo.timeline_between(20 * RATE, 21 * RATE), tempo)
    assert raised.value.code == ErrorCode.BAD_POSITION


def test_too_many_notes_are_refused(tmp_path: Path) -> None:
    notes: list[Played] = [(at / 480, (at + 1) / 480, 60, 90) for at in range(17_000)]
    source = file_notes(write_midi(tmp_path / "a.mid", note_track(notes)))
    tempo = tempo_of_notes(source, None, None, RATE)
    with pytest.raises(RequestError, match=r"a\.mid has more than 16384 notes in the range"):
        place_notes(source, tempo.timeline_between(*notes_span(source, tempo)), tempo)
    placed, _ = place_notes(source, tempo.timeline_between(0, 4 * RATE), tempo)
    assert len(placed.parts[0].notes) == 8 * 480


def test_a_track_is_chosen_by_name_or_number(tmp_path: Path) -> None:
    lead, bass = note_track(TUNE, "Lead"), note_track(TUNE[:3], "Bass")
    path = write_midi(tmp_path / "a.mid", conductor(), lead, bass, note_track(TUNE[:1], "Bass"))
    assert [part.name for part in file_notes(path, "lead").parts] == ["Lead"]
    assert len(played(file_notes(path, "3"))) == 1
    with pytest.raises(RequestError, match=r"2 tracks of a\.mid are named 'bass'") as raised:
        file_notes(path, "bass")
    assert raised.value.code == ErrorCode.AMBIGUOUS_TRACK
    with pytest.raises(RequestError, match=r"a\.mid has no track named 'Flute'") as raised:
        file_notes(path, "Flute")
    assert (raised.value.code, raised.value.remedy) == (
        ErrorCode.NO_SUCH_TRACK,
        "Its tracks with notes are: 1 Lead, 2 Bass, 3 Bass.",
    )


def header(kind: int, tracks: int, division: int) -> bytes:
    return b"MThd" + struct.pack(">IHHH", 6, kind, tracks, division)


EMPTY_TRACK = b"MTrk" + struct.pack(">I", 4) + b"\x00\xff\x2f\x00"
ONE_NOTE = b"MTrk" + struct.pack(">I", 12) + b"\x00\x90\x3c\x40\x60\x80\x3c\x00\x00\xff\x2f\x00"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "a.mid is empty."),
        (b"RIFF1234WAVEfmt ", "a.mid is not a MIDI file."),
        (header(1, 1, 480) + EMPTY_TRACK, "a.mid has no notes."),
        (header(1, 1, 480) + ONE_NOTE[:-6], "a.mid cannot be read as MIDI"),
        (header(0, 1, 0xE728) + ONE_NOTE, "a.mid counts time in SMPTE frames, not in beats."),
        (header(0, 1, 0) + ONE_NOTE, "a.mid has no ticks for its beats."),
        (header(2, 1, 480) + ONE_NOTE, "a.mid is a MIDI file of type 2"),
        (header(1, 1, 480), "a.mid cannot be read as MIDI: it is cut short."),
    ],
    ids=["empty", "audio", "no notes", "cut short", "SMPTE", "no division", "type 2", "no tracks"],
)
def test_what_cannot_be_played_is_refused_in_a_sentence(tmp_path: Path, data: bytes, sentence: str) -> None:
    path = tmp_path / "a.mid"
    path.write_bytes(data)
    with pytest.raises(RequestError) as raised:
        read_midi_file(path)
    assert raised.value.code == ErrorCode.FILE_UNUSABLE
    assert raised.value.sentence.startswith(sentence)
    assert raised.value.remedy


def test_a_file_that_is_not_there_and_a_folder_are_named(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.mid", tmp_path):
        with pytest.raises(RequestError, match="There is no file"):
            read_midi_file(path)
