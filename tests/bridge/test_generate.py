"""`bandmate generate` and `redo`: real processes, a real server, files read back by others."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest
import soundfile

from bandmate_bridge.rpp import Project
from tests.bridge.command_line import CommandLine, snapshot


def read(path: Path) -> tuple[np.ndarray, int]:
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    assert np.isfinite(samples).all()
    assert np.abs(samples).max() > 0.01
    return samples, rate


def test_a_mix_as_a_file(bandmate: CommandLine) -> None:
    done = bandmate.good(
        "generate",
        "dusty lo-fi drums",
        "-o",
        "out.wav",
        "--bpm",
        120,
        "--metre",
        "4/4",
        "--key",
        "A minor",
        "--bars",
        2,
    )
    samples, rate = read(bandmate.folder / "out.wav")
    assert (samples.shape, rate) == ((4 * 48_000, 2), 48_000)
    assert done.out.splitlines()[0] == "out.wav"
    assert "redo" in done.out
    assert list(snapshot(bandmate.folder)) == ["out.wav"]


def test_the_prompts_own_tempo_rules_where_none_was_given(bandmate: CommandLine) -> None:
    bandmate.good("generate", "150 bpm waltz piano", "-o", "out.wav", "--bars", 4)
    samples, _ = read(bandmate.folder / "out.wav")
    assert len(samples) == round(4 * 3 * 60 / 150 * 48_000)


def test_the_same_seed_gives_the_same_file(bandmate: CommandLine) -> None:
    for name in ("a.wav", "b.wav"):
        bandmate.good("generate", "funk bass", "-o", name, "--bars", 1, "--seed", 7)
    bandmate.good("generate", "funk bass", "-o", "c.wav", "--bars", 1, "--seed", 8)
    first, second, third = ((bandmate.folder / f"{name}.wav").read_bytes() for name in "abc")
    assert first == second != third


def test_stems_and_notes_in_a_folder(bandmate: CommandLine) -> None:
    bandmate.good(
        "generate", "funk band", "-o", "stems/", "--beats", 6, "--rate", 44_100, "--midi", "--bpm", 100
    )
    folder = bandmate.folder / "stems"
    stems = sorted(folder.glob("*.wav"))
    assert len(stems) > 1
    for stem in stems:
        assert read(stem)[0].shape[0] == round(6 * 0.6 * 44_100)
    notes = mido.MidiFile(folder / "notes.mid")
    assert len(notes.tracks) == len(stems) + 1
    assert {track.name for track in notes.tracks[1:]} == {stem.stem for stem in stems}


def test_variations_are_files_of_their_own(bandmate: CommandLine) -> None:
    bandmate.good("generate", "rock drums", "-o", "out.wav", "--variations", 2, "--bars", 1, "--midi")
    assert sorted(snapshot(bandmate.folder)) == ["out-1.mid", "out-1.wav", "out-2.mid", "out-2.wav"]
    assert (bandmate.folder / "out-1.wav").read_bytes() != (bandmate.folder / "out-2.wav").read_bytes()


def test_an_existing_file_is_replaced_only_when_asked(bandmate: CommandLine) -> None:
    (bandmate.folder / "out.wav").write_bytes(b"mine")
    said = bandmate.refused("generate", "drums", "-o", "out.wav", "--bars", 1)
    assert "--force" in said
    bandmate.good("generate", "drums", "-o", "out.wav", "--bars", 1, "--force")
    read(bandmate.folder / "out.wav")


def test_tracks_in_a_project(bandmate: CommandLine, song: Path) -> None:
    before = song.read_text()
    done = bandmate.good("generate", "warm funk band", "--into", song, "--at", "9.1", "--bars", 3)
    project = Project.load(song)
    folder, *tracks = project.tracks[3:]
    assert folder.is_folder
    assert folder.name == "warm funk band"
    assert len(tracks) > 1
    line = project.range("9.1", bars=3)
    for track in tracks:
        (item,) = track.items
        assert (item.start_frame, item.frames) == (line.start_frame, line.frames)
        assert item.take is not None
        assert item.take.source is not None
        assert item.take.source.file is not None
        samples, rate = soundfile.read(item.take.source.file)
        assert (len(samples), rate) == (line.frames, 44_100)
        assert track.colour is not None
        assert track.depth == 1
    assert song.with_name("song.rpp-bandmate-bak").read_text() == before
    assert "at 9.1" in done.out


def test_without_a_length_it_is_eight_bars(bandmate: CommandLine, song: Path) -> None:
    bandmate.good("generate", "bass", "--into", song, "--at", "9.1")
    project = Project.load(song)
    assert project.tracks[-1].items[0].frames == project.range("9.1", bars=8).frames


def test_a_mix_on_a_track_that_is_there(bandmate: CommandLine, song: Path) -> None:
    bandmate.good("generate", "funk band", "--into", song, "--at", "2s", "--seconds", 2, "--track", "guitar")
    project = Project.load(song)
    assert len(project.tracks) == 3
    assert [item.start_frame for item in project.tracks[0].items] == [0, 88_200]


def test_variations_are_takes_and_redo_adds_one(bandmate: CommandLine, song: Path) -> None:
    bandmate.good("generate", "upright bass", "--into", song, "--at", "1.1", "--bars", 1, "--variations", 2)
    bandmate.good("redo")
    (item,) = Project.load(song).tracks[-1].items
    assert len(item.takes) == 3
    assert [take.chosen for take in item.takes] == [False, False, True]
    assert len({take.source.file for take in item.takes if take.source}) == 3


def test_a_redo_whose_item_is_gone_makes_a_new_track(bandmate: CommandLine, song: Path) -> None:
    before = song.read_bytes()
    bandmate.good("generate", "upright bass", "--into", song, "--at", "1.1", "--bars", 1)
    song.write_bytes(before)
    bandmate.good("redo")
    assert len(Project.load(song).tracks) == 4


def test_midi_items_in_a_project(bandmate: CommandLine, song: Path) -> None:
    bandmate.good("generate", "upright bass", "--into", song, "--at", "9.1", "--bars", 2, "--midi")
    audio, notes = Project.load(song).tracks[3:]
    assert notes.name == f"{audio.name} MIDI"
    assert notes.items[0].take is not None
    assert notes.items[0].take.source is not None
    assert notes.items[0].take.source.kind == "MIDI"


def test_every_part_of_a_band_has_its_notes_in_the_project(bandmate: CommandLine, song: Path) -> None:
    bandmate.good("generate", "funk band", "--into", song, "--at", "9.1", "--bars", 2, "--midi")
    named = {track.name: track.items for track in Project.load(song).tracks[3:] if not track.is_folder}
    parts = [name for name in named if not name.endswith(" MIDI")]
    assert len(parts) == 4
    assert set(named) == {*parts, *(f"{part} MIDI" for part in parts)}
    for part in parts:
        (audio,), (notes,) = named[part], named[f"{part} MIDI"]
        assert notes.take is not None
        assert notes.take.source is not None
        assert notes.take.source.kind == "MIDI"
        assert (notes.start_frame, notes.frames) == (audio.start_frame, audio.frames)


def test_redo_makes_a_file_beside_the_old(bandmate: CommandLine) -> None:
    bandmate.good("generate", "drums", "-o", "out.wav", "--bars", 1, "--seed", 3)
    bandmate.good("redo", "--seed", 3)
    bandmate.good("redo")
    first, same, other = (bandmate.folder / name for name in ("out.wav", "out-2.wav", "out-3.wav"))
    assert first.read_bytes() == same.read_bytes() != other.read_bytes()


def test_audio_to_listen_to_goes_up(bandmate: CommandLine) -> None:
    soft = np.random.default_rng(1).uniform(-0.01, 0.01, (96_000, 2)).astype("float32")
    soundfile.write(bandmate.folder / "soft.wav", soft, 48_000, subtype="FLOAT")
    for name, options in (("with.wav", ("--context", "soft.wav")), ("without.wav", ())):
        bandmate.good("generate", "drums", "-o", name, "--seconds", 2, "--bpm", 120, "--seed", 1, *options)
    quiet, loud = (np.abs(read(bandmate.folder / name)[0]).max() for name in ("with.wav", "without.wav"))
    assert quiet < loud / 2


def test_in_a_project_it_goes_with_what_plays_there(bandmate: CommandLine, song: Path) -> None:
    def made(*options: object) -> tuple[str, dict[str, Any]]:
        run = ("generate", "upright bass", "--into", song, "--at", "3.1", "--bars", 4, "--seed", 1)
        told = bandmate.good(*run, *options).out
        (job, *_) = json.loads(bandmate.good("jobs", "--json", "--most", 1).out)
        return told, job

    empty, job = made()
    assert "chosen for the style" in empty
    assert "inputs" not in job
    song.write_bytes(song.with_name("song.rpp-bandmate-bak").read_bytes())
    chords = ("generate", "piano chords", "--into", song, "--at", "1.1", "--bars", 8, "--key", "E major")
    bandmate.good(*chords, "--seed", 1)
    filled = song.read_bytes()
    told, job = made()
    assert "The key is E major, detected in the audio around it." in told
    assert [each["role"] for each in job["inputs"]] == ["context"]
    assert "match_loudness" not in job["params"]
    song.write_bytes(filled)
    alone, job = made("--alone")
    own = ("beyond the last item", "is kept as")
    chosen = [line for line in empty.splitlines() if not any(words in line for words in own)]
    assert alone.splitlines()[1:3] == chosen[1:3]
    assert "inputs" not in job
    song.write_bytes(filled.replace(b"MUTESOLO 0", b"MUTESOLO 1"))
    _, job = made()
    assert "inputs" not in job


@pytest.mark.parametrize("option", [("-o", "out.wav"), ("-o", "stems/"), ()])
def test_playing_without_a_player_is_refused_before_any_work(
    bandmate: CommandLine, option: tuple[str, ...]
) -> None:
    run = ("generate", "drums", *option, "--bars", 1, "--play")
    said = bandmate.refused(*run, PATH=str(bandmate.folder))
    assert "no player" in said
    assert "aplay" in said
    assert "without --play" in said


def test_what_the_prompt_decided_is_told_and_what_was_said_is_not(bandmate: CommandLine) -> None:
    told = bandmate.good("generate", "slow waltz piano in A minor", "-o", "a.wav", "--bars", 1).out
    (chosen,) = [line for line in told.splitlines() if "Chosen automatically" in line]
    assert re.fullmatch(r"  Chosen automatically: \d+ bpm, 3/4, A minor.", chosen)
    said = ("--bpm", 90, "--metre", "3/4", "--key", "A minor", "--bars", 1)
    told = bandmate.good("generate", "waltz piano", "-o", "b.wav", *said).out
    assert "Chosen automatically" not in told
    assert "The key is A minor.\n" in told
    assert "key" not in bandmate.good("generate", "waltz drums", "-o", "c.wav", *said).out


def test_playing_hands_over_the_mix_of_the_stems(bandmate: CommandLine, tmp_path: Path) -> None:
    player = tmp_path / "bin" / "aplay"
    player.parent.mkdir()
    player.write_text(f'#!/bin/sh\nexec /bin/cp "$2" {tmp_path}/heard.wav\n')
    player.chmod(0o755)
    bandmate.good("generate", "funk band", "-o", "stems/", "--bars", 1, "--play", PATH=str(player.parent))
    heard, _ = read(tmp_path / "heard.wav")
    stems = [read(path)[0] for path in sorted((bandmate.folder / "stems").glob("*.wav"))]
    np.testing.assert_allclose(heard, sum(stems), atol=1e-6)


def test_try_only_plays(bandmate: CommandLine, tmp_path: Path) -> None:
    player = tmp_path / "bin" / "aplay"
    player.parent.mkdir()
    player.write_text(f'#!/bin/sh\nexec /bin/cp "$2" {tmp_path}/heard.wav\n')
    player.chmod(0o755)
    before = snapshot(bandmate.folder)
    said = bandmate.good("try", "funk", "drums", "--bars", 1, "--bpm", 120, PATH=str(player.parent)).out
    heard, rate = read(tmp_path / "heard.wav")
    assert len(heard) == 2 * rate
    assert "Understood: funk, drums." in said
    assert snapshot(bandmate.folder) == before
    assert "no player" in bandmate.refused("try", "funk", PATH=str(tmp_path))


def test_a_player_without_a_sound_device_is_told_of(bandmate: CommandLine, tmp_path: Path) -> None:
    """ffplay ends with 0 where it has no device; a message that is not about devices does not count."""
    player = tmp_path / "bin" / "ffplay"
    player.parent.mkdir()
    words = ("try", "funk", "drums", "--bars", 1, "--bpm", 120)
    for says, refused in (("No more combinations to try, audio open failed", True), ("late frame", False)):
        player.write_text(f"#!/bin/sh\necho '{says}' >&2\nexit 0\n")
        player.chmod(0o755)
        if refused:
            error = bandmate.refused(*words, PATH=str(player.parent))
            assert "ffplay found no sound device" in error
            assert "-o file.wav" in error
        else:
            bandmate.good(*words, PATH=str(player.parent))


def test_stems_of_one_name_are_numbered_from_two(bandmate: CommandLine) -> None:
    bandmate.good("generate", "funk band, two brass sections", "-o", "stems/", "--bars", 1, "--bpm", 120)
    names = {path.name for path in (bandmate.folder / "stems").glob("*.wav")}
    assert {"Brass section.wav", "Brass section 2.wav"} <= names
    assert len(names) == 5


def test_ctrl_c_leaves_nothing_and_cancels(bandmate: CommandLine) -> None:
    import signal

    process = bandmate.start("generate", "rock band", "-o", "out.wav", "--seconds", 1200, "--bpm", 100)
    assert process.stderr is not None
    for line in process.stderr:
        if "Playing" in line:
            break
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert snapshot(bandmate.folder) == {}
    assert '"cancelled"' in bandmate.good("jobs", "--most", 1, "--json").out


def test_a_killed_command_leaves_nothing_with_a_name(bandmate: CommandLine) -> None:
    process = bandmate.start("generate", "rock band", "-o", "out.wav", "--seconds", 600, "--bpm", 100)
    assert process.stderr is not None
    for line in process.stderr:
        if "Playing" in line:
            break
    process.kill()
    process.communicate(timeout=60)
    assert [name for name in snapshot(bandmate.folder) if not name.startswith(".bandmate-")] == []


def test_new_tracks_have_names_that_the_project_does_not(bandmate: CommandLine, song: Path) -> None:
    def added(*words: object) -> list[str]:
        before = {track.guid for track in Project.load(song).tracks}
        bandmate.good(*words, "--into", song, "--at", "1.1", "--bars", 1)
        return [track.name for track in Project.load(song).tracks if track.guid not in before]

    assert added("generate", "rock drums") == ["Drums"]
    assert added("generate", "rock drums", "--midi") == ["Rock drums", "Rock drums MIDI"]
    assert added("generate", "rock drums") == ["Drums 2"]
    assert added("generate", "rock drums and bass") == ["rock drums and bass", "Drums 3", "Picked bass"]
    assert added("generate", "rock drums and bass") == ["rock drums and bass 2", "Drums 4", "Picked bass 2"]
    names = [track.name.casefold() for track in Project.load(song).tracks[3:]]
    assert len(set(names)) == len(names)
    bandmate.good("extend", "--into", song, "--track", "rock drums and bass 2/drums 4", "--after", 1)
