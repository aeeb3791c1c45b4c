"""Instruments are played as themselves, or as their nearest, which is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.library.inheritance import resolve_base
from bandmate_plugins._engines.sketch.options import SketchOptions
from bandmate_plugins._engines.sketch.sound.voices import render_body
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from bandmate_plugins._engines.sketch.words.terms import fold_term
from bandmate_plugins._engines.sketch.words.vocabulary import search_lines
from bandmate_plugins.engine import LoadedEngine
from tests.plugins.sketch.conftest import perform, timeline

RATE = 48_000
OWN = SketchOptions(sound="own")


def test_a_file_inherits_what_it_does_not_say() -> None:
    files: dict[str, dict[str, Any]] = {
        "a": {
            "title": "A",
            "words": ["a"],
            "stands_in_for": ["x"],
            "low": 1,
            "sound": {"voice": "fm", "pairs": [1, 2], "attack": 0.5},
        },
        "b": {"base": "a", "title": "B", "words": ["b"], "sound": {"pairs": [3]}},
        "c": {"base": "b", "title": "C", "words": ["c"], "sound": {"voice": "string"}},
    }
    assert resolve_base("b", files) == {
        "title": "B",
        "words": ["b"],
        "low": 1,
        "sound": {"voice": "fm", "pairs": [3], "attack": 0.5},
    }
    assert resolve_base("c", files)["sound"] == {"voice": "string"}


@pytest.mark.parametrize("base", ["b", "gone", "a"])
def test_a_base_that_cannot_be_is_an_error(base: str) -> None:
    with pytest.raises(ValueError, match=r"a\.toml|b\.toml"):
        resolve_base("a", {"a": {"base": base}, "b": {"base": "a"}})


def note(name: str, pitch: int, seconds: float = 1.5) -> NDArray[np.float64]:
    sound = library.instruments()[name].sound
    return render_body(sound, RATE, pitch, 0.7, round(RATE * seconds), 0).astype(np.float64).mean(axis=1)


def centroid_hertz(samples: NDArray[np.float64]) -> float:
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    return float((power * np.fft.rfftfreq(len(samples), 1 / RATE)).sum() / power.sum())


def envelope(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.sqrt(np.convolve(samples**2, np.ones(480) / 480, "same"))


def decay_seconds(samples: NDArray[np.float64]) -> float:
    """From the loudest moment until it is softer by 20 dB for good."""
    level = envelope(samples)
    peak = int(level.argmax())
    return float(np.flatnonzero(level[peak:] > 0.1 * level[peak]).max() / RATE)


def attack_seconds(samples: NDArray[np.float64]) -> float:
    level = envelope(samples)
    return float(np.flatnonzero(level > 0.7 * level.max())[0] / RATE)


def even_share(samples: NDArray[np.float64], hertz: float) -> float:
    """How strong the even partials are, relative to the odd ones."""
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    size = len(samples) / RATE
    levels = [
        power[round(partial * hertz * size * 0.98) : round(partial * hertz * size * 1.02)].sum()
        for partial in range(1, 7)
    ]
    return float(sum(levels[1::2]) / sum(levels[::2]))


def noise_share(samples: NDArray[np.float64], hertz: float) -> float:
    """How much of the power lies away from the partials."""
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    places = np.fft.rfftfreq(len(samples), 1 / RATE) / hertz
    away = (np.abs(places - np.round(places)) > 0.25) & (places > 1)
    return float(power[away].sum() / power.sum())


def beating(samples: NDArray[np.float64]) -> float:
    """How far the level of a ringing note moves up and down, in dB, around its decay."""
    level = 20 * np.log10(envelope(samples)[RATE // 10 : RATE] + 1e-9)
    time = np.arange(len(level))
    return float(np.std(level - np.polyval(np.polyfit(time, level, 2), time)))


RULES: dict[str, Callable[[NDArray[np.float64], float], float]] = {
    "brighter": lambda samples, hertz: centroid_hertz(samples),
    "strike": lambda samples, hertz: centroid_hertz(samples[: RATE // 10]),
    "longer": lambda samples, hertz: decay_seconds(samples),
    "slower": lambda samples, hertz: attack_seconds(samples),
    "evener": even_share,
    "noisier": noise_share,
    "beating": lambda samples, hertz: beating(samples),
}
"""What is greater for one sound than for another by a factor, at the same pitch.

