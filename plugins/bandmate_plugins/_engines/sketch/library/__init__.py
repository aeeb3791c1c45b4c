"""Genres, instruments, kits and words, read from the files in this folder.

Every file is TOML that a musician can read; a field that does not exist is an error that names the file.
Patterns are strings of four steps to a beat and four beats to a bar (or eight beats for two bars); spaces
and bars are for the eye. A genre or an instrument may name another file as its `base` (`inheritance`).
"""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import Any, TypeVar

import msgspec

from bandmate_plugins._engines.sketch.library.inheritance import resolve_base
from bandmate_plugins._engines.sketch.library.manners import MannerEffect
from bandmate_plugins._engines.sketch.library.patches import DrumPatch, Sound
from bandmate_plugins._engines.sketch.library.single_drum import SingleDrum

T = TypeVar("T")
Pattern = str


class _LibraryEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What all of these share."""


class ChordProgressions(_LibraryEntry, frozen=True, kw_only=True):
    """Chords as Roman numerals, one string for each progression; their case says major or minor."""

    major: tuple[str, ...]
    minor: tuple[str, ...]
    chords_per_measure: float = 1.0


class DrumPattern(_LibraryEntry, frozen=True, kw_only=True):
    """One way to play the drums; lines by the name of the drum."""

    energy: float = 0.0
    """It is played from this energy on, 0 to 1."""
    lines: dict[str, Pattern]


class DrumStyle(_LibraryEntry, frozen=True, kw_only=True):
    """What the drums play: `X` accent, `x` hit, `o` soft, `g` ghost, `?` perhaps, `-` nothing."""

    kit: str
    beats: tuple[DrumPattern, ...]
    fills: tuple[dict[str, Pattern], ...] = ()
    """Each for the last beats of a phrase, as many as its lines are long."""
    fill_every: int = 4
    """Measures."""
    ghosts: float = 0.5
    """How likely a `g` sounds, 0 to 1."""
    crash: bool = False
    lag_ms: dict[str, float] = {}
    """How far behind the grid a drum is played; below zero is ahead."""


class LineStyle(_LibraryEntry, frozen=True, kw_only=True):
    """What the bass, the keys or the lead play."""

    instrument: str
    style: str = "pattern"
    """Bass: `pattern`, `kick`, `walking`. Keys: `pattern`, `pad`, `arpeggio`. Lead: `pattern`."""
    patterns: tuple[Pattern, ...] = ()
    register: int
    """The MIDI note that it plays around."""
    voices: int = 4
    rootless: bool = False
    scale: str = "key"
    """Lead: `key`, `pentatonic` or `blues`."""
    power: bool = False
    """Whether the keys play power chords, root and fifth."""
    lag_ms: float = 0.0


class MixStyle(_LibraryEntry, frozen=True, kw_only=True):
    """How loud each part is next to the drums, in LU, and the room that they share."""

    bass: float = -2.0
    keys: float = -5.0
    lead: float = -5.0
    room: float = 0.15
    """Of reverberation, 0 to 1."""
    room_seconds: float = 1.0
    drive: float = 0.0
    """Saturation, 0 to 1."""
    bright: float = 0.0
    """From -1 (dull) to 1 (brilliant)."""
    low_hz: float = 22.0
    """Below this, drums and bass are filtered out."""
    width: float = 1.0
    """How wide the parts sound: 0 is what their panning gives."""
    glue: float = 0.5
    """How much the mix is compressed, 0 to 1."""
    peaks: float = 40.0
    """How far above the loudness the limiter lets peaks stand, in dB: below 15 the music is denser."""


class Genre(_LibraryEntry, frozen=True, kw_only=True):
    """One genre: a file in `genres`."""

    base: str = ""
    """The genre whose file has what this one leaves out."""
    title: str
    words: tuple[str, ...]
    stands_in_for: tuple[str, ...] = ()
    """Words for styles that no file has, and that this one is nearest to."""
    tempo: tuple[float, float]
    """Quarter notes a minute, from and to."""
    metre: str = "4/4"
    keys: tuple[str, ...]
    """Where it is at home, when neither the project nor the prompt says a key."""
    swing: float = 0.5
    """Where the second of two notes falls: 0.5 is even, 0.667 a triplet."""
    swing_unit: int = 8
    """Which notes swing: 8 or 16."""
    loose_ms: float = 2.0
    """How far from the grid players come in where the prompt wants them loose: the standard deviation."""
    section_measures: int = 8
    """How long a verse or a chorus is."""
    dynamics: tuple[float, ...] = ()
    """How hard phrases of four measures are played, in turn: factors of the velocity."""
    harmony: ChordProgressions
    drums: DrumStyle
    bass: LineStyle
    keyboard: LineStyle
    lead: LineStyle
    mix: MixStyle = MixStyle()


class Instrument(_LibraryEntry, frozen=True, kw_only=True):
    """One pitched instrument."""

    title: str
    words: tuple[str, ...]
    stands_in_for: tuple[str, ...] = ()
    """Words for other instruments, of which it is the nearest that there is; the result says so."""
    part: str
    """What it plays when it is asked for: `bass`, `keys`, `lead`."""
    role: str
    """The stem's role, which gives its colour."""
    low: int
    high: int
    """The range of MIDI notes that suits it."""
    style: str = ""
    """Takes the place of the genre's style of playing."""
    sound: Sound
    pan: float = 0.0
    """From -1 (left) to 1 (right)."""
    width: float = 0.0
    """How far low and high notes lie apart, 0 to 1."""
    room: float = 1.0
    """How much of the genre's room it takes."""
    chorus: float = 0.0
    drive: float = 0.0
    program: int | None = None
    """The General MIDI program, from 0, that plays it where a SoundFont does."""
    program_octave: int = 0
    """How many octaves above what is written that program is played."""


