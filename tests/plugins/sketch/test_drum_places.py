"""Where a prompt wants a drum, and what a pattern plays: checked note by note."""

from __future__ import annotations

import pytest

from bandmate_plugins import LoadedEngine
from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.library.drum_keys import DRUM_PITCHES
from bandmate_plugins._engines.sketch.options import SketchOptions
from bandmate_plugins._engines.sketch.performance.writer import NoteWriter
from bandmate_plugins._engines.sketch.players.seats import planned_stems
from bandmate_plugins._engines.sketch.repaint.own import rebuild_piece
from bandmate_plugins._engines.sketch.sound.sampler import NoteCache
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from bandmate_plugins._tasks.repaint import SourceJob
from bandmate_protocol.errors import RequestError
from bandmate_protocol.messages import Note, TempoPoint, Timeline
from tests.plugins.sketch.conftest import Performance, perform, timeline

OWN = SketchOptions(sound="own")
RATE = 48_000
BEAT = RATE // 2
"""Frames, at 120 bpm."""


def bars(count: int, metre: tuple[int, int] = (4, 4), bpm: float = 120.0) -> Timeline:
    return timeline(count * metre[0] * 4 / metre[1] * 60 / bpm, bpm=bpm, metre=metre)


def play(engine: LoadedEngine, prompt: str, when: Timeline, pattern: str = "") -> Performance:
    return perform(engine, prompt, when, options=SketchOptions(sound="own", pattern=pattern))


def beats_of(notes: list[Note], bpm: float = 120.0) -> list[float]:
    """Quarters from the start, to the nearest hundredth."""
    return [round(note.start / RATE * bpm / 60, 2) for note in notes]


@pytest.mark.parametrize(
    ("place", "beats"),
    [
        ("on 2 and 4", [1, 3]),
        ("on two and four", [1, 3]),
        ("on the 2 & 4", [1, 3]),
        ("on beats 1 and 3", [0, 2]),
        ("on 1, 2 and 4", [0, 1, 3]),
        ("on beat 3", [2]),
        ("on the and of 4", [3.5]),
        ("on the backbeat", [1, 3]),
        ("on the downbeat", [0]),
        ("on the offbeats", [0.5, 1.5, 2.5, 3.5]),
        ("on every beat", [0, 1, 2, 3]),
        ("in quarter notes", [0, 1, 2, 3]),
        ("every other beat", [0, 2]),
        ("on every eighth", [n / 2 for n in range(8)]),
        ("on every 8th note", [n / 2 for n in range(8)]),
        ("in sixteenths", [n / 4 for n in range(16)]),
        ("16ths", [n / 4 for n in range(16)]),
        ("32nd notes", [n / 8 for n in range(32)]),
        ("in triplets", [round(n / 3, 2) for n in range(12)]),
    ],
)
def test_a_drum_is_where_the_prompt_says(engine: LoadedEngine, place: str, beats: list[float]) -> None:
    for prompt in (f"cowbell {place}", f"{place}: cowbell"):
        show = play(engine, prompt, bars(2))
        assert beats_of(show.notes[0]) == pytest.approx(
            [bar + beat for bar in (0, 4) for beat in beats], abs=0.011
        )
        assert {note.pitch for note in show.notes[0]} == {DRUM_PITCHES["cowbell"]}
        assert show.report["unknown_words"] == []


@pytest.mark.parametrize("bpm", [44.0, 120.0, 260.0])
def test_beats_are_those_of_the_metre_at_any_tempo(engine: LoadedEngine, bpm: float) -> None:
    """Slow bands feel eighths and fast ones half notes; the prompt's beats stay where they are."""
    for prompt in ("clap on 2 and 4", "clap on the backbeat"):
        show = play(engine, prompt, bars(2, bpm=bpm))
        assert beats_of(show.notes[0], bpm) == [1, 3, 5, 7]


@pytest.mark.parametrize(
    ("metre", "place", "quarters"),
    [
        ((3, 4), "on the backbeat", [1, 2]),
        ((3, 4), "on every beat", [0, 1, 2]),
        ((6, 8), "on every beat", [0, 1.5]),
        ((6, 8), "on 4", [1.5]),
        ((6, 8), "on every eighth", [0, 0.5, 1, 1.5, 2, 2.5]),
        ((6, 8), "on the offbeats", [1, 2.5]),
        ((12, 8), "on the backbeat", [1.5, 4.5]),
        ((7, 8), "on every beat", [0, 1, 2]),
        ((5, 4), "on 5", [4]),
    ],
)
def test_places_in_other_metres(
    engine: LoadedEngine, metre: tuple[int, int], place: str, quarters: list[float]
) -> None:
    show = play(engine, f"woodblock {place}", bars(2, metre))
    length = metre[0] * 4 / metre[1]
    assert beats_of(show.notes[0]) == [bar * length + at for bar in (0, 1) for at in quarters]


def test_swing_moves_the_offbeats_of_a_place(engine: LoadedEngine) -> None:
    show = play(engine, "jazz cowbell on the offbeats", bars(1))
    assert beats_of(show.notes[0]) == [0.64, 1.64, 2.64, 3.64]


