"""Sessions as they are read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from bandmate_bridge.ardour.session import ArdourSession
from bandmate_bridge.projects import load_project
from bandmate_bridge.rpp import NewStem, NewTake, resolve_item
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import TempoPoint
from tests.bridge.ardour.sessions import RATE, SUPERCLOCKS, TEMPO, noise, region, session, write_session


def spans(file: Path) -> list[tuple[int, int, str]]:
    return [(item.start_frame, item.end_frame, item.name) for item in load_project(file).tracks[0].items]


def test_a_track_has_its_level_and_colour(tmp_path: Path) -> None:
    (track,) = load_project(write_session(tmp_path / "song", session())).tracks
    assert (track.name, track.colour) == ("Guitar", "#a2eabf")
    assert track.chunk.number("VOLPAN") == 0.5


def test_an_opaque_region_hides_what_lies_below(tmp_path: Path) -> None:
    lower, upper = region("Low"), region("High", 2.0, 1.0, layer=1, id_=61)
    assert spans(write_session(tmp_path / "song", session(lower + upper))) == [
        (0, 2 * RATE, "Low"),
        (2 * RATE, 3 * RATE, "High"),
        (3 * RATE, 12 * RATE, "Low"),
    ]


def test_a_transparent_or_muted_region_hides_nothing(tmp_path: Path) -> None:
    shown = 'muted="0" opaque="0"', 'muted="1" opaque="1"'
    upper = "".join(
        region(f"High {layer}", 2.0 * layer, 1.0, layer=layer, id_=60 + layer, more=more)
        for layer, more in enumerate(shown, 1)
    )
    found = spans(write_session(tmp_path / "song", session(region("Low") + upper)))
    assert (0, 12 * RATE, "Low") in found
    assert len(found) == 3


def test_regions_on_beats_follow_the_tempo(tmp_path: Path) -> None:
    length = f"b{1920 * 4}@b{1920 * 2}"
    file = write_session(tmp_path / "song", session(region(length=length), tempo=TEMPO.replace("120", "96")))
    assert spans(file) == [(60_000, 180_000, "Riff")]


def test_a_part_of_a_region_begins_in_its_file(tmp_path: Path) -> None:
    file = write_session(tmp_path / "song", session(region(start=1.0, seconds=2.0, offset=3.5)))
    (item,) = load_project(file).tracks[0].items
    assert item.take
    assert item.take.offset_seconds == 3.5


def test_marks_and_ranges_are_markers_and_regions(tmp_path: Path) -> None:
    places = (
        f'<Location id="71" name="Verse" start="a{SUPERCLOCKS}" end="a{SUPERCLOCKS}" flags="IsMark"/>'
        f'<Location id="72" name="Chorus" start="b3840" end="a{4 * SUPERCLOCKS}" flags="IsRangeMarker"/>'
        '<Location id="73" name="Loop" start="a0" end="a99" flags="IsAutoLoop,IsHidden"/>'
    )
    file = write_session(tmp_path / "song", session(locations=places))
    assert [(one.name, one.frame, one.end_frame) for one in load_project(file).markers] == [
        ("Verse", RATE, None),
        ("Chorus", RATE, 4 * RATE),
    ]


def test_a_session_without_a_master_takes_tracks_too(tmp_path: Path) -> None:
    project = ArdourSession.load(write_session(tmp_path / "song", session(master=False)))
    file = project.media_path("a", "b")
    soundfile.write(file, noise(1.0), RATE, subtype="FLOAT")
    (item,) = project.insert_stems([NewStem("Drums", 7, RATE, [NewTake("a", file)])])
    project.save()
    assert load_project(project.path).find_track("Drums").items[0].start_frame == item.start_frame == 7


def test_a_region_may_go_onto_a_track(tmp_path: Path) -> None:
    project = ArdourSession.load(write_session(tmp_path / "song", session()))
    takes = []
    for number in range(2):
        file = project.media_path("a", "b")
        soundfile.write(file, noise(1.0, number + 1), RATE, subtype="FLOAT")
        takes.append(NewTake(f"take {number}", file))
    project.insert_stems([NewStem("Drums", RATE, RATE, takes)], track=project.tracks[0])
    project.save()
    items = load_project(project.path).tracks[0].items
    assert [(item.start_frame, item.end_frame) for item in items] == [
        (0, RATE),
        (RATE, 2 * RATE),
        (2 * RATE, 12 * RATE),
    ]
    assert [take.name for take in items[1].takes] == ["take 0", "take 1"]


def test_audio_at_another_rate_is_refused(tmp_path: Path) -> None:
    project = ArdourSession.load(write_session(tmp_path / "song", session()))
    file = project.media_path("a", "b")
    soundfile.write(file, noise(1.0), 44_100, subtype="FLOAT")
    with pytest.raises(RequestError, match="44100 Hz"):
        project.insert_stems([NewStem("Drums", 0, RATE, [NewTake("a", file)])])


def test_its_tempo_is_left_to_ardour(tmp_path: Path) -> None:
    project = ArdourSession.load(write_session(tmp_path / "song", session()))
    with pytest.raises(RequestError, match="tempo map"):
        project.insert_tempo([TempoPoint(position=0.0, bpm=90.0)])


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "PCM_32", "DOUBLE", "PCM_U8"])
def test_two_files_are_joined_as_floats(tmp_path: Path, subtype: str) -> None:
    file = write_session(tmp_path / "song", session())
    audio = noise()
    for channel, path in enumerate(sorted(file.parent.glob("interchange/*/audiofiles/*.wav"))):
        soundfile.write(path, audio[:, channel], RATE, subtype=subtype)
    project = load_project(file)
    (item,) = project.tracks[0].items
    joined = soundfile.read(resolve_item(project.tracks[0], item, project.tempo_map).file, dtype="float32")[0]
    single = [
        soundfile.read(path, dtype="float32")[0]
        for path in sorted(file.parent.glob("interchange/*/audiofiles/*.wav"))
    ]
    assert np.array_equal(joined, np.stack(single, axis=1))


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        (session(version="6000"), "version 6000"),
        (session(version="none"), "version none"),
        (session(rate=0), "sample rate"),
        (session(tempo=""), "tempo map"),
        (session(tempo=TEMPO.replace('npm="120"', 'npm="0"')), "tempo map"),
        (session()[:1500], "cannot be read"),
        (session().replace("<Session ", '<!DOCTYPE a [<!ENTITY b "c">]>\n<Session '), "DOCTYPE"),
        ("<Project/>", "not an Ardour session"),
        ("", "cannot be read"),
    ],
)
def test_what_is_no_session_is_refused(tmp_path: Path, xml: str, said: str) -> None:
    file = tmp_path / "song.ardour"
    file.write_text(xml)
    with pytest.raises(RequestError, match=said) as refused:
        load_project(file)
    assert refused.value.code == ErrorCode.NOT_A_PROJECT
    assert file.read_text() == xml


def test_missing_audio_is_named(tmp_path: Path) -> None:
    file = write_session(tmp_path / "song", session())
    missing = next(file.parent.glob("interchange/*/audiofiles/*%R.wav"))
    missing.unlink()
    project = load_project(file)
    (track,) = project.tracks
    with pytest.raises(RequestError, match="which is missing"):
        resolve_item(track, track.items[0], project.tempo_map)