class DrumKit(_LibraryEntry, frozen=True, kw_only=True):
    """A drum kit; drums that it does not have are those of `base`."""

    title: str = ""
    words: tuple[str, ...] = ()
    base: str = ""
    drums: dict[str, DrumPatch] = {}
    room: float = 1.0
    drive: float = 0.0
    program: int | None = None
    """The General MIDI drum kit, from 0, that plays it where a SoundFont does."""
    sounds: dict[str, str] = {}
    """Drums that sound in place of others: a djembe is written as a conga."""

    def sounding_drum(self, name: str) -> str:
        """The drum that is heard where one is written."""
        return self.sounds.get(name, name)


class MoodEffect(_LibraryEntry, frozen=True, kw_only=True):
    """What a describing word changes."""

    words: tuple[str, ...]
    minor: bool | None = None
    tempo: float = 1.0
    """A factor."""
    energy: float = 0.0
    bright: float = 0.0
    drive: float = 0.0
    room: float = 0.0
    swing: float | None = None
    half_time: bool | None = None
    loose: float = 0.0
    """How much of the style's looseness there is, 0 to 1."""
    kit: str = ""


class EnsembleSeat(_LibraryEntry, frozen=True, kw_only=True):
    """One player of a group."""

    title: str
    plays: str
    """`melody`, `voice`, `bass`, `chords`, `piano` (melody and chords) or `drums`."""
    instrument: str = ""
    voice: int = 0
    voices: int = 3
    register: int = 60
    """The MIDI note that it plays around."""
    level: float = 0.0
    """LU relative to the others."""
    pan: float = 0.0


class NamedEnsemble(_LibraryEntry, frozen=True, kw_only=True):
    """A group that can be asked for by name."""

    words: tuple[str, ...]
    genre: str
    """What it plays where the prompt names no style."""
    seats: tuple[EnsembleSeat, ...]


class WordLists(_LibraryEntry, frozen=True, kw_only=True):
    """Words that are neither genres nor instruments."""

    moods: dict[str, MoodEffect]
    parts: dict[str, tuple[str, ...]]
    """`drums`, `percussion`, `bass`, `keys`, `lead`, and `band` for all of them."""
    percussion: dict[str, tuple[str, ...]]
    """The single drums that are the percussion of a style; `usual` for the others."""
    metres: dict[str, tuple[str, ...]]
    metre_styles: dict[str, str]
    """The style of a dance whose name is that of its metre, where the prompt names no other."""
    ignored: tuple[str, ...]
    idioms: tuple[str, ...]
    """Phrases in which a word of the vocabulary does not name a player: `sleigh ride`."""
    sounds: dict[str, tuple[str, ...]]
    """`own` and `soundfont`: how acoustic instruments sound."""
    manners: dict[str, MannerEffect]
    """Manners of playing."""
    absent: tuple[str, ...]
    """What nobody in the band can do, but a prompt may rule out."""
    families: dict[str, tuple[str, ...]]
    """The instruments that a general word rules out: `without guitar`."""


@lru_cache(maxsize=1)
def genres() -> dict[str, Genre]:
    """All genres by the names of their files."""
    return _read_folder("genres", Genre)


@lru_cache(maxsize=1)
def instruments() -> dict[str, Instrument]:
    """All pitched instruments by the names of their files."""
    return _read_folder("instruments", Instrument)


@lru_cache(maxsize=1)
def kits() -> dict[str, DrumKit]:
    """All drum kits by the names of their files, each complete with the drums of those it is based on."""
    raw = _read_folder("kits", DrumKit)
    return {name: _complete_kit(kit, raw) for name, kit in raw.items()}


@lru_cache(maxsize=1)
def ensembles() -> dict[str, NamedEnsemble]:
    """All groups by name."""
    return _read_toml(resources.files(__name__).joinpath("ensembles.toml"), dict[str, NamedEnsemble])


@lru_cache(maxsize=1)
def single_drums() -> dict[str, SingleDrum]:
    """All drums that a prompt can name, by name."""
    return _read_toml(resources.files(__name__).joinpath("single_drums.toml"), dict[str, SingleDrum])


@lru_cache(maxsize=1)
def word_lists() -> WordLists:
    """The other words."""
    return _read_toml(resources.files(__name__).joinpath("words.toml"), WordLists)


def strip_spacing(pattern: Pattern) -> str:
    """A pattern without what is for the eye."""
    return "".join(character for character in pattern if character not in " |")


def _complete_kit(kit: DrumKit, raw: dict[str, DrumKit]) -> DrumKit:
    if not kit.base:
        return kit
    below = _complete_kit(raw[kit.base], raw)
    return msgspec.structs.replace(kit, drums={**below.drums, **kit.drums})


def _read_folder(name: str, kind: type[T]) -> dict[str, T]:
    folder = resources.files(__name__).joinpath(name)
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name
    )
    tables = {file.name.removesuffix(".toml"): _read_toml(file, dict[str, Any]) for file in files}
    if kind is not DrumKit:
        # A kit takes whole drums from its base (`_complete_kit`), not single fields of them.
        bases = {
            name: {"base": table["base"]} if kind is Genre and "base" in table else {}
            for name, table in tables.items()
        }
        tables = {name: resolve_base(name, tables) | bases[name] for name in tables}
    return {name: _convert_table(name, table, kind) for name, table in tables.items()}


def _convert_table(name: str, table: dict[str, Any], kind: type[T]) -> T:
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        raise ValueError(f"{name}.toml: {error}") from error


def _read_toml(file: Any, kind: type[T]) -> T:
    try:
        return msgspec.toml.decode(file.read_bytes(), type=kind)
    except msgspec.DecodeError as error:
        raise ValueError(f"{file.name}: {error}") from error
