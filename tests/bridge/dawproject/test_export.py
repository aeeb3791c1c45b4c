"""`bandmate export`: a REAPER project as a DAWproject and back, to the frame."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bandmate_bridge.export.whole_project import ExportedProject, export_project
from bandmate_bridge.projects import load_project
from bandmate_bridge.rpp import Item, Marker, NewMidi, NewText, Project, Track, new_project
from bandmate_bridge.rpp.fader_envelopes import envelope_points
from bandmate_bridge.rpp.faders import playing_gain
from bandmate_bridge.rpp.track_routing import plays_into_folder, read_sends
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Note, TempoPoint
from tests.bridge.ardour.sessions import region, session, write_session
from tests.bridge.command_line import CommandLine, snapshot
from tests.bridge.dawproject.archives import archive, audio, project, read_xml
from tests.bridge.dawproject.schema import faults
from tests.bridge.dawproject.test_round_trip import TEMPI, tempo_points

RATES = (44_100, 48_000, 96_000)
FILE_SECONDS = 3


def noise_file(path: Path, rate: int, seed: int = 0) -> Path:
    samples = np.random.default_rng(seed).uniform(-0.5, 0.5, (FILE_SECONDS * rate, 2)).astype(np.float32)
    soundfile.write(path, samples, rate, subtype="FLOAT")
    return path


@dataclass
class DrawnItem:
    start: int
    frames: int
    skip: int
    fade_in: float = 0.0
    fade_out: float = 0.0
    muted: bool = False
    volume: float = 1.0
    pan: float = 0.0
    rate: float = 1.0
    keeps_pitch: bool = True
    semitones: int = 0
    loops: bool = False
    takes: int = 1

    def lines(self, rate: int) -> list[str]:
        length = self.frames / rate
        lines = [
            "<ITEM",
            f"  POSITION {self.start / rate!r}",
            f"  LENGTH {length!r}",
            f"  LOOP {int(self.loops)}",
            f"  FADEIN 1 {min(self.fade_in, length)!r} 0",
            f"  FADEOUT 1 {min(self.fade_out, length)!r} 0",
            f"  MUTE {int(self.muted)} 0",
        ]
        for number in range(self.takes):
            lines += ["  TAKE"] if number else []
            level = f"{self.pan} {self.volume} -1"
            lines += [
                f"  NAME take{number}",
                f"  VOLPAN 1 {level}" if not number else f"  TAKEVOLPAN {level}",
                f"  SOFFS {self.skip / rate!r}",
                f"  PLAYRATE {self.rate} {int(self.keeps_pitch)} {self.semitones} -1 0 0.0025",
                f"  GUID {{CCCCCCCC-0000-4000-8000-00000000000{number}}}",
                "  <SOURCE WAVE",
                f'    FILE "{"ab"[number % 2]}.wav"',
                "  >",
            ]
        return [*lines, ">"]


ITEMS = st.builds(
    DrawnItem,
    start=st.integers(0, 1_000_000),
    frames=st.integers(100, 200_000),
    skip=st.integers(0, 40_000),
    fade_in=st.sampled_from([0.0, 0.01, 0.5]),
    fade_out=st.sampled_from([0.0, 0.02, 1.0]),
    volume=st.sampled_from([1.0, 0.25, 1.5]),
    pan=st.sampled_from([0.0, -1.0, 0.3]),
    rate=st.sampled_from([1.0, 1.0, 0.8, 1.25]),
    keeps_pitch=st.booleans(),
    semitones=st.sampled_from([0, 0, -3, 7]),
    loops=st.booleans(),
    takes=st.integers(1, 3),
)


@dataclass
class DrawnTrack:
    name: str
    bus: str = "0 0"
    items: list[DrawnItem] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def text(self, rate: int) -> list[str]:
        inside = [f'NAME "{self.name}"', f"ISBUS {self.bus}", *self.lines]
        inside += [line for item in self.items for line in item.lines(rate)]
        return ["<TRACK", *(f"  {line}" for line in inside), ">"]


def write_song(
    path: Path,
    rate: int,
    tracks: list[DrawnTrack],
    tempo: Sequence[TempoPoint] = (TempoPoint(position=0.0, bpm=120.0),),
) -> Project:
    song = new_project(path, sample_rate=rate, tempo=tempo)
    text = song.encode().decode().rstrip().removesuffix(">")
    lines = [f"  {line}" for track in tracks for line in track.text(rate)]
    path.write_text(text + "\n".join([*lines, ">", ""]))
    return Project.load(path)


def there(song: Project) -> ExportedProject:
    """The project as a DAWproject."""
    made = export_project(song.path, song.path.with_suffix(".dawproject"))
    assert not faults(read_xml(made.path))
    return made


def there_and_back(song: Project) -> tuple[Project, Project]:
    """The project as a DAWproject, and that as a project of REAPER again."""
    folder = song.path.parent
    there(song)
    (folder / "back").mkdir()
    export_project(folder / "song.dawproject", folder / "back" / "song.rpp")
    return load_project(folder / "song.dawproject"), Project.load(folder / "back" / "song.rpp")


def heard(item: Item, loop_seconds: float | None = None) -> tuple[object, ...]:
    """What is heard of an item: places in whole frames, the rest to a microsecond.

    ``loop_seconds``: of its source; where in it a loop begins counts from there.
    """
    take = item.take
    assert take
    assert take.source
    assert take.source.file
    offset = take.offset_seconds + take.source.section_start_seconds
    return (
        item.start_frame,
        item.end_frame,
        item.muted,
        near(item.fade_in_seconds),
        near(item.fade_out_seconds),
        near(offset % loop_seconds if loop_seconds else offset),
        near(take.play_rate),
        take.preserve_pitch or take.play_rate == 1,
        take.pitch_semitones,
        near(playing_gain(item)),
        take.source.file.name,
    )


def near(value: float) -> object:
    return pytest.approx(value, abs=1e-6)


def plain(sound: tuple[object, ...]) -> tuple[object, ...]:
    """With numbers that are compared by the other side's measure."""
    return tuple(getattr(one, "expected", one) for one in sound)


