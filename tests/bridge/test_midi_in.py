"""`--midi-in`, `--midi-track` and `--midi-as` on the real command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import soundfile

from bandmate_bridge.client import Client
from bandmate_bridge.rpp import Marker, Project
from tests.bridge.command_line import CommandLine
from tests.bridge.midi_files import BEAT, CHORDS, TUNE, Played, conductor, midi_notes, note_track, write_midi
from tests.bridge.project.written import WrittenItem, written_project
from tests.bridge.test_watch import invoke, wait_for_tracks
from tests.running import RunningServer

RATE = 48_000


def rounded(notes: list[Played]) -> list[tuple[float, ...]]:
    return sorted((round(start, 2), round(end, 2), pitch, velocity) for start, end, pitch, velocity in notes)


def midi_source(notes: list[Played], pedal: bool = False) -> list[str]:
    """A source of REAPER's with these notes, 960 ticks a quarter."""
    events = [(0.0, 0, "b0 40 7f")] if pedal else []
    for start, end, pitch, velocity in notes:
        events.append((start, 2, f"90 {pitch:02x} {velocity:02x}"))
        events.append((end, 1, f"80 {pitch:02x} 00"))
    lines, now = [], 0
    for at, _, text in sorted(events):
        tick = round(at * 960)
        lines.append(f"  E {tick - now} {text}")
        now = tick
    return ["<SOURCE MIDI", "  HASDATA 1 960 QN", *lines, "  E 480 b0 7b 00", ">"]


def song_of(bandmate: CommandLine, **tracks: WrittenItem) -> Path:
    path = bandmate.folder / "song.rpp"
    path.write_text(written_project({name: [item] for name, item in tracks.items()}))
    return path


def test_notes_of_a_file_are_played_in_its_tempo_and_come_back(bandmate: CommandLine) -> None:
    part = write_midi(bandmate.folder / "part.mid", conductor(((0, 96),)), note_track(TUNE, "Tune"))
    said = bandmate.good("generate", "electric piano", "--midi-in", part, "-o", "out.wav", "--midi").out
    assert "The tempo and the metre are those of part.mid." in said
    assert "Tune (8 notes) by the electric piano" in said
    assert rounded(midi_notes(bandmate.folder / "out.mid")["Mix"]) == rounded(TUNE)
    assert soundfile.info(bandmate.folder / "out.wav").frames == 8 * 60 * RATE // 96


def test_given_tempo_metre_and_length_decide(bandmate: CommandLine) -> None:
    part = write_midi(bandmate.folder / "part.mid", conductor(((0, 96),)), note_track(TUNE, "Tune"))
    asked = (
        "generate",
        "piano",
        "--midi-in",
        part,
        "-o",
        "out.wav",
        "--midi",
        "--bpm",
        150,
        "--metre",
        "3/4",
    )
    said = bandmate.good(*asked, "--bars", 2).out
    assert "those of part.mid" not in said
    assert "Left out, as they begin outside the range: 2 of 8 notes of part.mid." in said
    assert soundfile.info(bandmate.folder / "out.wav").frames == 6 * 60 * RATE // 150
    assert rounded(midi_notes(bandmate.folder / "out.mid")["Mix"]) == rounded(TUNE[:6])
    longer = bandmate.good(*asked, "--bars", 4, "--force")
    assert "Left out" not in longer.out
    assert soundfile.info(bandmate.folder / "out.wav").frames == 12 * 60 * RATE // 150


def test_without_a_tempo_the_prompt_decides(bandmate: CommandLine) -> None:
    part = write_midi(bandmate.folder / "part.mid", note_track(TUNE, "Tune"))
    said = bandmate.good("generate", "piano 150 bpm", "--midi-in", part, "-o", "out.wav").out
    assert "part.mid has no tempo. Chosen automatically: 150 bpm" in said
    assert soundfile.info(bandmate.folder / "out.wav").frames == 8 * 60 * RATE // 150


def test_tracks_become_files_of_their_names_and_one_can_be_chosen(bandmate: CommandLine) -> None:
    part = write_midi(
        bandmate.folder / "song.mid",
        conductor(),
        note_track(TUNE, "Tune"),
        note_track(BEAT, "Beat", channel=9),
    )
    bandmate.good("generate", "jazz trumpet", "--midi-in", part, "-o", "parts/", "--midi")
    assert {path.name for path in (bandmate.folder / "parts").glob("*.wav")} == {"Tune.wav", "Beat.wav"}
    notes = midi_notes(bandmate.folder / "parts" / "notes.mid")
    assert rounded(notes["Beat"]) == rounded(BEAT)
    asked = ("generate", "jazz trumpet", "--midi-in", part, "--midi-track", "tune", "-o", "one/")
    bandmate.good(*asked)
    assert [path.name for path in (bandmate.folder / "one").glob("*.wav")] == ["Tune.wav"]