`evener` has stronger even partials, `strike` is the brightness of the first tenth of a second.
"""

FORMERLY = [
    ("ukulele", "banjo", "brighter", 0.6),
    ("ukulele", "banjo", "longer", 0.9),
    ("mandolin", "banjo", "longer", 1.3),
    ("mandolin", "banjo", "beating", 1.2),
    ("twelve_string_guitar", "acoustic_guitar", "strike", 1.3),
    ("twelve_string_guitar", "acoustic_guitar", "beating", 1.5),
    ("pedal_steel", "acoustic_guitar", "longer", 1.3),
    ("pedal_steel", "acoustic_guitar", "slower", 3.0),
    ("oboe", "clarinet", "evener", 10.0),
    ("english_horn", "clarinet", "evener", 10.0),
    ("english_horn", "oboe", "brighter", 0.8),
    ("bassoon", "clarinet", "brighter", 1.2),
    ("bassoon", "clarinet", "evener", 10.0),
    ("bass_clarinet", "clarinet", "brighter", 0.9),
    ("french_horn", "trombone", "brighter", 0.9),
    ("french_horn", "trombone", "slower", 1.25),
    ("flugelhorn", "trumpet", "brighter", 0.75),
    ("flugelhorn", "trumpet", "slower", 1.25),
    ("muted_trumpet", "trumpet", "brighter", 1.5),
    ("piccolo", "flute", "noisier", 0.5),
    ("pan_flute", "flute", "noisier", 1.5),
    ("recorder", "flute", "noisier", 0.5),
    ("tin_whistle", "flute", "evener", 3.0),
    ("whistling", "flute", "evener", 0.2),
    ("ocarina", "flute", "noisier", 0.6),
    ("shakuhachi", "flute", "noisier", 1.5),
    ("shakuhachi", "flute", "slower", 1.5),
    ("bagpipes", "accordion", "brighter", 1.3),
    ("bandoneon", "accordion", "brighter", 0.85),
    ("melodica", "accordion", "evener", 2.0),
    ("melodica", "harmonica", "brighter", 0.8),
    ("koto", "sitar", "longer", 0.8),
    ("koto", "sitar", "brighter", 0.7),
    ("shamisen", "sitar", "longer", 0.4),
    ("oud", "sitar", "brighter", 0.6),
    ("dulcimer", "sitar", "brighter", 0.8),
    ("dulcimer", "sitar", "beating", 1.2),
    ("erhu", "violin", "brighter", 0.8),
    ("kalimba", "marimba", "longer", 1.5),
    ("xylophone", "marimba", "strike", 1.2),
    ("xylophone", "marimba", "longer", 0.7),
    ("glockenspiel", "bells", "strike", 0.9),
    ("music_box", "bells", "longer", 0.7),
    ("tubular_bells", "bells", "brighter", 1.3),
    ("celesta", "bells", "strike", 0.9),
    ("church_organ", "organ", "brighter", 1.2),
    ("church_organ", "organ", "slower", 2.0),
    ("reed_organ", "accordion", "brighter", 0.7),
    ("fretless_bass", "electric_bass", "brighter", 0.5),
    ("bass_808", "sub_bass", "brighter", 0.9),
    ("theremin", "synth_lead", "brighter", 0.7),
    ("didgeridoo", "tuba", "brighter", 1.2),
    ("soprano_saxophone", "saxophone", "brighter", 1.2),
    ("alto_saxophone", "saxophone", "brighter", 1.1),
    ("baritone_saxophone", "saxophone", "brighter", 0.9),
]
"""An instrument, the one that used to play in its place, what tells them apart, and the factor at least.

