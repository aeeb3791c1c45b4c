"""Sections in a prompt: who plays in which, fills before them, builds into them, and forms that prompts lay out."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from bandmate_plugins import LoadedEngine
from bandmate_plugins._engines.sketch.library.drum_keys import DRUM_PITCHES
from bandmate_plugins._engines.sketch.options import SketchOptions
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from bandmate_plugins._engines.sketch.words.suggestion import suggest_for_prompt
from bandmate_protocol.errors import RequestError
from bandmate_protocol.messages import Note, SectionMark, Timeline
from tests.plugins.sketch.conftest import Performance, perform, timeline

RATE = 48_000
BAR = 2 * RATE
"""Frames, at 120 bpm."""
TOMS = {DRUM_PITCHES[name] for name in ("high_tom", "mid_tom", "low_tom")}
FORM = (("Verse 1", 4), ("Chorus", 4), ("Verse 2", 4), ("Chorus", 4))


def song(bars: int = 16, form: tuple[tuple[str, int], ...] = FORM) -> Timeline:
    marks, bar = [], 0
    for name, length in form:
        marks.append(SectionMark(start_frame=bar * BAR, end_frame=(bar + length) * BAR, name=name))
        bar += length
    return msgspec.structs.replace(timeline(bars * 2.0, bpm=120.0), sections=tuple(marks))


def play(engine: LoadedEngine, prompt: str, when: Timeline, only: str = "") -> Performance:
    return perform(engine, prompt, when, options=SketchOptions(sound="own", only=only))


def bars_with(notes: list[Note], pitches: set[int] | None = None) -> list[int]:
    return sorted({note.start // BAR + 1 for note in notes if pitches is None or note.pitch in pitches})


def level_of(audio: np.ndarray, first_bar: int, bars: int = 1) -> float:
    """In dB."""
    span = audio[(first_bar - 1) * BAR : (first_bar - 1 + bars) * BAR]
    return float(10 * np.log10(np.mean(np.square(span)) + 1e-20))


CHORUS, VERSE = [5, 6, 7, 8, 13, 14, 15, 16], [1, 2, 3, 4, 9, 10, 11, 12]


@pytest.mark.parametrize(
    ("prompt", "wanted"),
    [
        ("soft pad in the chorus", CHORUS),
        ("soft pad only in the choruses", CHORUS),
        ("strings during every refrain", CHORUS),
        ("shaker in the verses", VERSE),
        ("shaker in verse 2", [9, 10, 11, 12]),
        ("shaker in the second verse", [9, 10, 11, 12]),
        ("shaker in the last chorus", [13, 14, 15, 16]),
        ("clap on 2 in the chorus", CHORUS),
        ("piano from the chorus on", list(range(5, 17))),
        ("piano until the chorus", [1, 2, 3, 4]),
        ("piano, but not in the chorus", VERSE),
        ("claves in verse 1 and in the last chorus", [1, 2, 3, 4, 13, 14, 15, 16]),
        ('claves in the section "verse 2"', [9, 10, 11, 12]),
    ],
)
def test_a_part_plays_in_the_sections_that_the_prompt_says(
    engine: LoadedEngine, prompt: str, wanted: list[int]
) -> None:
    show = play(engine, prompt, song())
    assert len(show.stems) == 1
    assert bars_with(show.notes[0]) == wanted
    assert show.report["unknown_words"] == []
    assert all(note.start + note.frames <= 16 * BAR for note in show.notes[0])


def test_the_part_is_silent_elsewhere_and_at_its_level_there(engine: LoadedEngine) -> None:
    """The first chorus is beyond what is usually sampled for the level of a part."""
    long = song(40, (("Verse", 32), ("Chorus", 8)))
    audio = play(engine, "strings pad in the chorus", long).audio(0)
    usual = play(engine, "strings pad", song(8, ())).audio(0)
    assert level_of(audio, 1, 31) < -90
    assert abs(level_of(audio, 34, 6) - level_of(usual, 2, 6)) < 3


def test_held_notes_end_with_the_section(engine: LoadedEngine) -> None:
    """Also where it ends in the middle of a bar."""
    short = msgspec.structs.replace(
        song(8), sections=(SectionMark(start_frame=0, end_frame=5 * BAR // 2, name="Chorus"),)
    )
    show = play(engine, "strings pad in the chorus", short)
    assert max(note.start + note.frames for note in show.notes[0]) == 5 * BAR // 2
    assert level_of(show.audio(0), 6, 3) < -80


def test_music_for_a_section_is_not_limited_to_it() -> None:
    assert parse_prompt("guitar riff for the verse").part_bars == {}
    assert [one.name for one in parse_prompt("piano for the intro").manners] == ["intro"]


def test_the_rest_of_the_band_plays_on(engine: LoadedEngine) -> None:
    show = play(engine, "rock band, no drums in the verse", song())
    found = {stem.role: bars_with(notes) for stem, notes in zip(show.stems, show.notes, strict=True)}
    assert found["drums"] == CHORUS
    assert found["bass"] == list(range(1, 17))


@pytest.mark.parametrize(
    ("prompt", "only", "wanted"),
    [
        ("pop", "chorus", CHORUS),
        ("drums and bass", "verse 2, chorus:1", [5, 6, 7, 8, 9, 10, 11, 12]),
        ("tambourine", "Verse 1", [1, 2, 3, 4]),
        ("drums, only in the chorus", "", CHORUS),
    ],
)
def test_an_option_limits_all_parts(engine: LoadedEngine, prompt: str, only: str, wanted: list[int]) -> None:
    for notes in play(engine, prompt, song(), only).notes:
        assert set(bars_with(notes)) <= set(wanted)
        assert len(bars_with(notes)) > len(wanted) // 2


def test_long_ranges_have_choruses_of_their_own(engine: LoadedEngine) -> None:
    """Where neither the project nor the prompt has sections, those of the band's own form count."""
    when = timeline(48 * 2.0, bpm=120.0)
    show = play(engine, "pop band with strings in the chorus", when)
    plain = play(engine, "pop band with strings", when)
    kinds = show.report["sections"]
    assert kinds == plain.report["sections"]
    assert "chorus" in kinds
    at = [stem.name for stem in show.stems].index("Strings")
    assert 0 < len(bars_with(show.notes[at])) < len(bars_with(plain.notes[at]))
    others = [number for number in range(len(show.stems)) if number != at]
    assert [show.notes[number] for number in others] == [plain.notes[number] for number in others]