def test_a_band_plays_around_chords_of_a_file(bandmate: CommandLine) -> None:
    part = write_midi(bandmate.folder / "part.mid", conductor(), note_track(CHORDS, "Keys"))
    said = bandmate.good(
        "generate", "rock band", "--midi-in", part, "--midi-as", "chords", "-o", "out/", "--midi"
    ).out
    assert "Chords: 1 Am, 2 F, 3 C, 4 G, then again." in said
    notes = midi_notes(bandmate.folder / "out" / "notes.mid")
    assert rounded(notes["Keys"]) == rounded(CHORDS)
    bass = notes["Picked bass"]
    for bar, root in enumerate([9, 5, 0, 7] * 2):
        assert min(note for note in bass if note[0] >= 4 * bar - 0.1)[2] % 12 == root, bar


def test_a_redo_plays_the_notes_again_and_json_tells_of_them(bandmate: CommandLine) -> None:
    part = write_midi(bandmate.folder / "part.mid", conductor(), note_track(TUNE, "Tune"))
    told = json.loads(
        bandmate.good("generate", "piano", "--midi-in", part, "-o", "out.wav", "--midi", "--json").out
    )
    (result,) = told["jobs"]
    assert not result["seed_used"]
    assert result["report"]["given_notes"] == [{"part": "Tune", "sound": "piano", "notes": 8}]
    assert result["report"]["notes_as"] == "only"
    part.unlink()
    bandmate.good("redo", result["job"])
    first, again = sorted(bandmate.folder.glob("out*.wav"))
    assert first.read_bytes() == again.read_bytes()


def test_what_was_made_of_notes_can_be_extended_and_repainted(bandmate: CommandLine) -> None:
    part = write_midi(bandmate.folder / "part.mid", conductor(), note_track(CHORDS, "Keys"))
    bandmate.good("generate", "piano", "--midi-in", part, "-o", "out.wav")
    bandmate.good("extend", "out.wav", "--after", 2, "-o", "longer.wav")
    assert soundfile.info(bandmate.folder / "longer.wav").frames >= 10 * 4 * 60 * RATE // 96 - 1
    bandmate.good("repaint", "out.wav", "--from", "3.1", "--to", "5.1", "-o", "new.wav")


def test_notes_beside_a_song_are_in_its_tempo(bandmate: CommandLine) -> None:
    bandmate.good("generate", "rock drums and bass", "-o", "song.wav", "--bpm", 125, "--bars", 8, "--seed", 1)
    part = write_midi(bandmate.folder / "part.mid", conductor(((0, 96),)), note_track(TUNE, "Tune"))
    said = bandmate.good(
        "generate", "flute", "--midi-in", part, "--context", "song.wav", "-o", "out.wav", "--midi"
    ).out
    assert "The tempo and the metre are those of song.wav: 125 bpm" in said
    assert soundfile.info(bandmate.folder / "out.wav").frames == 8 * 60 * RATE // 125
    assert rounded(midi_notes(bandmate.folder / "out.mid")["Mix"]) == rounded(TUNE)


def test_variations_of_exact_notes_are_said_to_be_the_same(bandmate: CommandLine) -> None:
    part = write_midi(bandmate.folder / "part.mid", conductor(), note_track(TUNE, "Tune"))
    asked = ("generate", "piano", "--midi-in", part, "--variations", 2, "-o")
    assert "all variations are the same" in bandmate.good(*asked, "out.wav").out
    one, two = sorted(bandmate.folder.glob("out*.wav"))
    assert one.read_bytes() == two.read_bytes()
    assert "the same" not in bandmate.good(*asked, "loose.wav", "--humanise").out
    one, two = sorted(bandmate.folder.glob("loose*.wav"))
    assert one.read_bytes() != two.read_bytes()


