"""What a prompt asks for, once it is read."""

from __future__ import annotations

from dataclasses import dataclass, field

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.theory.bar_places import BarPlace
from bandmate_plugins._engines.sketch.words.form_words import FormWords
from bandmate_plugins._engines.sketch.words.loudness import LoudnessWish
from bandmate_plugins._engines.sketch.words.manners import AskedManner
from bandmate_plugins._theory.keys import Key


@dataclass(frozen=True, slots=True)
class PlayerRest:
    """Where a player rests who plays elsewhere: `without the kick in bar 1`."""

    players: frozenset[str]
    """Instruments, kinds of parts, or drums by their names in kits."""
    place: BarPlace


@dataclass
class ParsedPrompt:
    """What a prompt asks for."""

    genre: str | None = None
    genres: list[str] = field(default_factory=list)
    ensemble: str | None = None
    """A group of `library.ensembles`."""
    moods: list[str] = field(default_factory=list)
    opposite_moods: list[str] = field(default_factory=list)
    """Those that it is not to have: `not sad`."""
    instruments: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    kit: str | None = None
    drums: list[str] = field(default_factory=list)
    only_drums: bool = False
    """Whether the kit is no more than `drums`."""
    without: set[str] = field(default_factory=set)
    """Kinds of parts that nobody plays."""
    without_instruments: set[str] = field(default_factory=set)
    without_drums: set[str] = field(default_factory=set)
    """Single drums that the drummer leaves out, by their names in kits."""
    without_genres: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)
    """How many play an instrument, where it is more than one."""
    assigned: dict[str, str] = field(default_factory=dict)
    """Instruments that are to play another part than usual: `piano melody`."""
    fitted: dict[str, str] = field(default_factory=dict)
    """Instruments that a general word names, and those of the style that play: `metal with guitar`."""
    stand_ins: dict[str, str] = field(default_factory=dict)
    """Instruments that the band lacks, as the prompt calls them, and the nearest to each."""
    style_stand_ins: dict[str, str] = field(default_factory=dict)
    """Styles that no file has, as the prompt calls them, and the nearest to each."""
    backs_melody: bool = False
    """Whether somebody else has the melody, so that an ensemble plays along."""
    manners: list[AskedManner] = field(default_factory=list)
    band: bool = False
    sound: str | None = None
    """`own` or `soundfont`."""
    loudness: LoudnessWish = field(default_factory=LoudnessWish)
    """Of all players together."""
    part_levels: dict[str, LoudnessWish] = field(default_factory=dict)
    """Of single players relative to the others, by the instrument, the kind of part or the single drum."""
    bpm: float | None = None
    metre: tuple[int, int] | None = None
    key: Key | None = None
    chords: str = ""
    """A chart of chords in letters; empty for none."""
    bars: float | None = None
    """How long it is to be, or None."""
    seconds: float | None = None
    places: dict[str, BarPlace] = field(default_factory=dict)
    """Where single drums are played, by their names in `library.single_drums`."""
    part_bars: dict[str, BarPlace] = field(default_factory=dict)
    """The bars in which other players play, by the instrument or the kind of part."""
    rests: list[PlayerRest] = field(default_factory=list)
    everywhere: list[BarPlace] = field(default_factory=list)
    """Where all of it plays: `only in the chorus`."""
    form: FormWords = field(default_factory=FormWords)
    """The sections that the prompt lays out, and where its fills and its build are."""
    patterns: dict[str, str] = field(default_factory=dict)
    """What single drums play, as patterns without spacing."""
    drum_kits: dict[str, str] = field(default_factory=dict)
    """The kits that single drums are taken from: `808 cowbell`."""
    has_terms: bool = False
    """Whether any word of it is in the vocabulary, or chords are in it; figures are not."""
    used: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    """The words among the unknown that are in no list."""
    corrected: dict[str, str] = field(default_factory=dict)
    """Misspelled words, folded, and what they were taken for."""
    near: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Unknown words that could be several known ones."""
    assumptions: list[str] = field(default_factory=list)
    """Sentences on what was decided where the range lacks what the prompt refers to."""


def is_unwanted_drum(name: str, wish: ParsedPrompt) -> bool:
    """Whether a prompt rules out all that a single drum is."""
    return wish.without_drums.issuperset(library.single_drums()[name].lines)