def test_an_unknown_section_is_refused_with_those_that_there_are(engine: LoadedEngine) -> None:
    with pytest.raises(RequestError, match="There is no section 'bridge'") as raised:
        play(engine, "pad in the bridge", song())
    assert "Sections: Verse 1, Chorus (x2), Verse 2." in raised.value.remedy
    with pytest.raises(RequestError, match="There is no section 'chorus'") as raised:
        play(engine, "pad in the chorus", timeline(16.0, bpm=120.0))
    assert "8 bars verse, 8 bars chorus" in raised.value.remedy
    with pytest.raises(RequestError, match="There is no section 'nowhere'"):
        play(engine, "pad", song(), "nowhere")


def test_sections_alone_change_nothing(engine: LoadedEngine) -> None:
    plain, with_form = (
        play(engine, "rock band, drum fill, build up", when) for when in (timeline(32.0, bpm=120.0), song())
    )
    assert plain.notes == with_form.notes
    assert all(np.array_equal(plain.audio(stem), with_form.audio(stem)) for stem in range(len(plain.stems)))


@pytest.mark.parametrize(
    ("prompt", "wanted"),
    [
        ("rock drums with a fill before each section", [4, 8, 12, 16]),
        ("rock drums, fills between the sections", [4, 8, 12, 16]),
        ("rock drums, fill into every chorus", [4, 12]),
        ("rock drums, a fill before verse 2", [8]),
        ("rock drums with a fill every 4 bars", [4, 8, 12, 16]),
        ("rock drums, every 8 bars a fill", [8, 16]),
        ("rock drums with a fill in bar 3", [3]),
        ("rock drums with a fill in the last bar", [16]),
    ],
)
def test_fills_are_in_the_bars_before(engine: LoadedEngine, prompt: str, wanted: list[int]) -> None:
    show = play(engine, prompt, song())
    assert [stem.name for stem in show.stems] == ["Drums"]
    assert bars_with(show.notes[0], TOMS) == wanted
    assert bars_with(show.notes[0]) == list(range(1, 17))
    assert show.report["unknown_words"] == []


def test_the_last_bar_of_a_range_before_a_section_is_a_fill(engine: LoadedEngine) -> None:
    """The timeline also has the section that begins where the range ends."""
    show = play(engine, "rock drums with a fill before the chorus", song(4))
    assert bars_with(show.notes[0], TOMS) == [4]


@pytest.mark.parametrize("prompt", ["a fill before each section", "fill into the chorus"])
def test_without_sections_a_fill_is_in_the_last_bar(engine: LoadedEngine, prompt: str) -> None:
    show = play(engine, f"rock drums, {prompt}", timeline(16.0, bpm=120.0))
    assert bars_with(show.notes[0], TOMS) == [8]
    what = "chorus" if "chorus" in prompt else "section"
    assert f"The range has no {what}, so the fill is in its last bar." in show.remarks


def test_without_a_chorus_a_build_leads_to_the_end(engine: LoadedEngine) -> None:
    asked, plain = (
        play(engine, f"techno drums, 4 bar build{into}", timeline(16.0, bpm=120.0))
        for into in (" into the chorus", "")
    )
    assert asked.notes == plain.notes
    assert "The range has no chorus, so the build leads to its end." in asked.remarks


