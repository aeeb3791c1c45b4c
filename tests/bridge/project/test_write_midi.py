"""Notes in the project: every event on the tick that its frame falls on."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandmate_bridge.rpp import NewMidi, new_project
from bandmate_bridge.rpp.write_midi import midi_events
from bandmate_protocol.messages import Note, TempoPoint
from bandmate_protocol.tempo import TempoMap
from tests.bridge.project.samples import independent

RATE = 48_000
EVEN = TempoMap([TempoPoint(position=0.0, bpm=120)], RATE)


def note(start: int, frames: int, pitch: int = 60, velocity: int = 100, channel: int = 0) -> Note:
    return Note(start=start, frames=frames, pitch=pitch, velocity=velocity, channel=channel)


def events(
    notes: list[Note], frames: int, tempo_map: TempoMap = EVEN, start: int = 0
) -> list[tuple[int, str]]:
    """The events with their absolute ticks."""
    found, at = [], 0
    for line in midi_events(NewMidi("x", start, frames, notes), tempo_map):
        _, delta, message = line.split(" ", 2)
        assert int(delta) >= 0
        at += int(delta)
        found.append((at, message))
    return found


def test_notes_at_an_even_tempo() -> None:
    # At 120 a quarter is 24 000 frames, so a tick is 25.
    found = events([note(0, 24_000), note(36_000, 12_000, 64, 1, 9)], 96_000)
    assert found == [
        (0, "90 3c 64"),
        (960, "80 3c 00"),
        (1440, "99 40 01"),
        (1920, "89 40 00"),
        (3840, "b0 7b 00"),
    ]


def test_notes_in_a_ramp_sit_where_the_beat_is() -> None:
    # 60 to 120 over 8 s: after t seconds, t + t*t/16 quarters.
    ramp = TempoMap(
        [TempoPoint(position=0.0, bpm=60, shape="linear"), TempoPoint(position=8.0 * RATE, bpm=120)], RATE
    )
    seconds = [Fraction(1, 3), Fraction(2), Fraction(5, 2), Fraction(6)]
    found = events(
        [note(round(second * RATE), 1, 40 + i) for i, second in enumerate(seconds)], 8 * RATE, ramp
    )
    exact = [(second + second * second / 16) * 960 for second in seconds]
    assert [tick for tick, message in found if message[0] == "9"] == [round(tick) for tick in exact]
    assert found[-1] == (12 * 960, "b0 7b 00")


def test_notes_after_a_metre_change_and_in_the_middle_of_a_ramp() -> None:
    mixed = TempoMap(
        [
            TempoPoint(position=0.0, bpm=120),
            TempoPoint(
                position=2.0 * RATE, bpm=90, numerator=7, denominator=8, shape="linear", starts_bar=True
            ),
            TempoPoint(position=6.0 * RATE, bpm=150, numerator=3, denominator=4, starts_bar=True),
        ],
        RATE,
    )
    # From 3 s (105 bpm by then) to 5 s: 2 * 120 / 60 = 4 quarters; to 7 s: 3 * 127.5 / 60 + 2.5 = 8.875.
    found = events([note(2 * RATE, 2 * RATE)], 4 * RATE, mixed, start=3 * RATE)
    assert found == [(4 * 960, "90 3c 64"), (8 * 960 + 840, "80 3c 00"), (8 * 960 + 840, "b0 7b 00")]


def test_a_note_is_cut_where_its_pitch_sounds_again_and_where_the_item_ends() -> None:
    found = events([note(24_000, 90_000), note(0, 48_000)], 72_000)
    assert found == [
        (0, "90 3c 64"),
        (960, "80 3c 00"),
        (960, "90 3c 64"),
        (2880, "80 3c 00"),
        (2880, "b0 7b 00"),
    ]


def test_notes_outside_the_item_are_left_out() -> None:
    assert events([note(48_000, 10), note(10**9, 10)], 48_000) == [(1920, "b0 7b 00")]


def test_a_note_shorter_than_a_tick_still_sounds() -> None:
    assert events([note(0, 0)], 48_000)[:2] == [(0, "90 3c 64"), (1, "80 3c 00")]


NOTES = st.lists(
    st.builds(
        note,
        st.integers(0, 200_000),
        st.integers(0, 100_000),
        st.integers(59, 62),
        st.integers(1, 127),
        st.integers(0, 1),
    ),
    max_size=30,
)


@given(NOTES, st.integers(1, 150_000), st.integers(0, 10**7))
def test_every_note_begins_and_ends_in_turn(notes: list[Note], frames: int, start: int) -> None:
    found = events(notes, frames, start=start)
    sounding: set[str] = set()
    for tick, message in found[:-1]:
        assert tick <= found[-1][0]
        voice = message[1:5]
        if message[0] == "9":
            assert voice not in sounding
            sounding.add(voice)
        else:
            sounding.remove(voice)
    assert not sounding
    assert found[-1][1] == "b0 7b 00"


@pytest.mark.parametrize("bpm", [33.3, 120, 399.9])
def test_the_source_is_as_long_as_the_item(bpm: float) -> None:
    project = new_project("new.rpp", tempo=[TempoPoint(position=0.0, bpm=bpm)])
    (item,) = project.insert_midi([NewMidi("Keys", 4_800, 480_000, [note(0, 100)], "#3f8fd2")])
    assert (item.start_frame, item.frames) == (4_800, 480_000)
    source = independent(project.encode()).find(".//SOURCE")
    ticks = sum(int(event[1]) for event in source.findall("E"))
    assert ticks == round(10 * bpm / 60 * 960)
    assert project.tracks[0].colour == "#3f8fd2"