A factor below 1 is the most that there may be: it is darker, or shorter.
"""


@pytest.mark.parametrize(("name", "other", "rule", "factor"), FORMERLY)
def test_it_does_not_sound_like_what_used_to_play_it(name: str, other: str, rule: str, factor: float) -> None:
    first, second = library.instruments()[name], library.instruments()[other]
    pitch = (max(first.low, second.low) + min(first.high, second.high)) // 2
    hertz = 440 * 2 ** ((pitch - 69) / 12)
    ratio = RULES[rule](note(name, pitch), hertz) / RULES[rule](note(other, pitch), hertz)
    assert ratio > factor if factor > 1 else ratio < factor, (rule, round(ratio, 2))


REGISTERS = [
    ("piccolo", "flute"),
    ("flute", "shakuhachi"),
    ("glockenspiel", "bells"),
    ("bells", "tubular_bells"),
    ("xylophone", "marimba"),
    ("oboe", "english_horn"),
    ("english_horn", "bassoon"),
    ("clarinet", "bass_clarinet"),
    ("soprano_saxophone", "alto_saxophone"),
    ("alto_saxophone", "saxophone"),
    ("saxophone", "baritone_saxophone"),
    ("trumpet", "french_horn"),
]


@pytest.mark.parametrize(("higher", "lower"), REGISTERS)
def test_a_family_has_its_registers(higher: str, lower: str) -> None:
    high, low = library.instruments()[higher], library.instruments()[lower]
    assert high.low >= low.low + 2
    assert high.high >= low.high + 1


NAMES = [
    "ukulele", "mandolin", "oboe", "bassoon", "English horn", "French horn", "piccolo", "pan flute", "recorder",
    "bagpipes", "koto", "shamisen", "oud", "kalimba", "xylophone", "glockenspiel", "music box", "tubular bells",
    "celesta", "church organ", "accordion", "harmonica", "melodica", "pedal steel guitar", "twelve-string guitar",
    "fretless bass", "808 bass", "theremin", "dulcimer", "didgeridoo", "erhu", "shakuhachi", "soprano saxophone",
    "alto saxophone", "tenor saxophone", "baritone saxophone", "bass clarinet", "flugelhorn", "muted trumpet",
    "tin whistle",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_it_plays_what_it_is_called_in_its_range(engine: LoadedEngine, name: str) -> None:
    """With a name of its own, within its range, at a key's pitch, and nothing said of a stand-in."""
    made = perform(engine, f"{name}, in D minor", timeline(4.0), options=OWN)
    instrument = library.instruments()[made.report["instruments"][0]]
    assert len(made.stems) == 1
    expected = "saxophone" if name == "tenor saxophone" else name.casefold()
    assert expected in (made.stems[0].name.casefold(), *instrument.words)
    notes = made.notes[0]
    assert notes
    assert all(instrument.low <= one.pitch <= instrument.high for one in notes)
    assert not any("played by" in sentence for sentence in made.remarks)
    assert np.abs(made.mix).max() > 0.05


STAND_INS = [(term, name) for name, one in library.instruments().items() for term in one.stands_in_for]


@pytest.mark.parametrize(("term", "name"), STAND_INS)
def test_a_stand_in_is_found_by_each_of_its_words(term: str, name: str) -> None:
    for text in (term, f"sad {term} with drums"):
        wish = parse_prompt(text)
        assert (wish.instruments, wish.stand_ins, wish.unknown) == ([name], {fold_term(term): name}, [])


def test_the_words_of_stand_ins_are_no_others() -> None:
    words = library.word_lists()
    others = [term for table in (words.parts, words.metres) for terms in table.values() for term in terms]
    for things in (library.genres(), library.instruments(), library.kits(), words.moods):
        others += [term for thing in things.values() for term in thing.words]
    listed = [fold_term(term) for term, _ in STAND_INS]
    assert len(set(listed)) == len(listed)
    assert not set(listed) & set(map(fold_term, others))


def test_a_stand_in_is_said(engine: LoadedEngine) -> None:
    made = perform(engine, "tanpura and cornet, no lute", timeline(2.0), options=OWN)
    assert [stem.name for stem in made.stems] == ["Sitar", "Trumpet"]
    assert "tanpura: played by the sitar." in made.remarks
    assert "cornet: played by the trumpet." in made.remarks
    assert sum("played by" in sentence for sentence in made.remarks) == 2


def test_a_stand_in_that_is_ruled_out_leaves_the_instrument() -> None:
    assert parse_prompt("sitar but no tanpura").instruments == ["sitar"]


def test_a_search_shows_who_plays_it() -> None:
    assert search_lines("alto horn")[0] == "alto horn  instrument: played by the French horn"
    assert search_lines("koto") == ["koto  instrument"]