@pytest.mark.parametrize(
    ("place", "wanted"),
    [
        ("every other bar", [1, 3]),
        ("on 1 every 2 bars", [1, 3]),
        ("every third bar", [1, 4]),
        ("from bar 3", [3, 4]),
        ("starting at bar 3", [3, 4]),
        ("after 2 bars", [3, 4]),
        ("until bar 2", [1, 2]),
        ("in bar 2", [2]),
        ("in bars 2 to 3", [2, 3]),
        ("from bar 2 to bar 3", [2, 3]),
        ("on 2 and 4 from bar 4", [4]),
        ("every bar", [1, 2, 3, 4]),
    ],
)
def test_a_drum_is_in_the_bars_that_the_prompt_says(
    engine: LoadedEngine, place: str, wanted: list[int]
) -> None:
    show = play(engine, f"crash {place}" if "on" not in place else f"clap {place}", bars(4))
    assert sorted({note.start // (4 * BEAT) + 1 for note in show.notes[0]}) == wanted


def test_a_bar_of_the_project_is_meant_where_the_range_has_no_such_bar(engine: LoadedEngine) -> None:
    when = Timeline(
        sample_rate=RATE, start_frame=8 * 4 * BEAT, end_frame=12 * 4 * BEAT,
        tempo=(TempoPoint(position=0.0, bpm=120.0),), bar=9,
    )  # fmt: skip
    for prompt in ("clap from bar 3", "clap from bar 11"):
        show = play(engine, prompt, when)
        assert {note.start // (4 * BEAT) for note in show.notes[0]} == {2, 3}, prompt


def test_each_drum_has_its_own_place(engine: LoadedEngine) -> None:
    show = play(engine, "kick on 1 and 3, clap on 2 and 4, offbeat hi-hats and a shaker", bars(1))
    found = {stem.name: beats_of(notes) for stem, notes in zip(show.stems, show.notes, strict=True)}
    assert found.pop("Shaker")
    assert found == {"Kick": [0, 2], "Claps": [1, 3], "Hi-hat": [0.5, 1.5, 2.5, 3.5]}


def test_drums_that_and_joins_share_a_place(engine: LoadedEngine) -> None:
    show = play(engine, "snare and claps on 2 and 4", bars(1))
    assert [beats_of(notes) for notes in show.notes] == [[1, 3], [1, 3]]


@pytest.mark.parametrize(
    ("prompt", "stem", "wanted"),
    [
        ("piano from bar 3", "Piano", [3, 4]),
        ("upright bass every other bar", "Upright bass", [1, 3]),
        ("rock band with drums from bar 3", "Drums", [3, 4]),
        ("rock band, drums and bass until bar 2", "Picked bass", [1, 2]),
    ],
)
def test_other_players_keep_to_the_bars_that_are_said(
    engine: LoadedEngine, prompt: str, stem: str, wanted: list[int]
) -> None:
    show = play(engine, prompt, bars(4))
    found = {one.name: notes for one, notes in zip(show.stems, show.notes, strict=True)}
    assert sorted({note.start // (4 * BEAT) + 1 for note in found[stem]}) == wanted
    assert show.report["unknown_words"] == []
    rest = [notes for name, notes in found.items() if name not in (stem, "Drums")]
    assert all(notes[0].start < 4 * BEAT for notes in rest)


def test_a_place_for_nobody_is_not_understood() -> None:
    wish = parse_prompt("piano on 2 and 4")
    assert wish.unknown == ["on 2 and 4"]
    assert wish.places == {}


@pytest.mark.parametrize(
    "prompt",
    ["bossa nova drums, four on the floor", "four on the floor dubstep", "trap with four on the floor"],
)
def test_four_on_the_floor_sets_the_kick_of_a_whole_kit(engine: LoadedEngine, prompt: str) -> None:
    for bpm in (56.0, 120.0):
        show = play(engine, prompt, bars(2, bpm=bpm))
        assert show.stems[0].name == "Drums"
        kicks = [note for note in show.notes[0] if note.pitch == DRUM_PITCHES["kick"]]
        # A style may play its drums a little late.
        assert beats_of(kicks, bpm) == pytest.approx(list(range(8)), abs=0.06)
        assert {note.pitch for note in show.notes[0]} - {DRUM_PITCHES["kick"]}


def test_a_place_in_a_kit_moves_one_drum_only(engine: LoadedEngine) -> None:
    plain = play(engine, "rock drums", bars(2))
    placed = play(engine, "rock drums with snare on 3", bars(2))
    snare = DRUM_PITCHES["snare"]
    assert beats_of([note for note in placed.notes[0] if note.pitch == snare]) == [2, 6]
    others = [
        [(note.start, note.pitch) for note in show.notes[0] if note.pitch not in (snare, DRUM_PITCHES["hat"])]
        for show in (plain, placed)
    ]
    assert others[0] == others[1]


@pytest.mark.parametrize(
    ("prompt", "stems"),
    [
        ("house with shaker", ["Drums", "Shaker", "Synth bass", "Drawbar organ", "Synth pluck"]),
        ("house shaker", ["Shaker"]),
        ("house, just a shaker", ["Shaker"]),
        ("funk guitar with congas", ["Congas", "Clean electric guitar"]),
        ("808 cowbell", ["Cowbell"]),
        ("808 and cowbell", ["808", "Cowbell"]),
        ("909 clap", ["Claps"]),
        ("four on the floor kick", ["Kick"]),
        ("just hi hats, nothing else", ["Hi-hat"]),
        ("hi-hat without open hats", ["Hi-hat"]),
        ("conga and cowbell without cowbell", ["Congas"]),
    ],
)
def test_who_plays(prompt: str, stems: list[str]) -> None:
    wish = parse_prompt(prompt)
    assert [title for title, _ in planned_stems(wish)] == stems
    assert wish.unknown == []


def test_a_kit_before_a_drum_says_which_one(engine: LoadedEngine) -> None:
    plain, eight = (play(engine, prompt, bars(1)) for prompt in ("cowbell", "808 cowbell"))
    assert plain.report["instruments"] != eight.report["instruments"] == ["eight"]
    assert (plain.audio(0) != eight.audio(0)).any()


PATTERN = "X--- x-o- --xx ---x"
STEPS = [step for step, letter in enumerate(library.strip_spacing(PATTERN)) if letter != "-"]


@pytest.mark.parametrize("bpm", [50.0, 120.0])
def test_a_pattern_is_played_step_by_step(engine: LoadedEngine, bpm: float) -> None:
    show = play(engine, "woodblock", bars(2, bpm=bpm), PATTERN)
    assert beats_of(show.notes[0], bpm) == [bar + step / 4 for bar in (0, 4) for step in STEPS]
    loud = [note.velocity for note in show.notes[0][: len(STEPS)]]
    assert loud[0] > loud[1] > loud[2]


def test_a_pattern_of_two_bars(engine: LoadedEngine) -> None:
    show = play(engine, "clap", bars(4), "x--- ---- ---- ---- | ---- ---- ---- --x-")
    assert beats_of(show.notes[0]) == [0, 7.5, 8, 15.5]


def test_a_line_for_each_drum(engine: LoadedEngine) -> None:
    show = play(
        engine,
        "kick",
        bars(1),
        "kick: x--- ---- x--- ----; snare: ---- x--- ---- x---\nhi hat: x-x- x-x- x-x- x-x-",
    )
    found = {stem.name: beats_of(notes) for stem, notes in zip(show.stems, show.notes, strict=True)}
    assert found == {"Kick": [0, 2], "Snare": [1, 3], "Hi-hat": [n / 2 for n in range(8)]}


def test_a_pattern_in_a_whole_kit_replaces_that_drum(engine: LoadedEngine) -> None:
    for prompt in ("rock drums", "rock drums and bass"):
        show = play(engine, prompt, bars(2), "kick: x--x ---- -xx- ----")
        kicks = [note for note in show.notes[0] if note.pitch == DRUM_PITCHES["kick"]]
        assert beats_of(kicks) == [bar + at for bar in (0, 4) for at in (0, 0.75, 2.25, 2.5)], prompt
        assert DRUM_PITCHES["snare"] in {note.pitch for note in show.notes[0]}


def test_a_repaint_knows_the_pattern_of_its_source(engine: LoadedEngine) -> None:
    when = bars(2)
    show = play(engine, "clap", when, PATTERN)
    source = SourceJob("clap", 1, when, "Claps", pattern=PATTERN)
    piece = rebuild_piece(source, "", when, NoteCache())
    assert piece is not None
    assert NoteWriter(piece.band, piece.music).write_until(when.frames) == show.notes


@pytest.mark.parametrize(
    ("prompt", "pattern", "sentence", "remedy"),
    [
        ("clap", "x--", "has 3 steps", "Write 16 steps"),
        ("clap", "x--- x--- x--- x--y", "no letter 'y'", "X for an accent"),
        ("kick and snare", PATTERN, "several drums, Kick, Snare", "a line for each"),
        ("piano", PATTERN, "Neither the prompt nor the pattern", "Name one"),
        ("clap", f"cowbel: {PATTERN}", "no drum 'cowbel'", "cowbell"),
        ("clap", f"zzzzqq: {PATTERN}", "no drum 'zzzzqq'", "such as `kick`"),
        ("clap", f"kick: {PATTERN}; bass drum: {PATTERN}", "two lines for 'Kick'", "one line for each"),
        ("clap from bar 9", "", "Claps: the range has no 'from bar 9'", "2 bars"),
        ("clap on 7", "", "Claps: the range has no 'on 7'", "4 beats"),
        ("piano from bar 7", "", "Piano: the range has no 'from bar 7'", "2 bars"),
    ],
)
def test_what_cannot_be_played_is_refused(
    engine: LoadedEngine, prompt: str, pattern: str, sentence: str, remedy: str
) -> None:
    with pytest.raises(RequestError) as caught:
        play(engine, prompt, bars(2), pattern)
    assert sentence in caught.value.sentence
    assert remedy in (caught.value.remedy or "")
