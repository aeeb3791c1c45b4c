"""Manners of playing change notes or sound in the direction of their name, for whom they stand with."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.library.drum_keys import DRUM_PITCHES
from bandmate_plugins._engines.sketch.options import SketchOptions
from bandmate_plugins._engines.sketch.words.manners import AskedManner
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from bandmate_plugins._tasks.accompany import AccompanyTask
from bandmate_plugins._tasks.cover import CoverTask
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.testing import make_timeline
from bandmate_protocol.messages import Note
from tests.plugins.cover.pieces import RATE as COVER_RATE
from tests.plugins.cover.pieces import perform as task_result
from tests.plugins.cover.pieces import tones
from tests.plugins.sketch.conftest import Performance, perform, timeline

RATE = 48_000
BAR = 2 * RATE
"""Frames, at 120 bpm."""
BARS = 4


def played(engine: LoadedEngine, prompt: str, bars: int = BARS) -> Performance:
    show = perform(engine, f"{prompt}, C major", timeline(2.0 * bars), options=SketchOptions(sound="own"))
    assert not show.report["unknown_words"], prompt
    return show


def part(show: Performance, role: str = "") -> list[Note]:
    """The notes of the only part, or of the first with a role."""
    if not role:
        assert len(show.stems) == 1
        return show.notes[0]
    return next(notes for stem, notes in zip(show.stems, show.notes, strict=True) if stem.role == role)


def seconds(notes: Iterable[Note]) -> float:
    return float(np.mean([note.frames for note in notes])) / RATE


def onsets(notes: Iterable[Note], bar: int | None = None) -> list[int]:
    inside = [
        note.start for note in notes if bar is None or bar * BAR - 200 <= note.start < (bar + 1) * BAR - 200
    ]
    return sorted(set(inside))


def centroid(show: Performance) -> float:
    mono = show.mix.mean(axis=1)
    power = np.abs(np.fft.rfft(mono)) ** 2
    return float((power * np.fft.rfftfreq(len(mono), 1 / RATE)).sum() / power.sum())


def ring_share(show: Performance) -> float:
    """How loud a note still is a while after its onset, relative to its beginning."""
    power = np.square(show.mix).sum(axis=1)
    starts = [start for start in onsets(show.notes[0]) if start + RATE // 3 < len(power)]
    early = np.mean([power[start : start + RATE // 12].mean() for start in starts])
    late = np.mean([power[start + RATE // 5 : start + RATE // 4].mean() for start in starts])
    return float(late / early)


@pytest.mark.parametrize("player", ["piano", "strings", "violin", "bass"])
def test_staccato_is_short(engine: LoadedEngine, player: str) -> None:
    plain, short = part(played(engine, player)), part(played(engine, f"staccato {player}"))
    assert seconds(short) < 0.5 * seconds(plain)
    assert seconds(short) < 0.2


def test_not_staccato_is_legato(engine: LoadedEngine) -> None:
    shows = [played(engine, prompt) for prompt in ("legato bass", "not staccato bass", "bass")]
    assert shows[0].notes == shows[1].notes
    notes = part(shows[0])
    assert seconds(notes) > 1.3 * seconds(part(shows[2]))
    ends = [note.start + note.frames for note in notes]
    assert all(
        abs(end - start) <= 1 for end, start in zip(ends[:-1], [n.start for n in notes[1:]], strict=True)
    )


@pytest.mark.parametrize("player", ["piano", "violin", "bass"])
def test_sustained_notes_last_as_long_as_their_chord(engine: LoadedEngine, player: str) -> None:
    plain, held = part(played(engine, player)), part(played(engine, f"{player}, long notes"))
    assert all(len(onsets(held, bar)) == 1 for bar in range(BARS))
    assert seconds(held) > 1.9
    assert seconds(held) > 1.5 * seconds(plain)


def test_walking_is_a_note_on_each_beat(engine: LoadedEngine) -> None:
    for prompt in ("walking bass", "walking", "rock band, walking bass"):
        notes = part(played(engine, prompt), "bass")
        for bar in range(BARS):
            beats = [round((start - bar * BAR) / (BAR / 4), 1) for start in onsets(notes, bar)]
            assert beats == [0.0, 1.0, 2.0, 3.0], (prompt, bar)
    assert len({note.pitch for note in notes}) > 4


def test_a_bass_that_does_not_walk(engine: LoadedEngine) -> None:
    assert len(onsets(part(played(engine, "jazz, upright bass")), 0)) == 4
    assert len(onsets(part(played(engine, "jazz, no walking, upright bass")), 0)) == 2


@pytest.mark.parametrize("player", ["guitar", "ukulele", "mandolin"])
def test_strummed_strings_follow_one_another(engine: LoadedEngine, player: str) -> None:
    notes = part(played(engine, f"strummed {player}"))
    first = [note for note in notes if note.start < BAR / 16]
    apart = np.diff([note.start for note in sorted(first, key=lambda note: note.pitch)]) / RATE
    assert len(first) >= 3
    assert all(0.005 < step < 0.03 for step in apart)
    upwards = [note for note in notes if BAR * 0.37 < note.start < BAR * 0.42]
    assert all(np.diff([note.start for note in sorted(upwards, key=lambda note: note.pitch)]) < 0)


def test_fingerpicked_is_not_strummed(engine: LoadedEngine) -> None:
    picked = part(played(engine, "fingerpicked guitar"))
    assert len(onsets(picked)) == len(picked), "one string at a time"
    assert played(engine, "not strummed guitar").notes[0] == picked


@pytest.mark.parametrize("player", ["piano", "violin", "strings", "bass"])
def test_an_arpeggio_has_one_note_at_a_time(engine: LoadedEngine, player: str) -> None:
    notes = part(played(engine, f"{player} arpeggio"))
    assert len(onsets(notes)) == len(notes)
    assert len(onsets(notes, 0)) >= 6
    assert len({note.pitch for note in notes if note.start < BAR}) >= 3


def test_no_arpeggio_is_block_chords(engine: LoadedEngine) -> None:
    rolled, struck = part(played(engine, "harp")), part(played(engine, "harp, no arpeggio"))
    assert len(onsets(rolled)) == len(rolled)
    assert len(struck) >= 3 * len(onsets(struck))


def test_octaves(engine: LoadedEngine) -> None:
    doubled = part(played(engine, "violin octaves"))
    at = {note.start: {other.pitch for other in doubled if other.start == note.start} for note in doubled}
    assert all(max(pitches) - min(pitches) == 12 for pitches in at.values())
    bass = part(played(engine, "bass in octaves"))
    leaps = np.abs(np.diff([note.pitch for note in bass]))
    assert np.mean(leaps == 12) > 0.4
    assert np.mean(np.abs(np.diff([note.pitch for note in part(played(engine, "bass"))])) == 12) < 0.2


def test_octaves_of_a_disco_bass_lie_between_the_beats(engine: LoadedEngine) -> None:
    notes = part(played(engine, "disco bass in octaves"))
    beats = [round(note.start / (BAR / 4), 2) % 1 for note in notes]
    on = [note.pitch for note, beat in zip(notes, beats, strict=True) if beat < 0.2]
    off = [note.pitch for note, beat in zip(notes, beats, strict=True) if beat > 0.2]
    assert len(off) >= len(on)
    assert np.mean(off) - np.mean(on) == pytest.approx(12, abs=1.5)


def test_without_its_octaves_a_disco_bass_keeps_its_rhythm(engine: LoadedEngine) -> None:
    usual, plain = (played(engine, f"disco{words}") for words in ("", " without the octave bass"))
    assert [stem.name for stem in plain.stems] == [stem.name for stem in usual.stems]
    leaping, level = part(usual, "bass"), part(plain, "bass")
    assert [note.start for note in level] == [note.start for note in leaping]
    assert np.mean(np.abs(np.diff([note.pitch for note in leaping])) == 12) > 0.4
    assert np.mean(np.abs(np.diff([note.pitch for note in level])) == 12) < 0.05


@pytest.mark.parametrize(
    ("prompt", "words", "semitones"),
    [
        ("strings", "an octave higher", 12),
        ("violin", "in a low register", -12),
        ("piano", "two octaves lower", -24),
        ("electric bass", "one octave up", 12),
        ("flute", "down an octave", -12),
    ],
)
def test_a_part_plays_in_another_octave(
    engine: LoadedEngine, prompt: str, words: str, semitones: int
) -> None:
    """In whole octaves, and in the same rhythm: what is asked for, or as near as the instrument gets."""
    usual, moved = part(played(engine, prompt)), part(played(engine, f"{prompt}, {words}"))
    assert [note.start for note in moved] == [note.start for note in usual]
    steps = [one.pitch - other.pitch for one, other in zip(moved, usual, strict=True)]
    assert {step % 12 for step in steps} == {0}
    assert np.mean(np.array(steps) == semitones) > 0.5
    assert all(0 < step / semitones <= 1 for step in steps if step)


def test_octaves_of_low_chords_lie_above_them(engine: LoadedEngine) -> None:
    plain, doubled = (part(played(engine, f"rock guitar{words}")) for words in ("", " in octaves"))
    assert min(note.pitch for note in doubled) == min(note.pitch for note in plain)
    first = {note.pitch for note in plain if note.start == plain[0].start}
    assert {note.pitch for note in doubled if note.start == plain[0].start} == first | {p + 12 for p in first}


@pytest.mark.parametrize(
    ("prompt", "manner"),
    [
        ("jazz, walking upright bass", "walking"),
        ("clean piano", "clean"),
        ("unchorused piano", "unchorused"),
    ],
)
def test_a_manner_that_changes_nothing_is_said_to(engine: LoadedEngine, prompt: str, manner: str) -> None:
    assert f"`{manner}`: it is played like that already." in played(engine, prompt).remarks


def test_a_manner_with_an_effect_is_not_said_to_have_none(engine: LoadedEngine) -> None:
    for prompt in (
        "rock, walking bass",
        "piano arpeggio",
        "staccato strings",
        "distorted drums",
        "drum fill",
    ):
        said = played(engine, prompt).remarks
        assert not any("already" in sentence or "no effect" in sentence for sentence in said), prompt


@pytest.mark.parametrize("words", ["staccato drums", "legato drums", "tremolo drums", "chorused drums"])
def test_a_manner_that_drums_do_not_have_is_said_to_have_no_effect(engine: LoadedEngine, words: str) -> None:
    assert f"`{words.split()[0]}` has no effect on Drums." in played(engine, words).remarks


def test_a_manner_is_for_the_guitar_that_the_style_has(engine: LoadedEngine) -> None:
    for words in ("punk, guitar palm muted", "punk, muted guitar"):
        show = played(engine, words)
        assert [stem.name for stem in show.stems] == ["Distorted guitar"]
        assert not any("no effect" in sentence for sentence in show.remarks)
        assert seconds(part(show)) < 0.9 * seconds(part(played(engine, "punk, guitar")))


def test_a_riff_of_a_guitar_is_a_low_figure(engine: LoadedEngine) -> None:
    for prompt in ("metal guitar riff", "guitar riff", "punk, heavy guitar riff"):
        show = played(engine, prompt)
        notes = part(show)
        assert len(onsets(notes)) == len(notes), "single notes"
        assert np.mean([note.pitch for note in notes]) < 52
        assert len({note.pitch for note in notes if note.start < BAR}) > 1
    assert [stem.name for stem in played(engine, "metal riff").stems] == [
        stem.name for stem in played(engine, "metal").stems
    ]


def test_power_chords_are_roots_and_fifths(engine: LoadedEngine) -> None:
    for prompt in ("power chords", "pop, electric guitar power chords"):
        notes = part(played(engine, prompt))
        low = {start: min(note.pitch for note in notes if note.start == start) for start in onsets(notes)}
        assert {note.pitch - low[note.start] for note in notes} == {0, 7, 12}
    assert any(note.pitch % 12 in (4, 9, 11) for note in part(played(engine, "pop, electric guitar")))


def test_tremolo_repeats(engine: LoadedEngine) -> None:
    plain, quick = part(played(engine, "violin")), part(played(engine, "tremolo violin"))
    assert len(quick) > 3 * len(plain)
    assert {note.pitch for note in quick} == {note.pitch for note in plain}


def test_a_riff_comes_back_in_every_bar(engine: LoadedEngine) -> None:
    for prompt in ("bass riff", "riff", "guitar riff"):
        notes = part(played(engine, prompt))
        rhythms = [[start - bar * BAR for start in onsets(notes, bar)] for bar in range(BARS)]
        assert all(rhythm == rhythms[0] for rhythm in rhythms), prompt
    lead = part(played(engine, "synth lead"))
    plain = [[start - bar * BAR for start in onsets(lead, bar)] for bar in range(BARS)]
    assert any(rhythm != plain[0] for rhythm in plain)


@pytest.mark.parametrize(
    ("prompt", "plain"), [("pizzicato violin", "violin"), ("plucked strings", "strings")]
)
def test_plucked_notes_die_away(engine: LoadedEngine, prompt: str, plain: str) -> None:
    assert ring_share(played(engine, prompt)) < 0.5 * ring_share(played(engine, plain))


@pytest.mark.parametrize("player", ["electric guitar", "distorted guitar", "guitar"])
def test_palm_muted_is_shorter_and_darker(engine: LoadedEngine, player: str) -> None:
    muted, plain = played(engine, f"palm muted {player}"), played(engine, f"{player} power chords")
    assert seconds(part(muted)) < 0.5 * seconds(part(plain))
    assert centroid(muted) < 0.8 * centroid(plain)


@pytest.mark.parametrize("player", ["guitar", "trombone", "piano", "strings"])
def test_muted_is_darker(engine: LoadedEngine, player: str) -> None:
    assert centroid(played(engine, f"muted {player}")) < 0.9 * centroid(played(engine, player))


def test_slap_leaps_and_snaps(engine: LoadedEngine) -> None:
    slapped, plain = played(engine, "slap, upright bass"), played(engine, "upright bass")
    assert centroid(slapped) > 1.2 * centroid(plain)
    leaps = np.abs(np.diff([note.pitch for note in part(slapped)]))
    assert np.count_nonzero(leaps >= 9) >= 4
    assert played(engine, "slap", 1).stems[0].name == "Slap bass"


def crest_db(show: Performance) -> float:
    mono = show.mix.mean(axis=1)[RATE // 2 :]
    return float(20 * np.log10(np.abs(mono).max() / np.sqrt(np.mean(mono**2))))


def test_distorted_is_denser_and_clean_is_not(engine: LoadedEngine) -> None:
    plain, driven = played(engine, "piano"), played(engine, "distorted piano")
    assert crest_db(driven) < crest_db(plain) - 3
    hard, clean = played(engine, "wobble bass"), played(engine, "clean wobble bass")
    assert not np.array_equal(clean.mix, hard.mix)
    assert np.array_equal(played(engine, "not distorted wobble bass").mix, clean.mix)


def side_share(show: Performance) -> float:
    """The power of the difference of the sides in that of both."""
    left, right = show.mix.T
    return float(np.square(left - right).sum() / np.square(show.mix).sum() / 2)


def test_chorus_widens_and_its_negation_takes_away_what_an_instrument_has(engine: LoadedEngine) -> None:
    bass, wide_bass = (played(engine, f"dry sub bass{words}") for words in ("", " with chorus"))
    assert side_share(bass) < 0.001
    assert side_share(wide_bass) > 0.05
    assert wide_bass.notes == bass.notes
    prompts = ("dry organ with chorus", "dry organ", "dry organ without chorus")
    most, own, least = (played(engine, prompt) for prompt in prompts)
    assert side_share(most) > side_share(own) + 0.01
    assert side_share(own) > side_share(least) + 0.01
    assert least.notes == own.notes


@pytest.mark.parametrize(
    ("prompt", "player"),
    [
        ("guitar with chorus", "acoustic_guitar"),
        ("rock band, clean guitar with reverb and lots of chorus", "clean_guitar"),
        ("clean chorus guitar", "clean_guitar"),
        ("jazz band, rhodes with chorus and delay", "electric_piano"),
        ("8 bars verse, 8 bars chorus, pad with chorus", "warm_pad"),
        ("guitar with chorus in the chorus", "acoustic_guitar"),
        ("drums, bass with a chorus pedal", "bass"),
    ],
)
def test_chorus_next_to_an_instrument_is_the_effect(prompt: str, player: str) -> None:
    assert ("chorused", player) in {(asked.name, asked.on) for asked in parse_prompt(prompt).manners}


@pytest.mark.parametrize(
    "prompt",
    [
        "pop song with chorus", "guitar with verse and chorus", "guitar with chorus and verse", "guitar in the chorus",
        "the chorus guitar", "verse piano, chorus guitar", "rock, 8 bars chorus", "build into the chorus, guitar",
    ],
)  # fmt: skip
def test_chorus_elsewhere_is_a_section(prompt: str) -> None:
    assert not {"chorused", "unchorused"} & {asked.name for asked in parse_prompt(prompt).manners}


def tail_share(show: Performance) -> float:
    """The power in the gaps after short notes."""
    power = np.square(show.mix).sum(axis=1)
    notes = [note for note in show.notes[0] if note.start + RATE // 2 < len(power)]
    gaps = [power[n.start + n.frames + RATE // 8 : n.start + n.frames + RATE // 5].mean() for n in notes]
    return float(np.mean(gaps) / power.mean())


def test_dry_has_no_room_and_reverb_has_more(engine: LoadedEngine) -> None:
    words = (
        "staccato organ",
        "dry staccato organ",
        "staccato organ, no reverb",
        "staccato organ, reverb",
    )
    plain, dry, without, wet = (tail_share(played(engine, prompt)) for prompt in words)
    assert dry < 0.7 * plain
    assert without < 0.7 * plain
    assert wet > 1.2 * plain


def bar_hits(show: Performance, bar: int) -> list[tuple[int, int]]:
    return sorted((n.start - bar * BAR, n.pitch) for n in part(show, "drums") if n.start // BAR == bar)


def test_a_fill_is_the_last_bar(engine: LoadedEngine) -> None:
    for prompt in ("drum fill", "rock drums with a fill", "rock band, drum fill"):
        show = played(engine, prompt)
        toms = {DRUM_PITCHES[name] for name in ("high_tom", "mid_tom", "low_tom")}
        assert toms <= {pitch for _, pitch in bar_hits(show, 3)}
        assert not toms & {pitch for _, pitch in bar_hits(show, 1)}
    assert toms <= {pitch for _, pitch in bar_hits(played(engine, "drum fill", 1), 0)}


@pytest.mark.parametrize("prompt", ["piano", "bass", "violin"])
def test_a_pitched_fill_is_the_last_bar(engine: LoadedEngine, prompt: str) -> None:
    plain, fill = part(played(engine, prompt)), part(played(engine, f"{prompt} fill"))
    assert [n for n in fill if n.start < 2.9 * BAR] == [n for n in plain if n.start < 2.9 * BAR]
    assert len(onsets(fill, 3)) > len(onsets(plain, 3))


def test_dry_drums_have_no_room(engine: LoadedEngine) -> None:
    dry, plain = played(engine, "dry reggae drums"), played(engine, "reggae drums")
    quiet = [
        np.quantile(np.square(show.mix).sum(axis=1).reshape(-1, 480).mean(axis=1), 0.1)
        for show in (dry, plain)
    ]
    assert quiet[0] < 0.5 * quiet[1]


def test_no_fills(engine: LoadedEngine) -> None:
    plain, without = played(engine, "rock drums"), played(engine, "rock drums without fills")
    assert len({pitch for _, pitch in bar_hits(plain, 3)} - {pitch for _, pitch in bar_hits(plain, 0)}) > 0
    snares = [[at for at, pitch in bar_hits(without, bar) if pitch == 38] for bar in (0, 3)]
    assert snares[0] == snares[1]


@pytest.mark.parametrize("player", ["rock drums", "piano", "bass"])
def test_a_build_grows(engine: LoadedEngine, player: str) -> None:
    notes = part(played(engine, f"{player}, build up", 4))
    halves = [[n for n in notes if (n.start < 2 * BAR) == first] for first in (True, False)]
    assert len(onsets(halves[1])) > 1.2 * len(onsets(halves[0]))
    assert np.mean([n.velocity for n in halves[1]]) > 1.25 * np.mean([n.velocity for n in halves[0]])


def test_a_drop_is_harder(engine: LoadedEngine) -> None:
    plain, drop = played(engine, "techno"), played(engine, "techno drop")
    for one, other in zip(plain.notes, drop.notes, strict=True):
        assert np.mean([n.velocity for n in other]) > np.mean([n.velocity for n in one])
    assert drop.report["sections"] == ["drop"]


def test_an_intro_gathers(engine: LoadedEngine) -> None:
    show = played(engine, "rock intro")
    drums = part(show, "drums")
    assert min(n.start for n in drums) >= 2 * BAR - RATE // 20
    assert not show.notes[-1], "the lead waits"
    assert np.mean([n.velocity for n in show.notes[1]]) < np.mean(
        [n.velocity for n in played(engine, "rock").notes[1]]
    )


def test_an_ending_ends_on_the_tonic(engine: LoadedEngine) -> None:
    for prompt in ("piano ending", "pop outro"):
        show = played(engine, prompt)
        last = [n for n in show.notes[0 if prompt[1] == "i" else 2] if n.start >= 3 * BAR - 200]
        assert len({n.start for n in last}) == 1, "one chord"
        assert {n.pitch % 12 for n in last} <= {0, 4, 7}
        assert min(n.frames for n in last) > 0.9 * BAR


@pytest.mark.parametrize("player", ["rock drums", "piano", "bass", "violin"])
def test_sparse_and_busy(engine: LoadedEngine, player: str) -> None:
    few, plain, many = (
        len(part(played(engine, prompt))) for prompt in (f"sparse {player}", player, f"busy {player}")
    )
    assert few < 0.8 * plain
    assert many > 1.2 * plain


@pytest.mark.parametrize(
    ("prompt", "manners"),
    [
        ("staccato strings and piano", [("staccato", "strings")]),
        ("piano arpeggio and strings", [("arpeggio", "piano")]),
        ("piano with arpeggios and strings", [("arpeggio", "piano")]),
        ("piano with staccato strings", [("staccato", "strings")]),
        ("strings and piano, staccato", [("staccato", "")]),
        ("staccato warm strings", [("staccato", "strings")]),
        ("no arpeggio harp", [("block_chords", "harp")]),
        ("not staccato strings", [("legato", "strings")]),
        ("drums and walking bass", [("walking", "bass")]),
        ("rock drums without fills", [("no_fills", "drums")]),
        ("dusty drums, busy", [("busy", "")]),
        ("staccato drums and bass", [("staccato", "")]),
    ],
)
def test_whom_a_manner_is_for(prompt: str, manners: list[tuple[str, str]]) -> None:
    wish = parse_prompt(prompt)
    assert [(one.name, one.on) for one in wish.manners] == manners
    assert not wish.unknown


def test_only_who_is_named_plays_like_that(engine: LoadedEngine) -> None:
    plain = played(engine, "strings and guitar")
    one = played(engine, "staccato strings and guitar")
    both = played(engine, "strings and guitar, staccato")
    at = [stem.name for stem in plain.stems].index("Acoustic guitar")
    assert one.notes[at] == plain.notes[at]
    assert one.notes[1 - at] != plain.notes[1 - at]
    assert seconds(both.notes[at]) < 0.5 * seconds(plain.notes[at])


def test_a_manner_in_an_ensemble(engine: LoadedEngine) -> None:
    plain, short = played(engine, "string quartet"), played(engine, "string quartet, pizzicato")
    assert [stem.name for stem in short.stems] == [stem.name for stem in plain.stems]
    assert all(seconds(one) < seconds(other) for one, other in zip(short.notes, plain.notes, strict=True))


MANNERS = [(name, word) for name, one in library.word_lists().manners.items() for word in one.words]


@pytest.mark.parametrize(("name", "word"), MANNERS)
def test_each_word_of_a_manner_is_read(name: str, word: str) -> None:
    wish = parse_prompt(word)
    assert wish.manners == [AskedManner(name, "", " " in word)]
    assert wish.has_terms
    assert not wish.unknown


@pytest.mark.parametrize("name", sorted({name for name, _ in MANNERS}))
def test_each_manner_changes_something_in_every_style_it_meets(engine: LoadedEngine, name: str) -> None:
    """Styles with pads, walking basses and no patterns: nothing fails, and something is another."""
    word = library.word_lists().manners[name].words[0]
    styles = {"walking": ("ambient", "rock"), "unchorused": ("funk", "ambient")}
    for style in styles.get(name, ("jazz", "ambient")):
        plain, other = (played(engine, prompt, 2) for prompt in (f"{style} band", f"{style} band, {word}"))
        if other.stems == plain.stems:
            assert other.notes != plain.notes or not np.array_equal(other.mix, plain.mix), style


def test_a_cover_and_an_accompaniment_are_played_in_a_manner() -> None:
    melody = tones([60, 64, 67, 64, 60, 62, 64, 0], seconds=0.8)
    when = make_timeline(6.4, bpm=150, sample_rate=COVER_RATE)
    for task, name in ((CoverTask(), "piano"), (AccompanyTask(), "strings pad")):
        plain = task_result(task, when, melody, prompt=name)
        short = task_result(task, when, melody, prompt=f"staccato {name}")
        assert len(short.stems[0].notes) > 3
        assert seconds(short.stems[0].notes) < 0.6 * seconds(plain.stems[0].notes)
