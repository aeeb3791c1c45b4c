"""How a manner of playing is described: an entry of `[manners]` in `words.toml`."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class MannerEffect(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a manner of playing changes in the notes and in the sound of the parts that it stands with."""

    words: tuple[str, ...]
    negated: tuple[str, ...] = ()
    """Words of the vocabulary whose negation means it: `no arpeggio` are block chords."""
    asks: str = ""
    """The part that plays where the prompt names nobody."""
    asks_instrument: str = ""
    """The instrument that plays where the prompt names none."""
    kinds: tuple[str, ...] = ()
    """The kinds of parts that it is for unless an instrument is named; all where there are none."""
    drums: bool = False
    """Whether drums can be played like this."""
    pitched: bool = True
    """Whether instruments can be played like this."""

    style: str = ""
    """Takes the place of the style of `LineStyle`."""
    in_rhythm: bool = False
    """Whether instruments that hold their chords otherwise play them in the style's rhythm."""
    patterns: tuple[str, ...] = ()
    """The rhythm of the keys, and of a lead that plays chords then."""
    bass_patterns: tuple[str, ...] = ()
    density: float = 0.0
    """From -1 (a few notes) to 1 (many)."""
    length: float = 1.0
    """A factor of the length of notes."""
    connect: bool = False
    """Whether each note lasts until the next."""
    hold: bool = False
    """Whether only the first notes of a chord are played, for as long as the chord lasts."""
    strum_ms: float = 0.0
    """Between two strings of a chord."""
    octaves: bool = False
    join_octaves: bool = False
    """Whether notes an octave above others of the line are played as these."""
    transpose: int = 0
    """Semitones by which all notes are moved, in whole octaves."""
    power: bool = False
    repeats: int = 0
    """How often a beat repeats a note."""
    riff: bool = False
    """Whether one measure is played again and again, on the root of each chord."""
    build: bool = False
    """Whether it grows louder and denser until the end."""
    fill: bool = False
    """Whether the last measure is a fill."""
    no_fills: bool = False
    form: str = ""
    """What the whole range is: `intro`, `drop` or `outro`."""

    bright: float = 0.0
    """From -1 (dull) to 1 (brilliant)."""
    ring: float = 1.0
    """A factor of the time that notes ring; below 1, sustained sounds die away too."""
    attack: float = 1.0
    """A factor."""
    thump: float = 0.0
    drive: float = 0.0
    chorus: float = 0.0
    """From 0 (none) to 1; below 0, what the instrument has by itself is taken away."""
    room: float = 1.0
    """A factor of the part's room."""
    programs: dict[str, int] = {}
    """The General MIDI programs, from 0, of instruments that are sampled in this manner."""


def merge_manners(effects: Sequence[MannerEffect]) -> MannerEffect:
    """All effects as one: the first of two styles, sums of degrees, products of factors."""
    merged = MannerEffect(words=())
    for effect in effects:
        merged = msgspec.structs.replace(
            merged,
            style=merged.style or effect.style,
            patterns=merged.patterns or effect.patterns,
            bass_patterns=merged.bass_patterns or effect.bass_patterns,
            density=min(max(merged.density + effect.density, -1.0), 1.0),
            length=merged.length * effect.length,
            strum_ms=max(merged.strum_ms, effect.strum_ms),
            repeats=max(merged.repeats, effect.repeats),
            transpose=merged.transpose + effect.transpose,
            form=merged.form or effect.form,
            bright=merged.bright + effect.bright,
            ring=merged.ring * effect.ring,
            attack=merged.attack * effect.attack,
            thump=merged.thump + effect.thump,
            drive=merged.drive + effect.drive,
            chorus=merged.chorus + effect.chorus,
            room=merged.room * effect.room,
            programs={**effect.programs, **merged.programs},
            **{flag: getattr(merged, flag) or getattr(effect, flag) for flag in _FLAGS},
        )
    return merged


_FLAGS = (
    "in_rhythm",
    "connect",
    "hold",
    "octaves",
    "join_octaves",
    "power",
    "riff",
    "build",
    "fill",
    "no_fills",
)
