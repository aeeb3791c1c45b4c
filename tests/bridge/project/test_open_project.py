"""The project that REAPER describes is the one that its file has: the same map, ranges, items and notes."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from bandmate_bridge.reaper.agent.facts import build_project, music_range
from bandmate_bridge.reaper.mailbox_messages import ProjectFact, ReaperFacts, TempoFact, TrackFact
from bandmate_bridge.rpp import Project
from bandmate_protocol.errors import ErrorCode, RequestError

RATE = 44_100
POOL = "{44444444-0000-0000-0000-000000000001}"
AUDIO = """<ITEM
POSITION 2.25
LENGTH 4
SEL 1
IGUID {AAAAAAAA-0000-4000-8000-000000000001}
NAME "A \u2028 take"
<SOURCE WAVE
FILE "take.wav"
>
>"""
NOTES = f"""<ITEM
POSITION 8
LENGTH 2
IGUID {{AAAAAAAA-0000-4000-8000-000000000002}}
<SOURCE MIDI
HASDATA 1 960 QN
E 0 90 3c 60
E 960 80 3c 00
POOLEDEVTS {POOL}
>
>"""
POOLED = f"""<ITEM
POSITION 12
LENGTH 2
IGUID {{AAAAAAAA-0000-4000-8000-000000000003}}
<SOURCE MIDIPOOL
POOLEDEVTS {POOL}
>
>"""
FACTS = ReaperFacts(
    project=ProjectFact(
        id="p", file="/songs/song.rpp", sample_rate=RATE, bar_offset=2, time_offset_seconds=10.5
    ),
    bpm=120.0,
    numerator=4,
    denominator=4,
    points=(
        TempoFact(seconds=0.0, bpm=97.3, numerator=7, denominator=8, linear=True, flags=1),
        TempoFact(seconds=5.1, bpm=140.0),
        TempoFact(seconds=9.0, bpm=12.0, numerator=3, denominator=4, flags=3),
        TempoFact(seconds=11.3, bpm=80.0, numerator=5, denominator=4, flags=5),
    ),
    selection_seconds=(4.5, 9.25),
    cursor_seconds=6.125,
    tracks=(
        TrackFact(
            guid="{BBBBBBBB-0000-4000-8000-000000000001}",
            number=3,
            name='Bass "low"',
            selected=True,
            items=(AUDIO, NOTES),
        ),
        TrackFact(guid="{BBBBBBBB-0000-4000-8000-000000000002}", number=4, muted=True, items=(POOLED,)),
    ),
)


def written(tmp_path: Path) -> Project:
    """The same project as REAPER saves it."""
    lines = [
        '<REAPER_PROJECT 0.1 "7.0" 0',
        "PROJOFFS 10.5 2 0",
        f"SAMPLERATE {RATE} 1 0",
        "TEMPO 120 4 4",
        "CURSOR 6.125",
        "SELECTION 4.5 9.25",
        "<TEMPOENVEX",
        f"PT 0 97.3 0 {65536 * 8 + 7} 0 1",
        "PT 5.1 140 1",
        f"PT 9 12 1 {65536 * 4 + 3} 0 3",
        f"PT 11.3 80 1 {65536 * 4 + 5} 0 5",
        ">",
        "<TRACK {BBBBBBBB-0000-4000-8000-000000000001}",
        "NAME 'Bass \"low\"'",
        "TRACKID {BBBBBBBB-0000-4000-8000-000000000001}",
        "SEL 1",
        AUDIO,
        NOTES,
        ">",
        "<TRACK {BBBBBBBB-0000-4000-8000-000000000002}",
        'NAME "Track 4"',
        "TRACKID {BBBBBBBB-0000-4000-8000-000000000002}",
        "MUTESOLO 1 0 0",
        POOLED,
        ">",
        ">",
    ]
    path = tmp_path / "song.rpp"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    return Project.load(path)


def test_it_has_the_tempo_map_the_selection_and_the_ruler_of_its_file(tmp_path: Path) -> None:
    told, read = build_project(FACTS), written(tmp_path)
    assert told.tempo_map.points == read.tempo_map.points
    assert told.tempo_at(96_000).points == read.tempo_at(96_000).points
    assert told.tempo_map.bar_beat_at(0) == read.tempo_map.bar_beat_at(0) == (3, 0.0)
    for name in ("sample_rate", "ruler_start", "time_selection", "cursor", "looping", "markers"):
        assert getattr(told, name) == getattr(read, name), name
    assert told.range() == read.range()
    assert told.range_at_cursor(2) == read.range_at_cursor(2)
    assert told.position("5.2") == read.position("5.2")


def test_it_has_the_tracks_and_items_of_its_file(tmp_path: Path) -> None:
    told, read = build_project(FACTS), written(tmp_path)
    for one, other in zip(told.tracks, read.tracks, strict=True):
        for name in (
            "number",
            "guid",
            "name",
            "title",
            "colour",
            "selected",
            "muted",
            "is_frozen",
            "has_lanes",
        ):
            assert getattr(one, name) == getattr(other, name), name
        for item, filed in zip(one.items, other.items, strict=True):
            assert (item.guid, item.start_frame, item.frames, item.selected, item.name) == (
                filed.guid, filed.start_frame, filed.frames, filed.selected, filed.name,
            )  # fmt: skip
            assert told.track_of(item) is one
            assert told.played_notes(one, item) == read.played_notes(other, filed)
    assert len(told.played_notes(told.tracks[1], told.tracks[1].items[0])) == 1, "through the pool"


def test_new_music_fills_the_selection_or_bars_at_the_cursor(tmp_path: Path) -> None:
    read = written(tmp_path)
    assert music_range(FACTS, build_project(FACTS), 4) == read.range()
    bare = replace(FACTS, selection_seconds=None)
    assert music_range(bare, build_project(bare), 4) == read.range_at_cursor(4)


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ("<ITEM\nPOSITION 1", "is truncated: its ITEM chunk has no end"),
        (AUDIO + "\n>", "continues after its end"),
    ],
)
def test_an_item_that_cannot_be_read_is_refused(item: str, said: str) -> None:
    odd = replace(FACTS, tracks=(TrackFact(guid="{B}", number=1, items=(item,)),))
    with pytest.raises(RequestError, match=said) as caught:
        build_project(odd)
    assert caught.value.code is ErrorCode.NOT_A_PROJECT


def test_a_tempo_that_no_project_has_is_refused() -> None:
    odd = replace(FACTS, points=(TempoFact(seconds=1.0, bpm=120.0, numerator=300, denominator=4, flags=1),))
    with pytest.raises(RequestError, match=r"a metre of 300/4 at 0:11\.500"):
        build_project(odd)


def test_only_a_file_can_be_saved(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="only a project file"):
        build_project(FACTS).save(tmp_path / "song.rpp")
    assert not list(tmp_path.iterdir())
