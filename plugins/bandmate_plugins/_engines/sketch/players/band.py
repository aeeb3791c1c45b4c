"""Puts the band together: who plays what on which instrument, from one chart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import msgspec

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.library import DrumKit, EnsembleSeat, Instrument, LineStyle
from bandmate_plugins._engines.sketch.library.manners import merge_manners
from bandmate_plugins._engines.sketch.players.bassist import Bassist
from bandmate_plugins._engines.sketch.players.chart import Chart, DrumRest
from bandmate_plugins._engines.sketch.players.drum_tuning import tune_kit
from bandmate_plugins._engines.sketch.players.drummer import Drummer
from bandmate_plugins._engines.sketch.players.inner_voice import InnerVoice
from bandmate_plugins._engines.sketch.players.keyboardist import Keyboardist
from bandmate_plugins._engines.sketch.players.manner_sound import shape_instrument, shape_kit
from bandmate_plugins._engines.sketch.players.manners import (
    chord_line,
    in_manner,
    manner_line,
    riff_line,
)
from bandmate_plugins._engines.sketch.players.musician import Musician
from bandmate_plugins._engines.sketch.players.seats import (
    MAX_PARTS,
    BandSeat,
    assign_seats,
    group_seats,
    seat_kind,
)
from bandmate_plugins._engines.sketch.players.single_drums import (
    PitchedDrummer,
    SingleDrummer,
    placed_drums,
    single_drum_chart,
    single_drum_kit,
)
from bandmate_plugins._engines.sketch.players.soloist import Soloist
from bandmate_plugins._engines.sketch.players.song_sections import (
    build_spans,
    plan_form,
    with_song_sections,
)
from bandmate_plugins._engines.sketch.players.two_hands import hire_two_hands
from bandmate_plugins._engines.sketch.theory.bar_places import BarPlaces
from bandmate_plugins._engines.sketch.theory.measures import beat_level, measure_count
from bandmate_plugins._engines.sketch.words.decisions import (
    MusicCharacter,
    choose_genre,
    choose_style,
    sum_moods,
)
from bandmate_plugins._engines.sketch.words.drum_cast import cast_drums
from bandmate_plugins._engines.sketch.words.manners import manners_on
from bandmate_plugins._engines.sketch.words.parsed_prompt import ParsedPrompt
from bandmate_plugins._theory.chords import Chord, parse_chord
from bandmate_plugins._theory.keys import Key
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_protocol.messages import Note

_BRUSH_KIT = 40
"""The General MIDI kit that is played with brushes."""
_PITCHED_DRUM_CHANNEL = 3
_BESIDE_GROUP_LU = {"bass": 0.0, "keys": -2.0, "lead": 1.0}
_VOICE_BELOW = 7
"""Semitones from the register of a melody to that of the voices below it."""
_SPREAD = 0.5
"""Where the first and the last of several of an instrument are in the stereo image, to the left and to the right."""
_APART = 11
"""Semitones that a lead keeps from a melody that is already there."""


@dataclass(frozen=True)
class BandPart:
    """One player with an instrument."""

    name: str
    """The stem's."""
    kind: str
    """`drums`, `bass`, `keys` or `lead`."""
    role: str
    hire: Callable[[], Musician]
    """Makes a player who starts from the beginning."""
    sound_name: str
    """The name of the instrument or of the kit."""
    instrument: Instrument | None
    """None for the drums."""
    kit: DrumKit | None
    level: float
    """LU relative to the drums."""
    channel: int
    single_drum: str = ""
    """Which of `library.single_drums` it is, if it plays that alone."""
    bars: tuple[BarPlaces, ...] = ()
    """Where it plays: in the bars that all of these allow."""
    written: tuple[Note, ...] | None = None
    """Notes in frames from the start of the range that are played as they are; None leaves them to the player."""
    plays_beneath: bool = False
    """Whether the player plays as well where notes are written, such as a pianist's left hand."""
    asked_lu: float = 0.0
    """How much louder than usual the prompt wants it, relative to the others; `level` has it already."""
    loose_ms: float = 0.0
    """How far from the grid its player comes in: the standard deviation."""


@dataclass(frozen=True)
class Band:
    """Everything that is decided before the first note."""

    chart: Chart
    parts: tuple[BandPart, ...]
    character: MusicCharacter
    level: int
    """Of `grid.beat_level`."""
    measures: int