def test_notes_of_a_file_begin_at_the_place_in_a_project(bandmate: CommandLine) -> None:
    song = song_of(bandmate, Keys=WrittenItem(length=2, source=midi_source([(0, 1, 60, 90)])))
    part = write_midi(bandmate.folder / "part.mid", conductor(((0, 200),)), note_track(TUNE, "Tune"))
    bandmate.good("generate", "flute", "--midi-in", part, "--into", song, "--at", "5.1", "--midi")
    project = Project.load(song)
    played = [
        note
        for track in project.tracks[1:]
        for item in track.items
        for note in project.played_notes(track, item)
    ]
    assert rounded(
        [(note.start - 16, note.end - 16, note.pitch, note.velocity) for note in played]
    ) == rounded(TUNE)


def test_midi_items_of_a_track_are_played_where_they_are(bandmate: CommandLine) -> None:
    item = WrittenItem(position=4, length=4, source=midi_source(TUNE))
    song = song_of(bandmate, Keys=item, Other=WrittenItem(length=2, source=midi_source(BEAT)))
    said = bandmate.good("generate", "flute", "--into", song, "--midi-track", "Keys", "--midi").out
    assert "(8 notes) by the flute" in said
    project = Project.load(song)
    played = [
        note
        for track in project.tracks[2:]
        for one in track.items
        for note in project.played_notes(track, one)
    ]
    assert rounded([(note.start - 8, note.end - 8, note.pitch, note.velocity) for note in played]) == rounded(
        TUNE
    )


def test_a_surface_plays_the_selected_midi_item_of_a_watched_project(
    bandmate: CommandLine, server: RunningServer
) -> None:
    item = WrittenItem(position=4, length=4, lines=["SEL 1"], source=midi_source(TUNE))
    song = song_of(bandmate, Keys=item)
    process = bandmate.start("watch", song, "--at", "1.1", "--bars", 1, PYTHONUNBUFFERED="1")
    try:
        assert process.stdout is not None
        assert "Watching" in process.stdout.readline()
        with Client.connect(server.address, token=server.token, role="surface") as surface:
            answer = invoke(surface, "", params={"prompt": "flute", "notes": "only"})
            assert answer.job is not None, answer.sentence
            wait_for_tracks(song, 2)
            timeline = surface.job(answer.job).timeline
            assert timeline is not None
            assert [note.pitch for note in timeline.parts[0].notes] == [note[2] for note in TUNE]
            assert timeline.start_frame == 4 * timeline.sample_rate
    finally:
        process.kill()
        process.communicate()


def test_notes_fill_a_section_of_the_project(bandmate: CommandLine) -> None:
    song = song_of(bandmate, Keys=WrittenItem(position=0, length=16, source=midi_source(TUNE)))
    project = Project.load(song)
    project.insert_markers([Marker(0, "Verse", 4 * 44_100, 6 * 44_100)])
    project.save()
    part = write_midi(bandmate.folder / "part.mid", conductor(), note_track(TUNE, "Tune"))
    said = bandmate.good(
        "generate", "flute", "--midi-in", part, "--into", song, "--section", "verse", "--midi"
    ).out
    assert "Left out, as they begin outside the range: 4 of 8 notes of part.mid." in said
    project = Project.load(song)
    played = [
        note
        for track in project.tracks[1:]
        for item in track.items
        for note in project.played_notes(track, item)
    ]
    assert [(round(note.start, 2), note.pitch) for note in played] == [
        (8 + at, TUNE[at][2]) for at in range(4)
    ]


def test_the_pedal_of_an_item_holds_its_notes(bandmate: CommandLine) -> None:
    notes: list[Played] = [(0, 0.5, 60, 90), (1, 1.5, 64, 90)]
    song = song_of(bandmate, Keys=WrittenItem(position=0, length=4, source=midi_source(notes, pedal=True)))
    bandmate.good(
        "generate", "piano", "--into", song, "--midi-track", "Keys", "--midi", "--bars", 2, "--at", "1.1"
    )
    project = Project.load(song)
    played = [
        note
        for track in project.tracks[1:]
        for one in track.items
        for note in project.played_notes(track, one)
    ]
    assert {note.pitch for note in played} == {60, 64}
    assert all(note.end >= 1.9 for note in played)