def all_heard(track: Track, loop_seconds: float | None = None) -> list[tuple[object, ...]]:
    return [heard(item, loop_seconds) for item in track.items]


@settings(max_examples=25, deadline=None, phases=tuple(Phase)[:3])
@given(st.sampled_from(RATES), TEMPI, st.lists(ITEMS, min_size=1, max_size=4))
def test_items_come_back_to_the_frame(
    rate: int, drawn: list[tuple[int, float, bool, tuple[int, int]]], items: list[DrawnItem]
) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for number, name in enumerate("ab"):
            noise_file(folder / f"{name}.wav", rate, number)
        points = tempo_points(drawn)
        song = write_song(
            folder / "song.rpp",
            rate,
            [DrawnTrack(f"T{n}", items=[one]) for n, one in enumerate(items)],
            points,
        )
        between, back = there_and_back(song)
        assert between.sample_rate == back.sample_rate == rate
        for made in (between, back):
            for frame in range(0, 30 * rate, rate // 3):
                quarters = song.tempo_map.quarters_at(frame)
                assert abs(made.tempo_map.position_at(quarters) - frame) < 0.5
                assert made.tempo_map.metre_at(frame) == song.tempo_map.metre_at(frame)
            for before, track in zip(song.tracks, made.tracks, strict=True):
                assert [plain(one) for one in all_heard(track, FILE_SECONDS)] == all_heard(
                    before, FILE_SECONDS
                )
                (old,), (new,) = before.items, track.items
                assert sorted(take.name for take in new.takes) == sorted(take.name for take in old.takes)
        for item in back.tracks[0].items:
            assert item.take
            assert item.take.source
            assert item.take.source.file
            assert item.take.source.file.read_bytes() == (folder / "a.wav").read_bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, name in enumerate("ab"):
        noise_file(tmp_path / f"{name}.wav", 48_000, number)
    return tmp_path


ITEM = DrawnItem(48_000, 48_000, 0)


def test_folders_faders_sends_and_automation_come_back(folder: Path) -> None:
    envelope = ["<VOLENV2", "  ACT 1 -1", "  PT 0 0.5 0", "  PT 2 1 1", "  PT 4 0.25 1", ">"]
    effects = ["<FXCHAIN", "  <VST x", "  >", ">"]
    tracks = [
        DrawnTrack("Band", "1 1", lines=["VOLPAN 0.5 -0.25 -1 -1 1", "PEAKCOL 23136448"]),
        DrawnTrack("Drums", "1 1", lines=["MUTESOLO 1 0 0"]),
        DrawnTrack("Kick", "2 -1", [ITEM], ["AUTOMODE 1", *envelope]),
        DrawnTrack("Bass", "2 -1", [ITEM], ["MUTESOLO 0 1 0"]),
        DrawnTrack("Keys", items=[ITEM], lines=["MAINSEND 0 0"]),
        DrawnTrack(
            "Reverb",
            lines=["AUXRECV 3 0 0.7 0.25 0", "AUXRECV 2 3 0.5 0 0", *effects],
        ),
        DrawnTrack("Bus", lines=["AUXRECV 4 0 1 0 0"]),
    ]
    song = write_song(folder / "song.rpp", 48_000, tracks)
    song.path.write_text(song.path.read_text().replace("MASTER_VOLUME 1 0", "MASTER_VOLUME 0.8 0"))
    made = there(song)
    assert made.said[1:] == ["Left out: effects and instruments (1)."]
    _, back = there_and_back_of(song, made)
    for old, new in zip(song.tracks, back.tracks, strict=True):
        assert (new.name, new.colour, new.depth, new.is_folder) == (
            old.name,
            old.colour,
            old.depth,
            old.is_folder,
        )
        assert new.muted == old.muted
        assert new.chunk.line("VOLPAN")[:2] == [*old.chunk.line("VOLPAN"), "1", "0"][:2]
        assert new.chunk.integer("MUTESOLO", 1) == old.chunk.integer("MUTESOLO", 1)
        assert plays_into_folder(new.chunk) == plays_into_folder(old.chunk)
        assert envelope_points(new.chunk.chunk("VOLENV2")) == envelope_points(old.chunk.chunk("VOLENV2"))
    assert sorted(map(str, read_sends(back.tracks))) == sorted(map(str, read_sends(song.tracks)))


def there_and_back_of(song: Project, made: ExportedProject) -> tuple[Project, Project]:
    (song.path.parent / "back").mkdir()
    export_project(made.path, song.path.parent / "back" / "song.rpp")
    return load_project(made.path), Project.load(song.path.parent / "back" / "song.rpp")


@pytest.mark.parametrize("fade", [0.5, 0.2])
def test_items_that_overlap_stay_where_they_are(folder: Path, fade: float) -> None:
    first = DrawnItem(0, 48_000, 0, fade_out=0.5)
    second = DrawnItem(24_000, 48_000, 4_800, fade_in=fade)
    third = DrawnItem(30_000, 48_000, 0, takes=2)
    song = write_song(folder / "song.rpp", 48_000, [DrawnTrack("T", items=[first, second, third])])
    between, back = there_and_back(song)
    for made in (between, back):
        assert [plain(one) for one in all_heard(made.tracks[0])] == all_heard(song.tracks[0])
    # A crossfade of the format begins before its clip, on the same timeline.
    crossed = [
        clip.get("fadeInTime") for clip in read_xml(between.path).iter("Clip") if clip.get("fadeInTime")
    ]
    assert ("-0.5" in crossed) == (fade == 0.5)


def test_notes_markers_and_words_come_over(folder: Path) -> None:
    points = tempo_points([(48_000, 100.0, True, (7, 8)), (96_000, 140.0, False, (3, 4))])
    song = new_project(folder / "song.rpp", sample_rate=48_000, tempo=points)
    notes = [Note(start=at * 10_000, frames=5_000, pitch=60 + at, velocity=90, channel=at) for at in range(4)]
    song.insert_midi([NewMidi("Keys", 12_345, 96_000, notes)])
    song.insert_texts("Lyrics", [NewText("Hello\nworld", 48_000, 24_000)])
    song.insert_markers([Marker(1, "Verse <1>", 48_000), Marker(2, "Chorus", 96_000, 192_000, "#102030")])
    song.save()
    made = there(song)
    assert made.said[0] == "song.dawproject: 2 tracks, 2 items, 2 markers, 2 tempo points."
    assert made.said[1:] == ["Changed, because the formats differ: regions are markers where they begin (1)."]
    between, back = there_and_back_of(song, made)
    for found in (between, back):
        assert [(one.name, one.frame, one.colour) for one in found.markers] == [
            ("Verse <1>", 48_000, None),
            ("Chorus", 96_000, "#102030"),
        ]
        (played,), (text,) = (track.items for track in found.tracks)
        assert (text.name, text.start_frame, text.frames) == ("Hello / world", 48_000, 24_000)
        old = song.played_notes(song.tracks[0], song.tracks[0].items[0])
        new = found.played_notes(found.tracks[0], played)
        assert [(one.pitch, one.velocity, one.channel) for one in new] == [
            (one.pitch, one.velocity, one.channel) for one in old
        ]
        for one, was in zip(new, old, strict=True):
            assert one.start == pytest.approx(was.start, abs=1 / 1_900)
            assert one.end == pytest.approx(was.end, abs=1 / 1_900)


def test_what_the_format_cannot_hold_is_named(folder: Path) -> None:
    reversed_section = [
        "<SOURCE SECTION",
        "  LENGTH 2",
        "  MODE 2",
        "  <SOURCE WAVE",
        '    FILE "a.wav"',
        "  >",
        ">",
    ]
    lines = [
        "<ITEM", "  POSITION 0", "  LENGTH 1", "  ALLTAKES 1", "  NAME x", "  CHANMODE 2", "  VOLPAN 1 0 -0.5 -1",
        "  GUID {A}", "  <SOURCE WAVE", '    FILE "gone.wav"', "  >", "  <TAKEFX", "  >", "  SM 0 0 + 1 1.1",
        "  TAKE", "  GUID {B}", "  <SOURCE WAVE", '    FILE "a.wav"', "  >", ">",
        "<ITEM", "  POSITION 2", "  LENGTH 1", "  GUID {C}", *(f"  {line}" for line in reversed_section), ">",
        "<ITEM", "  POSITION 4", "  LENGTH 1", "  GUID {D}", "  <SOURCE VIDEO", '    FILE "a.wav"', "  >", ">",
        "<ITEM", "  POSITION 6", "  LENGTH 1", "  GUID {E}", "  <SOURCE WAVE", '    FILE "song.rpp"', "  >", ">",
        "<ITEM", "  POSITION 8", "  LENGTH 1", "  GUID {F}", "  <SOURCE CLICK", "  >", ">",
    ]  # fmt: skip
    song = write_song(folder / "song.rpp", 48_000, [DrawnTrack("T", lines=lines)])
    made = there(song)
    assert made.said == [
        "song.dawproject: 1 track, 1 item, 0 markers, 1 tempo point.",
        "Changed, because the formats differ: items mixed to mono play all channels (1), items that play all their "
        "takes play one (1), items whose file is missing name it where it was (1), items with inverted polarity play "
        "upright (1).",
        "Left out: effects of takes (1), items of the kind CLICK (1), items whose file is no audio (1), reversed items "
        "(1), stretch markers of takes (1), videos (1).",
    ]
    (item,) = load_project(made.path).tracks[0].items
    assert item.take
    assert item.take.source
    assert item.take.source.file == folder / "gone.wav"


def test_a_flac_file_goes_as_it_is(folder: Path) -> None:
    soundfile.write(folder / "c.flac", np.zeros((48_000, 1), np.float32), 48_000)
    song = write_song(folder / "song.rpp", 48_000, [DrawnTrack("T", items=[ITEM])])
    song.path.write_text(song.path.read_text().replace("WAVE", "FLAC").replace("a.wav", "c.flac"))
    between, back = there_and_back(song)
    audio = next(read_xml(between.path).iter("Audio"))
    assert (audio.get("channels"), audio.get("sampleRate"), audio.get("duration")) == ("1", "48000", "1")
    (item,) = back.tracks[0].items
    assert item.take
    assert item.take.source
    assert item.take.source.file
    assert item.take.source.file.read_bytes() == (folder / "c.flac").read_bytes()


def damaged(path: Path) -> Path:
    """An archive whose second file of audio cannot be unpacked."""
    clips = f'<Clip time="0" duration="4">{audio()}</Clip><Clip time="4" duration="4">{audio("audio/b.wav")}</Clip>'
    archive(path, project(clips), more={"audio/b.wav": bytes(range(256)) * 40})
    data = bytearray(path.read_bytes())
    at = data.index(b"audio/b.wav") + 11
    data[at + 8 : at + 24] = bytes(16)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("source", "target", "code", "words"),
    [
        ("song.rpp", "copy.rpp", ErrorCode.FILE_UNUSABLE, "-o copy.dawproject"),
        ("daw.dawproject", "copy.dawproject", ErrorCode.FILE_UNUSABLE, "-o copy.rpp"),
        ("song.rpp", "song.wav", ErrorCode.FILE_UNUSABLE, "-o song.dawproject"),
        ("song.rpp", "daw.dawproject", ErrorCode.FILE_EXISTS, "--force"),
        ("song.rpp", "none/x.dawproject", ErrorCode.FILE_UNUSABLE, "does not exist"),
        ("none.rpp", "x.dawproject", ErrorCode.FILE_UNUSABLE, "does not exist"),
        ("a.wav", "x.dawproject", ErrorCode.NOT_A_PROJECT, "Give the .rpp file"),
        ("new.dawproject", "x.rpp", ErrorCode.NOT_A_PROJECT, "version 2.0"),
        ("bad.dawproject", "x.rpp", ErrorCode.NOT_A_PROJECT, "audio/b.wav cannot be unpacked"),
    ],
)
def test_what_is_refused_leaves_nothing_behind(
    folder: Path, monkeypatch: pytest.MonkeyPatch, source: str, target: str, code: ErrorCode, words: str
) -> None:
    monkeypatch.chdir(folder)
    write_song(folder / "song.rpp", 48_000, [DrawnTrack("T", items=[ITEM])])
    archive(folder / "daw.dawproject", project())
    archive(folder / "new.dawproject", project(version="2.0"))
    damaged(folder / "bad.dawproject")
    before = snapshot(folder)
    with pytest.raises(RequestError, match=re.escape(words)) as refused:
        export_project(Path(source), Path(target))
    assert refused.value.code == code
    assert snapshot(folder) == before


