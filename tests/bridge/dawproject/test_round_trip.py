"""What is put into a DAWproject is read back to the frame, and what was there stays to the byte."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from bandmate_bridge.dawproject import project as daw
from bandmate_bridge.dawproject.new_project import new_dawproject
from bandmate_bridge.dawproject.project import DawProject
from bandmate_bridge.rpp import Item, Marker, NewMidi, NewPart, NewStem, NewTake, Project, resolve_item
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Note, TempoPoint
from bandmate_protocol.tempo import TempoMap
from tests.bridge.dawproject.archives import RATE, archive, audio, noise, project, read_xml, records, wav
from tests.bridge.dawproject.schema import faults
from tests.bridge.project.samples import added_lines


def played(item: Item) -> np.ndarray:
    assert item.take
    assert item.take.source
    assert item.take.source.file
    return soundfile.read(item.take.source.file, dtype="float32")[0]


def named(song: Project, name: str) -> Item:
    return song.find_track(name).items[0]


TEMPI = st.lists(
    st.tuples(
        st.integers(1, 12 * RATE),
        st.floats(30, 300).map(lambda bpm: round(bpm, 3)),
        st.booleans(),
        st.sampled_from([(4, 4), (3, 4), (7, 8), (6, 8), (5, 4)]),
    ),
    min_size=1,
    max_size=5,
)


def tempo_points(drawn: list[tuple[int, float, bool, tuple[int, int]]]) -> list[TempoPoint]:
    points, at = [], 0
    for gap, bpm, linear, (numerator, denominator) in drawn:
        points.append(
            TempoPoint(
                position=float(at),
                bpm=bpm,
                numerator=numerator,
                denominator=denominator,
                shape="linear" if linear and len(points) < len(drawn) - 1 else "square",
                starts_bar=True,
            )
        )
        at += gap + RATE // 10
    return points


@settings(max_examples=15, deadline=None)
@given(
    TEMPI,
    st.lists(
        st.tuples(st.integers(0, 40 * RATE), st.integers(100, 4 * RATE), st.integers(0, RATE)),
        min_size=1,
        max_size=4,
    ),
)
def test_a_new_project_is_read_back_to_the_frame(
    drawn: list[tuple[int, float, bool, tuple[int, int]]], clips: list[tuple[int, int, int]]
) -> None:
    points = tempo_points(drawn)
    with tempfile.TemporaryDirectory() as folder:
        file = wav(Path(folder) / "a.wav", noise(5))
        song = new_dawproject(Path(folder) / "song.dawproject", sample_rate=RATE, tempo=points)
        fade = 0.01
        song.insert_stems(
            [
                NewStem(f"T{n}", start, frames, [NewTake("a", file, skip / RATE)], fade_in_seconds=fade)
                for n, (start, frames, skip) in enumerate(clips)
            ]
        )
        song.save()
        back = DawProject.load(song.path)
        assert not faults(read_xml(song.path))
        tempo = TempoMap(points, RATE)
        for frame in range(0, 60 * RATE, RATE // 3):
            assert abs(back.tempo_map.position_at(tempo.quarters_at(frame)) - frame) < 0.25
            assert back.tempo_map.metre_at(frame) == tempo.metre_at(frame)
        for track, (start, frames, skip) in zip(back.tracks, clips, strict=True):
            (item,) = track.items
            assert item.take
            assert (item.start_frame, item.frames) == (start, frames)
            assert item.take.offset_seconds * RATE == pytest.approx(skip, abs=1e-4)
            assert item.fade_in_seconds == pytest.approx(min(fade, frames / RATE))
        assert (played(back.tracks[0].items[0]) == noise(5)).all()


@settings(max_examples=8, deadline=None)
@given(TEMPI, st.lists(st.tuples(st.integers(0, 8 * RATE), st.integers(1, RATE)), max_size=6))
def test_notes_keep_their_frames(
    drawn: list[tuple[int, float, bool, tuple[int, int]]], notes: list[tuple[int, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        song = new_dawproject(Path(folder) / "song.dawproject", sample_rate=RATE, tempo=tempo_points(drawn))
        given_notes = [
            Note(start=on, frames=frames, pitch=40 + n, velocity=90 + n)
            for n, (on, frames) in enumerate(notes)
        ]
        song.insert_midi([NewMidi("Keys", RATE, 10 * RATE, given_notes)])
        song.save()
        back = DawProject.load(song.path)
        (item,) = back.tracks[0].items
        assert (item.start_frame, item.frames) == (RATE, 10 * RATE)
        found = sorted(back.played_notes(back.tracks[0], item), key=lambda note: note.pitch)
        assert [(note.pitch, note.velocity) for note in found] == [
            (note.pitch, note.velocity) for note in given_notes
        ]
        for note, was in zip(found, given_notes, strict=True):
            assert abs(back.tempo_map.position_at(note.start) - RATE - was.start) < 1
            assert (
                abs(back.tempo_map.position_at(note.end) - RATE - min(was.start + was.frames, 10 * RATE)) < 1
            )


CLIP = f'<Clip time="4" duration="8" contentTimeUnit="seconds" playStart="1" name="Riff">{audio()}</Clip>'


@pytest.fixture
def song(tmp_path: Path) -> Path:
    return archive(tmp_path / "song.dawproject", project(f"\n          {CLIP}\n        "))


def test_everything_else_of_the_archive_stays_as_it_was(song: Path, tmp_path: Path) -> None:
    before, whole = records(song), song.read_bytes()
    xml = DawProject.load(song).encode()
    opened = DawProject.load(song)
    file = wav(tmp_path / "stem.wav", noise(2, 1))
    opened.insert_stems(
        [NewStem("Bass", RATE, 2 * RATE, [NewTake("Bass", file)], colour="#102030")], folder="New"
    )
    opened.insert_markers([Marker(1, "Verse & <chorus>", RATE)])
    backup = opened.save()
    assert backup is not None
    assert backup.previous == song.with_name("song.dawproject-bandmate-bak")
    assert backup.previous.read_bytes() == whole
    after = records(song)
    assert {name: data for name, data in after.items() if name in before and name != "project.xml"} == {
        name: data for name, data in before.items() if name != "project.xml"
    }
    assert set(after) - set(before) == {"audio/stem.wav"}
    assert added_lines(xml, DawProject.load(song).encode())
    assert not faults(read_xml(song))
    back = DawProject.load(song)
    assert [track.name for track in back.tracks] == ["Guitar", "New", "Bass"]
    assert (played(named(back, "Bass")) == noise(2, 1)).all()
    assert [marker.name for marker in back.markers] == ["Verse & <chorus>"]


def test_a_part_of_a_clip_is_replaced_and_kept_as_a_take(song: Path, tmp_path: Path) -> None:
    opened = DawProject.load(song)
    track = opened.tracks[0]
    heard = resolve_item(track, track.items[0], opened.tempo_map)
    files = [wav(tmp_path / f"{n}.wav", noise(1, 7 + n)) for n in range(2)]
    takes = [NewTake(f"new {n}", file) for n, file in enumerate(files)]
    (placed,) = opened.insert_parts(heard, [NewPart(3.0, 4.0, takes)])
    assert (placed.start_frame, placed.frames, placed.name) == (3 * RATE, RATE, "new 0")
    opened.save()
    back = DawProject.load(song)
    assert not faults(read_xml(song))
    left, middle, right = back.tracks[0].items
    assert [
        (item.start_frame, item.end_frame, item.muted, len(item.takes)) for item in (left, middle, right)
    ] == [
        (2 * RATE, 3 * RATE, False, 1),
        (3 * RATE, 4 * RATE, False, 3),
        (4 * RATE, 6 * RATE, False, 1),
    ]
    assert [item.take.offset_seconds for item in (left, right) if item.take] == pytest.approx([1.0, 3.0])
    assert sorted(take.name for take in middle.takes) == ["Riff", "new 0", "new 1"]
    assert next(take.offset_seconds for take in middle.takes if take.name == "Riff") == pytest.approx(2.0)
    assert (played(middle) == noise(1, 7)).all()
    # A further take in the place of the new one.
    again = wav(tmp_path / "again.wav", noise(1, 20))
    found = back.find_item(middle.guid)
    assert found is not None
    item = back.add_takes_like(found, [NewTake("again", again)])
    assert (item.name, len(item.takes)) == ("again", 4)
    back.save()
    assert not faults(read_xml(song))
    assert [len(item.takes) for item in DawProject.load(song).tracks[0].items] == [1, 4, 1]


def test_a_loop_is_not_split(tmp_path: Path) -> None:
    clip = CLIP.replace('playStart="1"', 'playStart="0" loopStart="0" loopEnd="1"')
    opened = DawProject.load(archive(tmp_path / "song.dawproject", project(clip)))
    track = opened.tracks[0]
    heard = resolve_item(track, track.items[0], opened.tempo_map)
    before = opened.encode()
    with pytest.raises(RequestError) as refused:
        opened.insert_parts(heard, [NewPart(3.0, 4.0, [NewTake("x", wav(tmp_path / "x.wav", noise(1)))])])
    assert refused.value.code == ErrorCode.INPUT_UNUSABLE
    assert opened.encode() == before


def test_backups_of_large_archives_are_fewer_and_restore_the_song(
    song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = song.stat().st_size
    monkeypatch.setattr(daw, "MOST_BACKUP_BYTES", 4 * size)
    yesterday = song.with_name("song.dawproject-bandmate-day-2020-01-01")
    yesterday.write_bytes(song.read_bytes())
    states = [song.read_bytes()]
    for number in range(5):
        opened = DawProject.load(song)
        opened.insert_markers([Marker(1, f"M{number}", RATE)])
        opened.save()
        states.append(song.read_bytes())
    backups = sorted(path for path in song.parent.iterdir() if "-bandmate-" in path.name)
    assert [path.name.removeprefix("song.dawproject-bandmate-")[:3] for path in backups] == [
        "bak",
        "day",
        "day",
    ]
    assert [path.read_bytes() for path in backups] == [states[-2], states[0], states[0]]
    restored = tmp_path / "restored.dawproject"
    backups[0].rename(restored)
    back = DawProject.load(restored)
    assert [marker.name for marker in back.markers] == ["M0", "M1", "M2", "M3"]
    assert (played(named(back, "Guitar")) == noise(8)).all()


def test_an_archive_that_changed_in_the_meantime_is_left_alone(song: Path) -> None:
    opened = DawProject.load(song)
    opened.insert_markers([Marker(1, "A", 0)])
    other = DawProject.load(song)
    other.insert_markers([Marker(1, "B", 0)])
    other.save()
    now = song.read_bytes()
    with pytest.raises(RequestError) as refused:
        opened.save()
    assert refused.value.code == ErrorCode.PROJECT_CHANGED
    assert song.read_bytes() == now
    assert not [path.name for path in song.parent.iterdir() if path.suffix == ".tmp"]


def test_a_project_of_nothing_takes_tracks_and_markers(tmp_path: Path) -> None:
    bare = '<Project version="1.0"><Application name="x" version="1"/></Project>'
    path = archive(tmp_path / "song.dawproject", bare)
    opened = DawProject.load(path)
    opened.insert_stems([NewStem("Bass", 0, RATE, [NewTake("Bass", wav(tmp_path / "b.wav", noise(1)))])])
    opened.insert_markers([Marker(1, "A", RATE)])
    opened.save()
    assert not faults(read_xml(path))
    back = DawProject.load(path)
    assert named(back, "Bass").frames == RATE
    assert back.markers[0].frame == RATE