@pytest.mark.parametrize(
    ("options", "sentence", "code"),
    [
        (("--midi-in", "gone.mid"), "There is no file gone.mid", 1),
        (("--midi-in", "text.mid"), "text.mid is not a MIDI file", 1),
        (("--midi-in", "part.mid", "--midi-track", "Flute"), "part.mid has no track named 'Flute'", 1),
        (("--midi-in", "part.mid", "--midi-as", "melody"), "only one can be the melody: Tune, Beat", 1),
        (("--midi-in", "part.mid", "--engine", "acestep"), "acestep", 1),
        (("--midi-track", "Keys"), "--midi-track needs --midi-in", 2),
        (("--midi-as", "bass"), "--midi-as needs notes", 2),
        (("--humanise",), "--humanise needs notes", 2),
    ],
)
def test_what_cannot_be_played_makes_nothing(
    bandmate: CommandLine, options: tuple[str, ...], sentence: str, code: int
) -> None:
    write_midi(bandmate.folder / "part.mid", note_track(TUNE, "Tune"), note_track(BEAT, "Beat", channel=9))
    (bandmate.folder / "text.mid").write_text("no MIDI")
    assert sentence in bandmate.refused("generate", "pop", "-o", "out.wav", *options, code=code)


def test_a_track_without_midi_items_leaves_the_project_as_it_was(bandmate: CommandLine) -> None:
    song = song_of(bandmate, Keys=WrittenItem(length=2, source=midi_source([])), Empty=WrittenItem())
    asked = ("generate", "flute", "--into", song, "--midi-track")
    assert "The track Empty has no MIDI items" in bandmate.refused(*asked, "Empty")
    assert "no notes that sound" in bandmate.refused(*asked, "Keys")
    assert "no track named 'Bass'" in bandmate.refused(*asked, "Bass")


def test_several_files_are_several_parts(bandmate: CommandLine) -> None:
    low = [(at * 2.0, at * 2.0 + 1.5, pitch, 90) for at, pitch in enumerate((45, 41, 48, 43))]
    tune = write_midi(bandmate.folder / "tune.mid", conductor(((0, 96),)), note_track(TUNE, "Tune"))
    bass = write_midi(bandmate.folder / "bass.mid", note_track(low, "Low"))
    both = ("--midi-in", tune, "--midi-in", bass)
    bandmate.good("generate", "violin, cello", *both, "-o", "duo/", "--midi")
    played = midi_notes(bandmate.folder / "duo" / "notes.mid")
    assert {name: rounded(notes) for name, notes in played.items()} == {
        "Tune": rounded(TUNE), "Low": rounded(low)
    }  # fmt: skip
    uses = ("--midi-as", "melody", "--midi-as", "bass")
    bandmate.good("generate", "jazz", *both, *uses, "-o", "band/", "--midi")
    played = midi_notes(bandmate.folder / "band" / "notes.mid")
    assert set(played) == {"Drums", "Low", "Piano", "Tune"}
    assert (rounded(played["Low"]), rounded(played["Tune"])) == (rounded(low), rounded(TUNE))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--midi-as", "melody"), "2 files are given, and --midi-as only for 1 of them."),
        (("--midi-as", "melody", "--midi-as", "melody"), "Two of the files have the same --midi-as."),
        (("--midi-as", "only", "--midi-as", "bass"), "--midi-as only plays nothing else."),
        (("--midi-track", "1"), "--midi-track goes with one --midi-in."),
        (("--midi-as", "bass", "--midi-as", "drums", "--midi-as", "chords"), "Give --midi-as once for each"),
    ],
)
def test_uses_that_do_not_fit_the_files_are_refused(
    bandmate: CommandLine, options: tuple[str, ...], said: str
) -> None:
    asked = ("generate", "jazz", "--midi-in", "a.mid", "--midi-in", "b.mid", *options, "-o", "out/")
    assert said in " ".join(bandmate.refused(*asked, code=2).split())


def test_a_backing_for_notes(bandmate: CommandLine) -> None:
    part = write_midi(bandmate.folder / "part.mid", conductor(((0, 96),)), note_track(CHORDS, "Keys"))
    done = bandmate.good("accompany", "jazz trio", "--midi-in", part, "-o", "band/")
    assert "The band plays along with your 24 notes" in done.out
    written = {path.stem for path in (bandmate.folder / "band").glob("*.wav")}
    assert written == {"Drums", "Upright bass", "Piano"}
    song = song_of(bandmate, Keys=WrittenItem(length=16, source=midi_source(CHORDS)))
    bandmate.good("accompany", "upright bass", "--into", song, "--midi-track", "Keys")
    assert Project.load(song).tracks[-1].items[0].start_frame == 0
    places = ("--from", "1s", "--to", "2s", "-o", "x/")
    said = bandmate.refused("accompany", "bass", "--midi-in", part, *places, code=2)
    assert "give the place with --at or --section" in " ".join(said.split())
