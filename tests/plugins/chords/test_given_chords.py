"""The parameter `chords`: what the embedded band plays is what was given, in every bar, and is said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.performance.writer import NoteWriter
from bandmate_plugins._engines.sketch.players.band import assemble_band
from bandmate_plugins._engines.sketch.words import decisions
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from bandmate_plugins._engines.sketch.words.suggestion import suggest_for_prompt
from bandmate_plugins._tasks.accompany import AccompanyTask
from bandmate_plugins._tasks.cover import CoverTask
from bandmate_plugins._tasks.generate import GenerateTask
from bandmate_plugins._tasks.repaint import RepaintTask, SourceJob
from bandmate_plugins._theory.chord_chart import read_chord_chart
from bandmate_plugins._theory.chords import Chord, read_chord
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_plugins._theory.placed_chords import place_given_chart
from bandmate_plugins.testing import MemoryInput, TaskResult, make_timeline, run_task
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import ChordMark, Note, TempoPoint, Timeline
from bandmate_protocol.tempo import TempoMap, nearest_frame
from tests.plugins.cover.pieces import RATE, known, perform, shared, tones

RAMP = [
    TempoPoint(position=0.0, bpm=80.0, shape="linear"),
    TempoPoint(position=16.0 * RATE, bpm=150.0),
]
WALTZ = [TempoPoint(position=0.0, bpm=120.0, numerator=3)]


def ranged(points: list[TempoPoint], seconds: float, start: float = 0.0) -> Timeline:
    first = nearest_frame(start * RATE)
    return TempoMap(points, RATE).timeline_between(first, first + nearest_frame(seconds * RATE))


def generated(
    chords: str, timeline: Timeline, prompt: str = "upright bass and piano", seed: int = 1
) -> TaskResult:
    return run_task(
        GenerateTask(), {"prompt": prompt, "chords": chords}, timeline=timeline, engine=shared(), seed=seed
    )


def expected_chords(chords: str, timeline: Timeline) -> list[tuple[int, int, Chord | None]]:
    """Start, end and chord of each bar of a chart with one chord a bar."""
    music = MusicalRange.from_timeline(timeline)
    symbols = [bar[0] for bar in read_chord_chart(chords).letter_bars(None)]
    return [
        (nearest_frame(bar.start), nearest_frame(min(bar.end, timeline.end_frame)), read_chord(symbol or "N"))
        for bar, symbol in zip(
            music.tempo.bars(timeline.start_frame, timeline.end_frame), symbols * 100, strict=False
        )
    ]


def notes_from(notes: tuple[Note, ...], start: int, end: int, timeline: Timeline) -> list[Note]:
    slack = round(0.03 * timeline.sample_rate)
    origin = timeline.start_frame
    return [note for note in notes if start - slack <= note.start + origin < end - slack]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    ("chords", "timeline"),
    [
        ("Am F C G", make_timeline(12, bpm=112, sample_rate=RATE)),
        ("Dm7 G7 Cmaj7 A7b9", make_timeline(8, bpm=140, sample_rate=RATE)),
        ("C/E F#dim Bb6 Eb+ N.C.", make_timeline(10, bpm=100, sample_rate=RATE)),
        ("Ebm9 Ab13 Dbmaj7#11 Gø7", ranged(RAMP, 15.0)),
        ("Am F C G", ranged(WALTZ, 12.0, start=3.0)),
    ],
)
def test_every_bar_has_its_chord(chords: str, timeline: Timeline, seed: int) -> None:
    made = generated(chords, timeline, seed=seed)
    bass, piano = made.stem("bass"), made.stem("piano")
    bars = expected_chords(chords, timeline)
    assert len(bars) > 5
    for start, end, chord in bars:
        low, high = (notes_from(stem.notes, start, end, timeline) for stem in (bass, piano))
        if chord is None:
            assert not low
            assert not high
            continue
        first = min(low, key=lambda note: note.start)
        assert first.pitch % 12 == chord.bass
        assert high
        assert {note.pitch % 12 for note in high} <= chord.pitch_classes | {(chord.root + 2) % 12}


def test_chords_that_share_a_bar_are_each_played() -> None:
    timeline = make_timeline(4, bpm=90, sample_rate=RATE)
    made = generated("| Am F | C G |", timeline, prompt="strings pad")
    half = timeline.frames // 8
    for number in range(8):
        chord = read_chord(["Am", "F", "C", "G"][number % 4])
        assert chord is not None
        tones = {
            note.pitch % 12
            for note in notes_from(made.stems[0].notes, number * half, (number + 1) * half, timeline)
        }
        assert tones
        assert tones <= chord.pitch_classes


def test_what_was_used_is_said_bar_by_bar() -> None:
    made = generated("Am F C G", make_timeline(8, bpm=120, sample_rate=RATE))
    assert "Chords: 1 Am, 2 F, 3 C, 4 G, then again." in made.remarks
    assert [bar["chords"] for bar in made.report["chord_bars"]] == [["Am"], ["F"], ["C"], ["G"]] * 2
    assert made.report["key"] in ("A minor", "C major")


def test_degrees_take_the_key_of_the_timeline() -> None:
    made = generated("ii7 V7 Imaj7", make_timeline(3, bpm=120, sample_rate=RATE, key="Bb major"))
    assert "Chords: 1 Cm7, 2 F7, 3 Bbmaj7." in made.remarks
    with pytest.raises(RequestError) as raised:
        generated("ii7 V7 Imaj7", make_timeline(3, bpm=120, sample_rate=RATE))
    assert raised.value.code == ErrorCode.BAD_PARAMS
    assert "key" in raised.value.sentence


def test_the_key_of_a_chart_is_the_key() -> None:
    made = generated("{key: E minor}\n[1-]one [b6]two", make_timeline(2, bpm=120, sample_rate=RATE))
    assert "Chords: 1 E-, 2 C." in made.remarks
    assert made.report["key"] == "E minor"


def test_a_chord_that_cannot_be_read_stops_the_job_before_anything_is_made() -> None:
    with pytest.raises(RequestError) as raised:
        generated("Am Hm", make_timeline(2, bpm=120, sample_rate=RATE))
    assert raised.value.code == ErrorCode.BAD_PARAMS
    assert "'Hm' in bar 2" in raised.value.sentence


def test_no_chords_change_nothing() -> None:
    timeline = make_timeline(2, bpm=120, sample_rate=RATE)
    plain = run_task(GenerateTask(), {"prompt": "rock"}, timeline=timeline, engine=shared(), seed=1)
    empty = generated(" ", timeline, prompt="rock")
    assert all(np.array_equal(a.samples, b.samples) for a, b in zip(plain.stems, empty.stems, strict=True))
    assert plain.remarks == empty.remarks


def bass_roots(made: TaskResult, timeline: Timeline) -> list[int]:
    bass = made.stem("bass")
    music = MusicalRange.from_timeline(timeline)
    return [
        min(
            notes_from(bass.notes, nearest_frame(bar.start), nearest_frame(bar.end), timeline),
            key=lambda note: note.start,
        ).pitch
        % 12
        for bar in music.tempo.bars(timeline.start_frame, timeline.end_frame)
    ]


def test_accompaniments_and_covers_play_the_chords_that_are_given() -> None:
    timeline, source, _ = known("pop piano", bars=8)
    asked = {"chords": "Bbm Gb Db Ab"}
    layer = perform(AccompanyTask(), timeline, source, prompt="electric bass", **asked)
    cover = perform(CoverTask(), timeline, source, prompt="jazz", strength=1.0, **asked)
    for made in (layer, cover):
        assert bass_roots(made, timeline) == [10, 6, 1, 8] * 2
        assert "Chords: 1 Bbm, 2 Gb, 3 Db, 4 Ab, then again." in made.remarks
        assert not any("changes)" in remark for remark in made.remarks), "no chords are detected"
        assert made.report["heard"]["chords"] == []


def test_a_melody_is_not_harmonised_where_chords_are_given() -> None:
    timeline = make_timeline(4, bpm=120, sample_rate=RATE)
    made = perform(
        AccompanyTask(), timeline, tones([60, 64, 67, 72] * 5), prompt="electric bass", chords="F Bb"
    )
    assert "Chords: 1 F, 2 Bb, then again." in made.remarks
    assert not any("Chosen for the melody" in remark for remark in made.remarks)


def repainted(
    source: np.ndarray, timeline: Timeline, first_bar: int, last_bar: int, **params: Any
) -> TaskResult:
    tempo = TempoMap.from_timeline(timeline)
    first, last = (nearest_frame(tempo.position_of(bar)) for bar in (first_bar, last_bar))
    asked = tempo.timeline_between(first, last, context_before_frames=first,
                                   context_after_frames=timeline.end_frame - last)  # fmt: skip
    given = MemoryInput(source, role="source", start_frame=timeline.start_frame)
    return run_task(RepaintTask(), params, timeline=asked, inputs=[given], engine=shared(), seed=4)


def test_a_repaint_plays_the_chords_that_are_given() -> None:
    timeline, _, whole = known("pop electric bass", bars=8)
    made = repainted(whole.stem("bass").samples, timeline, 3, 7, part="bass", chords="Bbm Gb")
    assert "Chords: 3 Bbm, 4 Gb, then again." in made.remarks
    tempo = TempoMap.from_timeline(timeline)
    first, last = (nearest_frame(tempo.position_of(bar)) for bar in (3, 7))
    assert bass_roots(made, tempo.timeline_between(first, last)) == [10, 6] * 2


def test_a_repaint_of_what_was_made_here_plays_the_chords_in_the_range_only() -> None:
    timeline, _, whole = known("pop electric bass", bars=8)
    source = whole.stem("bass").samples
    recipe = SourceJob("pop electric bass", 5, timeline, "Electric bass", whole.report["key"])
    made = repainted(source, timeline, 3, 7, part="bass", chords="Bbm Gb", recipe=recipe)
    assert made.report["from_notes"]
    tempo = TempoMap.from_timeline(timeline)
    first, last = (nearest_frame(tempo.position_of(bar)) for bar in (3, 7))
    assert bass_roots(made, tempo.timeline_between(first, last)) == [10, 6] * 2


def prompted(prompt: str, timeline: Timeline) -> TaskResult:
    return run_task(GenerateTask(), {"prompt": prompt}, timeline=timeline, engine=shared(), seed=2)


def test_chords_in_a_prompt_are_played_once_a_bar() -> None:
    timeline = make_timeline(8, bpm=120, sample_rate=RATE)
    made = prompted("Am F C G electric bass", timeline)
    assert bass_roots(made, timeline) == [9, 5, 0, 7] * 2
    assert "Chords: 1 Am, 2 F, 3 C, 4 G, then again." in made.remarks
    assert "Understood: Am F C G, electric bass." in made.remarks
    assert not any("Unknown" in remark for remark in made.remarks)
    assert len(made.report["chord_bars"]) == 8


def test_a_prompt_of_chords_alone_is_played_by_a_band() -> None:
    made = prompted("Dm7 G7 Cmaj7", make_timeline(3, bpm=120, sample_rate=RATE))
    assert "Chords: 1 Dm7, 2 G7, 3 Cmaj7." in made.remarks
    assert made.report["key"] == "C major"
    assert len(made.stems) == 4


def test_chords_of_the_timeline_and_of_the_parameter_come_before_those_of_the_prompt() -> None:
    timeline = make_timeline(2, bpm=120, sample_rate=RATE, chords=[ChordMark(position=0, symbol="E")])
    made = prompted("Am F electric bass", timeline)
    assert bass_roots(made, timeline) == [4, 4]
    assert any("prompt's chords were ignored" in remark for remark in made.remarks)
    plain = make_timeline(2, bpm=120, sample_rate=RATE)
    made = generated("Bb Eb", plain, prompt="Am F electric bass")
    assert bass_roots(made, plain) == [10, 3]


def test_the_key_of_a_prompt_is_kept_beside_its_chords() -> None:
    made = prompted("lofi in D minor, Am F C G", make_timeline(4, bpm=90, sample_rate=RATE))
    assert made.report["key"] == "D minor"


def test_a_prompt_with_chords_suggests_their_key() -> None:
    assert suggest_for_prompt("Dm7 G7 Cmaj7 rhodes", 1)["key"] == "C major"
    assert suggest_for_prompt("F#m D A E lofi", 1)["key"] in ("F# minor", "A major")


def test_what_was_made_of_a_prompt_with_chords_is_repainted_from_its_notes() -> None:
    timeline = make_timeline(8, bpm=112, sample_rate=RATE)
    whole = run_task(
        GenerateTask(), {"prompt": "Am F C G electric bass"}, timeline=timeline, engine=shared(), seed=5
    )
    recipe = SourceJob("Am F C G electric bass", 5, timeline, "Electric bass", whole.report["key"])
    made = repainted(whole.stems[0].samples, timeline, 3, 5, part="bass", recipe=recipe)
    assert made.report["from_notes"]
    tempo = TempoMap.from_timeline(timeline)
    first, last = (nearest_frame(tempo.position_of(bar)) for bar in (3, 5))
    assert bass_roots(made, tempo.timeline_between(first, last)) == [0, 7]
    new = repainted(whole.stems[0].samples, timeline, 3, 5, part="bass", recipe=recipe, prompt="Bb Eb")
    assert bass_roots(new, tempo.timeline_between(first, last)) == [10, 3]


def test_every_style_keeps_to_the_chords_in_every_bar() -> None:
    symbols = ["Am", "F", "C", "G"]
    counted = {"keys": 0, "bass": 0}
    for name, genre in library.genres().items():
        timeline = make_timeline(4, bpm=sum(genre.tempo) / 2, sample_rate=RATE)
        timeline = place_given_chart(" ".join(symbols), timeline)
        music = MusicalRange.from_timeline(timeline)
        wish = parse_prompt(genre.words[0])
        wish.genre, wish.genres = name, [name]
        band = assemble_band(wish, music, decisions.choose_key(wish, timeline, 1)[0], 1)
        written = NoteWriter(band, music).write_until(timeline.frames)
        for part, notes in zip(band.parts, written, strict=True):
            for bar, symbol in enumerate(symbols):
                chord = read_chord(symbol)
                assert chord is not None
                start, end = (timeline.frames * at // 4 for at in (bar, bar + 1))
                tones = [note.pitch % 12 for note in notes_from(tuple(notes), start, end, timeline)]
                if tones and part.kind in counted:
                    counted[part.kind] += 1
                    # A bass may lead on to the next chord; where it begins, it is in this one.
                    played = set(tones[:1]) if part.kind == "bass" else set(tones)
                    assert played <= chord.pitch_classes | {(chord.root + 2) % 12}, (name, part.name, bar)
    assert min(counted.values()) >= 4 * len(library.genres()) - 20
