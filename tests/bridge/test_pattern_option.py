"""`--pattern` and drums by name on the real command line."""

from __future__ import annotations

from pathlib import Path

import mido

from tests.bridge.command_line import CommandLine


def strokes(path: Path) -> set[tuple[float, int]]:
    """Quarters and keys of the notes of a MIDI file."""
    midi = mido.MidiFile(path)
    found: set[tuple[float, int]] = set()
    for track in midi.tracks:
        ticks = 0
        for message in track:
            ticks += message.time
            if message.type == "note_on" and message.velocity:
                found.add((round(ticks / midi.ticks_per_beat, 2), message.note))
    return found


def test_a_pattern_is_played(bandmate: CommandLine) -> None:
    asked = ("--midi", "--bars", 1, "--bpm", 120, "--pattern")
    bandmate.good("generate", "tambourine", "-o", "a.wav", *asked, "x--- x--- x-x- x---")
    assert strokes(bandmate.folder / "a.mid") == {(at, 54) for at in (0, 1, 2, 2.5, 3)}
    bandmate.good("accompany", "a.wav", "claps", "-o", "b.wav", *asked[:1], *asked[3:], "---- x--- ---- x---")
    assert strokes(bandmate.folder / "b.mid") == {(at, 39) for at in (1, 3)}


def test_a_pattern_that_cannot_be_read_makes_nothing(bandmate: CommandLine) -> None:
    said = bandmate.refused("generate", "tambourine", "-o", "a.wav", "--pattern", "x--- x---")
    assert "has 8 steps" in said
    assert "Write 16 steps" in said


def test_single_drums_come_on_files_of_their_names(bandmate: CommandLine) -> None:
    bandmate.good(
        "generate", "kick on 1 and 3, claps on 2 and 4", "-o", "out/", "--midi", "--bars", 1, "--bpm", 120
    )
    names = {path.stem for path in (bandmate.folder / "out").iterdir()}
    assert {"Kick", "Claps"} <= names
    (notes,) = (bandmate.folder / "out").glob("*.mid")
    assert strokes(notes) == {(0, 36), (2, 36), (1, 39), (3, 39)}
