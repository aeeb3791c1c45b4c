"""Where a prompt wants somebody to rest, and places that list bars or name a last beat: checked note by note."""

from __future__ import annotations

import pytest

from bandmate_plugins import LoadedEngine
from bandmate_plugins._engines.sketch.library.drum_keys import DRUM_PITCHES
from bandmate_plugins._engines.sketch.options import SketchOptions
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from bandmate_protocol.errors import RequestError
from bandmate_protocol.messages import Note
from tests.plugins.sketch.conftest import Performance, perform, timeline

RATE = 48_000
BAR = 2 * RATE
"""Frames, at 120 bpm."""
HATS = {DRUM_PITCHES[name] for name in ("hat", "open", "pedal")}
KICK = {DRUM_PITCHES["kick"]}


def play(engine: LoadedEngine, prompt: str, bars: int = 4) -> Performance:
    return perform(engine, prompt, timeline(bars * 2.0, bpm=120.0), options=SketchOptions(sound="own"))


def bars_with(notes: list[Note], pitches: set[int] | None = None) -> list[int]:
    return sorted({note.start // BAR + 1 for note in notes if pitches is None or note.pitch in pitches})


def stem(show: Performance, role: str) -> list[Note]:
    return next(notes for one, notes in zip(show.stems, show.notes, strict=True) if one.role == role)


@pytest.mark.parametrize(
    ("prompt", "drums", "wanted"),
    [
        ("rock drums, no hats until bar 3", HATS, [3, 4]),
        ("rock drums with no hats until bar 3", HATS, [3, 4]),
        ("house drums without the kick in bar 1", KICK, [2, 3, 4]),
        ("house drums without the kick in bars 1 and 3", KICK, [2, 4]),
        ("house drums, no kick after bar 2", KICK, [1, 2]),
        ("house drums without a kick in the last bar", KICK, [1, 2, 3]),
        ("house drums, the kick not in bar 2", KICK, [1, 3, 4]),
        ("house drums, no kick every other bar", KICK, [2, 4]),
    ],
)
def test_a_negation_with_a_place_is_for_that_place(
    engine: LoadedEngine, prompt: str, drums: set[int], wanted: list[int]
) -> None:
    show = play(engine, prompt)
    assert [one.name for one in show.stems] == ["Drums"]
    assert bars_with(show.notes[0], drums) == wanted
    assert bars_with(show.notes[0]) == [1, 2, 3, 4]
    assert show.report["unknown_words"] == []


def test_a_drum_rests_on_beats(engine: LoadedEngine) -> None:
    kicks = [note for note in play(engine, "house drums, no kick on 1").notes[0] if note.pitch in KICK]
    assert sorted({round(note.start % BAR / RATE * 2) for note in kicks}) == [1, 2, 3]


@pytest.mark.parametrize(
    ("prompt", "role", "wanted"),
    [
        ("rock band, no bass until bar 3", "bass", [3, 4]),
        ("rock band without drums in bars 1-2", "drums", [3, 4]),
        ("drums and bass, drums but not in bar 2", "drums", [1, 3, 4]),
    ],
)
def test_a_part_rests_in_bars(engine: LoadedEngine, prompt: str, role: str, wanted: list[int]) -> None:
    assert bars_with(stem(play(engine, prompt), role)) == wanted


def test_who_follows_a_negated_place_plays() -> None:
    wish = parse_prompt("drums, not in bar 1, piano and bass")
    assert (wish.instruments, wish.parts, wish.without) == (["piano"], ["drums", "bass"], set())


def test_a_rest_beyond_the_range_is_refused(engine: LoadedEngine) -> None:
    with pytest.raises(RequestError, match="in bar 9"):
        play(engine, "rock drums without the kick in bar 9")


@pytest.mark.parametrize(
    ("prompt", "starts"),
    [
        ("crash on 1 of bar 1 and bar 3", [0, 8]),
        ("crash on 1 in bars 1 and 3", [0, 8]),
        ("clap on 2 in bars 1, 2 and 4", [1, 5, 13]),
        ("clap on 2 in bars 1 and 3-4", [1, 9, 13]),
        ("snare only on the last beat", [3, 7, 11, 15]),
        ("snare on the last two beats of every bar", [2, 3, 6, 7, 10, 11, 14, 15]),
        ("clap on the first and third beats", [0, 2, 4, 6, 8, 10, 12, 14]),
        ("clap on 2 in the last bar", [13]),
        ("clap on 2 in the first two bars", [1, 5]),
    ],
)
def test_a_drum_is_on_these_beats_of_these_bars(engine: LoadedEngine, prompt: str, starts: list[int]) -> None:
    show = play(engine, prompt)
    assert len(show.stems) == 1
    assert [round(note.start / RATE * 2, 2) for note in show.notes[0]] == starts
    assert show.report["unknown_words"] == []


def test_a_list_of_bars_ends_before_a_drum_computer() -> None:
    wish = parse_prompt("drums in bars 1-4, 808 bass")
    assert (wish.part_bars["drums"].first_bar, wish.part_bars["drums"].last_bar) == (1, 4)
    assert "808 bass" in wish.used