def assemble_band(
    wish: ParsedPrompt,
    music: MusicalRange,
    key: Key,
    seed: int,
    busy: float | None = None,
    adapt: Callable[[Chart], Chart] = lambda chart: chart,
    *,
    tuning_cents: int = 0,
    bare: bool = False,
) -> Band:
    """Chooses players and instruments and writes the chart; leads keep away from the MIDI note `busy`.

    `adapt` may change the chart before anyone reads it. All of it is played `tuning_cents` above concert
    pitch. `bare` players do not have the touch of the prompt's manners yet (`play_in_manner`).
    """
    genre, character = choose_genre(wish), sum_moods(wish)
    level = beat_level(music.tempo, music.start_frame)
    measures = measure_count(music, level)
    music = with_song_sections(wish, music)
    swing = genre.swing if character.swing is None else character.swing
    plan = Chart(
        genre=genre,
        key=key,
        form=plan_form(wish, music),
        seed=seed,
        swing=swing,
        fills=BarPlaces(wish.form.fill, music) if wish.form.fill else None,
        builds=build_spans(wish, music),
        half_time=character.half_time,
        marks=_chord_marks(music),
        placed=placed_drums(wish, music, swing, genre.swing_unit),
        rests=tuple(
            DrumRest(rest.players, BarPlaces(rest.place, music, swing, genre.swing_unit))
            for rest in wish.rests
        ),
        tuning_cents=tuning_cents,
    )
    chart = adapt(plan)
    loose_ms = genre.loose_ms * character.loose
    seated = (replace(part, loose_ms=loose_ms) for part in _fill_seats(wish, chart, busy))
    parts = tuple(_set_level(_limit_bars(part, wish, music), wish) for part in seated)
    parts = parts if bare else tuple(play_in_manner(part, wish, chart) for part in parts)
    return Band(chart, parts, character, level, measures)


def play_in_manner(part: BandPart, wish: ParsedPrompt, chart: Chart) -> BandPart:
    """A part whose player has the touch that a prompt asks for."""
    pitched = part.instrument if part.kind != "drums" else None
    manner = merge_manners(manners_on(wish.manners, part.kind, part.sound_name, pitched=pitched is not None))
    if part.single_drum:
        manner = msgspec.structs.replace(manner, fill=False)
    if part.kit is not None:
        part = replace(part, kit=shape_kit(part.kit, manner))
    return replace(part, hire=in_manner(part.hire, chart, manner, part.name, pitched))


def _limit_bars(part: BandPart, wish: ParsedPrompt, music: MusicalRange) -> BandPart:
    """A part that plays in the bars that the prompt says."""
    places = list(wish.everywhere)
    if not part.single_drum:
        named = {part.sound_name, part.kind}
        place = wish.part_bars.get(part.sound_name) or wish.part_bars.get(part.kind)
        places += [place] if place else []
        places += [rest.place for rest in wish.rests if rest.players & named]
    return replace(part, bars=tuple(BarPlaces(one, music) for one in places))


def _set_level(part: BandPart, wish: ParsedPrompt) -> BandPart:
    """A part that is as much louder than the others as the prompt says."""
    levels = wish.part_levels
    names = (part.single_drum,) if part.single_drum else (part.sound_name, part.kind)
    asked = next((levels[name].level_lu for name in names if name in levels), 0.0)
    return replace(part, level=part.level + asked, asked_lu=asked)


def _fill_seats(wish: ParsedPrompt, chart: Chart, busy: float | None) -> tuple[BandPart, ...]:
    group = tuple(group_part(seat, number, wish, chart) for number, seat in enumerate(group_seats(wish)))
    others = tuple(seat_part(seat, wish, chart, busy) for seat in assign_seats(wish))
    return (*group, *others)[:MAX_PARTS]


def group_part(seat: EnsembleSeat, number: int, wish: ParsedPrompt, chart: Chart) -> BandPart:
    """A player of a group."""
    genre = chart.genre
    if seat.plays == "drums":
        kit = BandSeat(seat.title, "drums", "drums", 0, wish.kit or genre.drums.kit)
        return replace(_drum_part(kit, wish, chart), level=seat.level)
    manner = merge_manners(manners_on(wish.manners, seat_kind(seat), seat.instrument))
    instrument = shape_instrument(
        seat.instrument, library.instruments()[seat.instrument], manner, seat_kind(seat)
    )
    instrument = msgspec.structs.replace(instrument, pan=seat.pan)
    melody = msgspec.structs.replace(genre.lead, register=seat.register)
    keyboard = manner_line(genre.keyboard, manner.patterns)
    chords = msgspec.structs.replace(keyboard, register=seat.register)
    solo = partial(Soloist, chart, melody, instrument, f"melody {number}")
    hire: Callable[[], Musician]
    if seat.plays == "melody":
        hire = solo
    elif seat.plays == "voice":
        hire = partial(
            InnerVoice, chart, instrument, seat.register, seat.voices, seat.voice, f"voice {number}"
        )
    elif seat.plays == "bass":
        hire = partial(Bassist, chart, manner_line(genre.bass, manner.bass_patterns), instrument)
    elif seat.plays == "chords":
        hire = partial(Keyboardist, chart, chords, instrument, f"chords {number}")
    else:
        below = msgspec.structs.replace(keyboard, register=seat.register - 14)
        left = partial(Keyboardist, chart, below, instrument, f"chords {number}")
        hire = partial(hire_two_hands, solo, left)
    channel = number if number < 9 else number + 1
    return BandPart(
        seat.title,
        seat_kind(seat),
        instrument.role,
        hire,
        seat.instrument,
        instrument,
        None,
        seat.level,
        channel,
    )


def seat_part(seat: BandSeat, wish: ParsedPrompt, chart: Chart, busy: float | None) -> BandPart:
    """The player for a seat; a lead keeps away from the MIDI note `busy`."""
    if seat.single_drum:
        return _single_drum_part(seat, wish, chart)
    return _drum_part(seat, wish, chart) if seat.kind == "drums" else _pitched_part(seat, wish, chart, busy)