def test_the_command_says_what_it_wrote_and_keeps_what_it_replaced(folder: Path) -> None:
    song = write_song(folder / "song.rpp", 48_000, [DrawnTrack("T", items=[ITEM])])
    bandmate = CommandLine(folder / "home", folder)
    assert (
        "song.dawproject: 1 track, 1 item"
        in bandmate.good("export", "--into", song.path, "-o", "song.dawproject").out
    )
    before = (folder / "song.dawproject").read_bytes()
    done = bandmate.good("export", "--into", song.path, "-o", "song.dawproject", "--force", "--json")
    assert json.loads(done.out)["project"] == str(folder / "song.dawproject")
    assert (folder / "song.dawproject-bandmate-bak").read_bytes() == before


def test_an_ardour_session_becomes_a_dawproject(tmp_path: Path) -> None:
    song = load_project(write_session(tmp_path / "song", session(region(start=1.0, seconds=2.0, offset=3.5))))
    made = export_project(song.path, tmp_path / "song.dawproject")
    assert made.said[0] == "song.dawproject: 1 track, 1 item, 0 markers, 1 tempo point."
    assert not faults(read_xml(made.path))
    (track,) = load_project(made.path).tracks
    (item,), (was,) = track.items, song.tracks[0].items
    assert (item.start_frame, item.frames) == (was.start_frame, was.frames)
    assert item.take
    assert item.take.offset_seconds == 3.5
    for target, words in (("song.rpp", "-o song.dawproject"), ("copy.ardour", "-o copy.dawproject")):
        with pytest.raises(RequestError, match=words):
            export_project(song.path, Path(target))


@pytest.mark.parametrize("bpm", [61.7, 97.3, 123.5])
def test_a_loop_stays_one_item_whatever_floats_make_of_its_start(folder: Path, bpm: float) -> None:
    loop = DrawnItem(777, 144_214, 319, rate=1.25, semitones=7, volume=0.25, loops=True)
    tempo = [TempoPoint(position=0.0, bpm=bpm)]
    song = write_song(folder / "song.rpp", 48_000, [DrawnTrack("T", items=[loop])], tempo)
    for made in there_and_back(song):
        assert [item.loops for item in made.tracks[0].items] == [True]
