"""Sessions that the real Ardour made, that Bandmate changed, and that other runs of Ardour open and export."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bandmate_bridge.ardour.session import ArdourSession
from bandmate_bridge.rpp import Marker, NewMidi, NewPart, NewStem, NewTake, resolve_item
from bandmate_protocol.messages import Note
from tests.ardour_programs import ATTEMPTS, ardour, ardour_environ, ardour_program

MADE, TOLD = (Path(__file__).with_name(name) for name in ("made.lua", "told.lua"))
RATE = 96_000
FADE = 128
"""Frames at the ends of a recording, where Ardour fades by itself."""
pytestmark = pytest.mark.timeout(ATTEMPTS * 1_500)

SUPERCLOCKS = 282_240_000
START, END, FIRST, LAST = 93.0, 140.0, 2, 6
"""From 93 to 140 quarters a minute between these quarters; then 7/8."""


def superclocks_of(bpm: float) -> int:
    return round(SUPERCLOCKS * 60 / bpm)


def ramp_at(quarters: float) -> int:
    """Superclocks of a quarter in the ramp, by integrating its tempo."""
    slope = (END - START) / (LAST - FIRST)
    minutes = FIRST / START + math.log((START + slope * (quarters - FIRST)) / START) / slope
    return round(minutes * 60 * SUPERCLOCKS)


def with_ramp(xml: str) -> str:
    """The session with a ramp of the tempo, and 7/8 behind it."""
    start, end = ramp_at(FIRST), ramp_at(LAST)
    omega = (1 / superclocks_of(END) - 1 / superclocks_of(START)) / (LAST - FIRST)
    tempos = [
        (START, START, "Constant", 0, 0, "1|1|0", 0.0),
        (START, END, "Ramped", start, FIRST, "1|3|0", omega),
        (END, END, "Constant", end, LAST, "2|3|0", 0.0),
    ]
    lines = "".join(
        f'<Tempo npm="{npm}" enpm="{enpm}" note-type="4" type="Tempo::{kind}" active="1" locked-to-meter="0" '
        f'continuing="0" sclock="{at}" quarters="{quarters}:0" bbt="{bbt}" omega="{slope!r}"/>'
        for npm, enpm, kind, at, quarters, bbt, slope in tempos
    )
    metres = (
        '<Meter note-value="4" divisions-per-bar="2" sclock="0" quarters="0:0" bbt="1|1|0"/>'
        f'<Meter note-value="8" divisions-per-bar="7" sclock="{end}" quarters="{LAST}:0" bbt="4|1|0"/>'
    )
    made = (
        f'<TempoMap superclocks-per-second="{SUPERCLOCKS}"><Tempos>{lines}</Tempos>'
        f"<Meters>{metres}</Meters><MusicTimes/></TempoMap>"
    )
    return re.sub(r"<TempoMap .*?</TempoMap>", lambda _: made, xml, flags=re.DOTALL)


def noise(frames: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.4, 0.4, (frames, 2)).astype(np.float32)


@dataclass
class Song:
    """A session after all of it, and what Ardour tells of it."""

    folder: Path
    recorded: np.ndarray
    audio: dict[str, np.ndarray]
    drums_at: int
    repainted: tuple[int, int]
    told: list[list[str]]
    exported: np.ndarray

    def told_of(self, kind: str) -> list[list[str]]:
        return [words[1:] for words in self.told if words[0] == kind]


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Song:
    lua, export = ardour_program("lua"), ardour_program("export")
    base = tmp_path_factory.mktemp("ardour")
    folder, told, heard = base / "song", base / "told.txt", base / "heard.wav"
    environ = ardour_environ(base) | {"SONG": str(folder), "TOLD": str(told)}
    ardour(lua, MADE, environ=environ, makes=folder)
    file = folder / "song.ardour"
    file.write_text(with_ramp(file.read_text()))
    recorded = np.stack(
        [
            soundfile.read(next(folder.glob(f"interchange/*/audiofiles/*%{side}.wav")), dtype="float32")[0]
            for side in "LR"
        ],
        axis=1,
    )
    audio, drums_at, repainted = change(file)
    ardour(lua, TOLD, environ=environ, makes=told)
    ardour(export, "-b", "float", "-s", RATE, "-o", heard, folder, "song", environ=environ, makes=heard)
    exported, rate = soundfile.read(heard, dtype="float32", always_2d=True)
    assert rate == RATE
    lines = [line.split("\t") for line in told.read_text().splitlines()]
    return Song(folder, recorded, audio, drums_at, repainted, lines, exported)


def change(file: Path) -> tuple[dict[str, np.ndarray], int, tuple[int, int]]:
    """Stems on new tracks, a repaint, notes and markers, in three saves."""
    project = ArdourSession.load(file)
    audio: dict[str, np.ndarray] = {}

    def take(name: str, frames: int) -> NewTake:
        audio[name] = noise(frames, len(audio))
        path = project.media_path("prompt", name)
        soundfile.write(path, audio[name], RATE, subtype="FLOAT")
        return NewTake(name, path)

    drums_at = project.position("4.1")
    project.insert_stems(
        [
            NewStem("Drums", drums_at, 200_000, [take("drums", 200_000), take("drums 2", 200_000)]),
            NewStem("Bass: ä/b & <c>", 50_001, 100_003, [take("bass", 100_003)], colour="#ff8800"),
        ],
        below=project.tracks[0],
    )
    project.save()
    project = ArdourSession.load(file)
    project.insert_midi(
        [NewMidi("Keys", 96_000, 96_000, [Note(start=0, frames=48_000, pitch=60, velocity=100)])]
    )
    project.insert_markers([Marker(0, "Verse", drums_at), Marker(0, "Chorus", 300_000, 400_000)])
    project.save()
    project = ArdourSession.load(file)
    band = project.tracks[0]
    first, last = project.position("1.2"), project.position("2.2")
    heard = resolve_item(band, band.items[0], project.tempo_map)
    takes = [take("fill", last - first), take("fill 2", last - first)]
    project.insert_parts(heard, [NewPart(first / RATE, last / RATE, takes)])
    project.save()
    return audio, drums_at, (first, last)


def test_ardour_counts_beats_as_we_do(song: Song) -> None:
    tempo = ArdourSession.load(song.folder / "song.ardour").tempo_map
    ours = [tempo.position_at(quarter) for quarter in range(25)]
    # Ardour cuts a time off to whole frames.
    assert [int(frame) for _, frame in song.told_of("quarter")] == pytest.approx(
        [frame - 0.5 for frame in ours], abs=1.01
    )
    assert song.drums_at == round(ramp_at(LAST) * RATE / SUPERCLOCKS)


def test_regions_lie_at_their_frames(song: Song) -> None:
    found = {words[1]: [int(one) for one in words[2:5]] for words in song.told_of("region")}
    first, last = song.repainted
    assert found["drums"] == [song.drums_at, 200_000, 0]
    assert found["bass"] == [50_001, 100_003, 0]
    assert found["fill"] == [first, last - first, 0]
    start, frames, _ = found["Keys"]
    assert (start, frames) == pytest.approx((96_000, 96_000), abs=RATE * 60 / 93 / 1920)


def test_the_export_is_all_of_it_sample_by_sample(song: Song) -> None:
    first, last = song.repainted
    wanted = np.zeros((max(song.drums_at + 200_000, len(song.recorded)), 2), np.float32)
    wanted[: len(song.recorded)] += song.recorded
    wanted[first:last] = song.audio["fill"]
    wanted[50_001:150_004] += song.audio["bass"]
    wanted[song.drums_at : song.drums_at + 200_000] += song.audio["drums"]
    heard = song.exported
    assert len(heard) == len(wanted)
    ends = np.r_[0:FADE, len(song.recorded) - FADE : len(song.recorded)]
    heard[ends], wanted[ends] = 0, 0
    assert np.abs(heard - wanted).max() <= 1e-7


def test_takes_are_playlists_of_the_track(song: Song) -> None:
    found: dict[str, set[str]] = {}
    for track, playlist in song.told_of("playlist"):
        found.setdefault(track, set()).add(playlist)
    assert found["Band"] == {"Band", "Band.2", "Band.3"}
    assert found["Drums"] == {"Drums", "Drums.2"}
    assert dict(song.told_of("track"))["Band"] == "Band.2"


def test_places_and_tracks_have_their_names(song: Song) -> None:
    assert [track for track, _ in song.told_of("track")][:4] == ["Band", "Drums", "Bass ä b & <c>", "Keys"]
    places = {name: (int(start), int(end)) for name, start, end in song.told_of("place")}
    assert places["Verse"][0] == song.drums_at
    assert places["Chorus"] == (300_000, 400_000)
    assert places["session"][1] >= song.drums_at + 200_000


def test_what_ardour_saved_again_reads_the_same(song: Song) -> None:
    project = ArdourSession.load(song.folder / "song.ardour")
    first, last = song.repainted
    assert [(item.start_frame, item.end_frame, len(item.takes)) for item in project.tracks[0].items] == [
        (0, first, 1),
        (first, last, 3),
        (last, len(song.recorded), 1),
    ]
    assert [len(track.items) for track in project.tracks] == [3, 1, 1, 1]
    assert len(project.find_track("Drums").items[0].takes) == 2
    keys = project.find_track("Keys")
    (note,) = project.played_notes(keys, keys.items[0])
    assert (project.tempo_map.position_at(note.start), note.pitch) == (pytest.approx(96_000, abs=40), 60)
    assert song.folder.joinpath("song.ardour-bandmate-bak3").is_file()


def test_stereo_of_two_files_is_heard_as_one(song: Song) -> None:
    project = ArdourSession.load(song.folder / "song.ardour")
    band = project.tracks[0]
    heard = resolve_item(band, band.items[0], project.tempo_map)
    assert np.array_equal(soundfile.read(heard.file, dtype="float32")[0], song.recorded)