def _single_drum_part(seat: BandSeat, wish: ParsedPrompt, chart: Chart) -> BandPart:
    drum = library.single_drums()[seat.single_drum]
    alone = single_drum_chart(drum, chart, choose_style(wish).drums if wish.genres else None)
    if drum.instrument:
        instrument = library.instruments()[drum.instrument]
        hire: Callable[[], Musician] = partial(PitchedDrummer, alone, drum, instrument)
        return BandPart(
            seat.title, "drums", seat.role, hire, seat.sound, instrument, None, drum.level, _PITCHED_DRUM_CHANNEL,
            seat.single_drum,
        )  # fmt: skip
    kit = single_drum_kit(drum, seat.sound, chart)
    return BandPart(
        seat.title, "drums", seat.role, partial(SingleDrummer, alone, drum), seat.sound, None, kit, drum.level, 9,
        seat.single_drum,
    )  # fmt: skip


def _drum_part(seat: BandSeat, wish: ParsedPrompt, chart: Chart) -> BandPart:
    kit = library.kits()[seat.sound]
    cast = cast_drums(wish)
    if cast.brushed:
        brushed = None if kit.program is None else _BRUSH_KIT
        kit = msgspec.structs.replace(kit, drums={**kit.drums, "snare": kit.drums["brush"]}, program=brushed)
    sounds = {
        name: sound for drum in cast.in_kit for name, sound in library.single_drums()[drum].sounds.items()
    }
    kit = msgspec.structs.replace(kit, sounds={**kit.sounds, **sounds})
    kit = tune_kit(kit, chart.key, chart.tuning_cents)
    chart = replace(chart, placed=tuple(one for one in chart.placed if one.single_drum in cast.in_kit))
    return BandPart(seat.title, "drums", seat.role, partial(Drummer, chart), seat.sound, None, kit, 0.0, 9)


def _pitched_part(seat: BandSeat, wish: ParsedPrompt, chart: Chart, busy: float | None) -> BandPart:
    manner = merge_manners(manners_on(wish.manners, seat.kind, seat.sound))
    instrument = shape_instrument(seat.sound, library.instruments()[seat.sound], manner, seat.kind)
    mix = chart.genre.mix
    seed_name = seat.kind if seat.number == 0 else f"{seat.kind} {seat.number}"
    hire: Callable[[], Musician]
    if seat.kind == "bass":
        hire = partial(Bassist, chart, manner_line(chart.genre.bass, manner.bass_patterns), instrument)
    elif seat.kind == "keys" and manner.riff and seat.sound in library.word_lists().families["guitar"]:
        line = riff_line(chart.genre.keyboard, chart.genre.lead, instrument)
        hire = partial(Soloist, chart, line, instrument, seed_name)
    elif seat.kind == "keys":
        line = manner_line(chart.genre.keyboard, manner.patterns)
        hire = partial(Keyboardist, chart, line, instrument, seed_name)
    elif manner.patterns:
        line = chord_line(manner_line(chart.genre.keyboard, manner.patterns), instrument)
        hire = partial(Keyboardist, chart, line, instrument, seed_name)
    elif seat.copy and seat.number:
        register = min(max(chart.genre.lead.register - _VOICE_BELOW, instrument.low + 5), instrument.high - 7)
        voice = seat.copies - 1 - seat.copy
        hire = partial(InnerVoice, chart, instrument, register, seat.copies, voice, seed_name)
    else:
        line = avoid_melody(busy, chart.genre.lead, instrument)
        hire = partial(Soloist, chart, line, instrument, seed_name)
    # Beside a group, whose seats have levels of their own, the style's levels mean nothing.
    levels = _BESIDE_GROUP_LU if wish.ensemble else {"bass": mix.bass, "keys": mix.keys, "lead": mix.lead}
    level = levels[seat.kind] - 2.0 * seat.number
    channel = {"bass": 0, "keys": 1, "lead": 2}[seat.kind]
    if seat.copies > 1:
        instrument = msgspec.structs.replace(
            instrument, pan=_SPREAD * (2 * seat.copy / (seat.copies - 1) - 1)
        )
    return BandPart(seat.title, seat.kind, seat.role, hire, seat.sound, instrument, None, level, channel)


def avoid_melody(busy: float | None, line: LineStyle, instrument: Instrument) -> LineStyle:
    """A lead's line, moved up or down where another melody already is."""
    if busy is None or abs(line.register - busy) >= _APART:
        return line
    places = [busy + _APART, busy - _APART]
    fitting = [place for place in places if instrument.low + 5 <= place <= instrument.high - 7]
    return msgspec.structs.replace(line, register=round(fitting[0])) if fitting else line


def _chord_marks(music: MusicalRange) -> tuple[tuple[float, Chord | None], ...]:
    marks = sorted(music.timeline.chords, key=lambda mark: mark.position)
    return tuple((music.tempo.quarters_at(float(mark.position)), parse_chord(mark.symbol)) for mark in marks)