@pytest.mark.parametrize("prompt", ["8 bar build into the bridge", "a fill before the bridge"])
def test_fills_and_builds_into_a_section_that_a_song_lacks_are_refused(
    engine: LoadedEngine, prompt: str
) -> None:
    with pytest.raises(RequestError, match="There is no section 'bridge'") as raised:
        play(engine, f"rock drums, {prompt}", song())
    assert "Sections: Verse 1, Chorus (x2), Verse 2." in raised.value.remedy


@pytest.mark.parametrize(
    ("prompt", "sentence"),
    [
        (
            "a fill before each section",
            "No section begins in the range or where it ends, so the fill has no place.",
        ),
        (
            "build into the chorus",
            "No chorus begins in the range or where it ends, so the build has no place.",
        ),
    ],
)
def test_inside_of_a_section_there_is_no_place_to_lead_to(
    engine: LoadedEngine, prompt: str, sentence: str
) -> None:
    inside = msgspec.structs.replace(
        timeline(8.0, bpm=120.0), sections=(SectionMark(start_frame=0, end_frame=8 * BAR, name="Chorus"),)
    )
    with pytest.raises(RequestError) as raised:
        play(engine, f"rock drums, {prompt}", inside)
    assert raised.value.sentence == sentence
    assert "in the last bar" in raised.value.remedy or "8 bar build" in raised.value.remedy


def test_the_length_of_a_build_is_not_that_of_the_music(engine: LoadedEngine) -> None:
    said = play(engine, "techno drums, 4 bar build into the chorus", song()).remarks
    assert not [one for one in said if "decides the length" in one]


@pytest.mark.parametrize(
    ("prompt", "first", "last"),
    [
        ("techno drums, 8 bar build", 9, 16),
        ("techno drums with a build of four bars", 13, 16),
        ("techno drums, build into the second chorus", 9, 12),
        ("techno drums, 8 bar build into the last chorus", 5, 12),
        ("techno drums, build up to verse 2", 5, 8),
    ],
)
def test_a_build_grows_until_its_end(engine: LoadedEngine, prompt: str, first: int, last: int) -> None:
    """More strokes and more level, from its first half to its second and from its first bar to its last."""
    show = play(engine, prompt, song())
    count = {bar: sum(note.start // BAR + 1 == bar for note in show.notes[0]) for bar in range(1, 17)}
    audio, middle = show.audio(0), (first + last + 1) // 2
    assert count[last] >= 1.5 * count[first]
    early, late = range(first, middle), range(middle, last + 1)
    assert sum(count[bar] for bar in late) / len(late) > 1.15 * sum(count[bar] for bar in early) / len(early)
    assert level_of(audio, last) > level_of(audio, first) + 3
    assert level_of(audio, middle, len(late)) > level_of(audio, first, len(early)) + 1.5
    plain = play(engine, "techno drums", song())
    before = [note for note in plain.notes[0] if note.start < (first - 1) * BAR - RATE // 10]
    assert [note for note in show.notes[0] if note.start < (first - 1) * BAR - RATE // 10] == before


def test_a_prompt_lays_out_the_form(engine: LoadedEngine) -> None:
    wish = parse_prompt("pop band, 4 bars intro, 8 bars verse, 8 bars chorus and 4 bars outro")
    assert wish.form.parts == (("intro", 4), ("verse", 8), ("chorus", 8), ("outro", 4))
    assert suggest_for_prompt("pop: 8 bars verse, 8 bars chorus", 1)["bars"] == 16
    show = play(
        engine, "pop band with strings in the chorus, 8 bars verse, 8 bars chorus", timeline(32.0, bpm=120.0)
    )
    assert show.report["sections"] == ["verse", "chorus"]
    at = [stem.name for stem in show.stems].index("Strings")
    assert bars_with(show.notes[at]) == list(range(9, 17))
    drums = [note for note in show.notes[0] if note.pitch not in TOMS]
    assert sum(note.start >= 8 * BAR for note in drums) > sum(note.start < 8 * BAR for note in drums)


def test_a_form_goes_round_in_a_longer_range(engine: LoadedEngine) -> None:
    show = play(engine, "claves in the chorus, verse 2 bars, chorus 2 bars", timeline(16.0, bpm=120.0))
    assert bars_with(show.notes[0]) == [3, 4, 7, 8]
    assert any("The range decides the length" in remark for remark in show.remarks)


def test_one_section_with_a_length_is_still_a_manner() -> None:
    wish = parse_prompt("8 bar intro, rock")
    assert (wish.form.parts, wish.bars, [one.name for one in wish.manners]) == ((), 8.0, ["intro"])


@pytest.mark.parametrize(
    "text",
    [
        "fill before ",
        "in the chorus and ",
        "8 bars verse, ",
        'in section "',
        "build into the ",
        "guitar with chorus ",
        "tempo ",
    ],
)
def test_long_prompts_are_read_in_time(text: str) -> None:
    parse_prompt(text * (10_000 // len(text)))
    parse_prompt(text.rstrip() + " " * 9_000)
