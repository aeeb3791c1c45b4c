"""Reads a prompt: words of the vocabulary, a tempo, a key, a metre and a length, and what was not understood."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.words.chord_words import take_chords
from bandmate_plugins._engines.sketch.words.chorus_effect import name_chorus
from bandmate_plugins._engines.sketch.words.form_words import take_form_words
from bandmate_plugins._engines.sketch.words.idioms import take_titles
from bandmate_plugins._engines.sketch.words.manners import find_manners
from bandmate_plugins._engines.sketch.words.negation import FoundTerm, UnknownWord, find_terms
from bandmate_plugins._engines.sketch.words.number_words import write_figures
from bandmate_plugins._engines.sketch.words.numbers import take_figures
from bandmate_plugins._engines.sketch.words.only_drums import limits_kit
from bandmate_plugins._engines.sketch.words.parsed_prompt import ParsedPrompt, is_unwanted_drum
from bandmate_plugins._engines.sketch.words.percussion import PERCUSSION
from bandmate_plugins._engines.sketch.words.places import adds_drums_to_style, take_places
from bandmate_plugins._engines.sketch.words.player_counts import take_counts
from bandmate_plugins._engines.sketch.words.prompt_levels import take_levels
from bandmate_plugins._engines.sketch.words.prompt_phrases import leave_room, name_registers
from bandmate_plugins._engines.sketch.words.prompt_places import family_of, name_percussion, place_players
from bandmate_plugins._engines.sketch.words.terms import Meaning, all_terms, genres_in_term, stand_in_terms
from bandmate_plugins._engines.sketch.words.typos import find_candidates, replace_word

_DRIVEN = frozenset({"distorted", "palm_muted", "power_chords"})
"""Manners of guitars that are distorted."""
_DRIVEN_GUITARS = frozenset({"distorted_guitar", "lead_guitar"})
_GENERIC_GUITAR = frozenset({"guitar", "guitars"})


def parse_prompt(prompt: str) -> ParsedPrompt:
    """Understands what it can; never fails, whatever the text.

    Misspelled words are taken for those that they are near to, if no other word is unknown or none is known.
    """
    wish = _read_prompt(prompt)
    if not wish.unread:
        return wish
    near = find_candidates(wish.unread)
    if wish.has_terms and len(wish.unread) > 1 and near.keys() != set(wish.unread):
        return wish
    wish.near = {word: known for word, known in near.items() if len(known) > 1}
    meant = {word: known for word, (known, *others) in near.items() if not others}
    text = prompt
    for word, known in meant.items():
        text = replace_word(text, word, known)
    mended = _read_prompt(text)
    if not meant or set(mended.unread) & set(meant.values()):
        return wish
    mended.corrected, mended.near = meant, wish.near
    return mended


def _read_prompt(prompt: str) -> ParsedPrompt:
    titles, text = take_titles(unicodedata.normalize("NFKC", prompt))
    chords = take_chords(text)
    form, text = take_form_words(write_figures(chords.text))
    places, text = take_places(text)
    counts, text = take_counts(name_registers(name_chorus(leave_room(text))))
    figures, text = take_figures(text)
    wish = ParsedPrompt(
        chords=chords.chart, has_terms=bool(chords.chart),
        bpm=figures.bpm, metre=figures.metre, key=figures.key, bars=figures.bars, seconds=figures.seconds, form=form,
        used=[*([chords.chart] if chords.chart else []), *figures.used, *form.used],
        unknown=[*figures.unknown, *titles], counts=counts,
    )  # fmt: skip
    if form.parts and figures.bars is None and figures.seconds is None:
        wish.bars = float(sum(bars for _, bars in form.parts))
    terms = list(find_terms(text))
    inside = _apply_terms(terms, {term.text for found in places for term in found.resting}, wish)
    _reconsider(terms, wish)
    _take_manners([term for term in terms if isinstance(term, FoundTerm)], wish)
    _drop_unwanted(wish)
    group = library.ensembles()[wish.ensemble].genre if wish.ensemble else None
    dances = library.word_lists().metre_styles
    wish.genres = wish.genres or ([group] if group else inside[:1])
    wish.genres = wish.genres or [dances[word] for word in wish.used if word in dances][:1]
    wish.genre = wish.genres[0] if wish.genres else None
    name_percussion(wish)
    place_players(places, wish)
    wish.only_drums = limits_kit(text) and not any(
        place.first_bar > 1 or place.last_bar for place in wish.places.values()
    )
    _fit_guitar(terms, wish)
    wish.band = wish.band or adds_drums_to_style(
        text, wish.drums, bool(wish.instruments or wish.parts or wish.kit)
    )
    _keep_style_seats(wish)
    wish.used = [_counted_text(term, wish) for term in wish.used]
    take_levels(leave_room(prompt), wish)
    return wish


def _apply_terms(
    terms: Sequence[FoundTerm | UnknownWord], resting: set[str], wish: ParsedPrompt
) -> list[str]:
    """Adds the terms of a prompt to the wish, less those of players that only rest; returns the styles inside them."""
    inside: list[str] = []
    described: list[FoundTerm] = []
    for found in terms:
        if isinstance(found, UnknownWord):
            _note_unknown(found, wish)
        elif found.negated and found.text in resting:
            wish.has_terms = True
        elif found.negated:
            _leave_out(found, wish)
        elif found.described:
            wish.used[-1] += f" {found.text}"
            described.append(found)
        else:
            _apply_term(found, wish)
            inside += genres_in_term(found.text)
    if not _asks_for_players(wish):
        # `no walking bass` alone is a bass.
        for found in described:
            wish.used[-1] = wish.used[-1].removesuffix(f" {found.text}")
            _apply_term(found, wish)
    return inside


def _note_unknown(found: UnknownWord, wish: ParsedPrompt) -> None:
    if found.text not in wish.unknown:
        wish.unknown.append(found.text)
        if not found.is_idiom:
            wish.unread.append(found.text)


def _counted_text(term: str, wish: ParsedPrompt) -> str:
    """A term of the prompt with how many it means: `2 violins`."""
    meaning = all_terms().get(term)
    count = wish.counts.get(wish.fitted.get(meaning.name, meaning.name), 1) if meaning else 1
    return f"{count} {term}s" if count > 1 else term


def _asks_for_players(wish: ParsedPrompt) -> bool:
    return bool(
        wish.genres or wish.instruments or wish.parts or wish.drums or wish.kit or wish.ensemble or wish.band
    )


def _keep_style_seats(wish: ParsedPrompt) -> None:
    """In a band, an instrument that has a place in the style plays that: the brass section of funk is its lead."""
    if not wish.band or wish.genre is None:
        return
    genre = library.genres()[wish.genre]
    lines = {"bass": genre.bass, "keys": genre.keyboard, "lead": genre.lead}
    for name in wish.instruments:
        places = [kind for kind, line in lines.items() if line.instrument == name]
        if places and library.instruments()[name].part not in places:
            wish.assigned.setdefault(name, places[0])


def _take_manners(terms: Sequence[FoundTerm], wish: ParsedPrompt) -> None:
    """The manners of playing; one that nobody is named for asks for who usually plays like that."""
    wish.manners = find_manners(terms)
    if "drums" in wish.without:
        # A fill without drums is the bass's.
        wish.manners = [replace(one, on="bass") if one.name == "fill" else one for one in wish.manners]
    named = bool(wish.instruments or wish.parts or wish.drums or wish.kit or wish.ensemble)
    for asked in wish.manners:
        effect = library.word_lists().manners[asked.name]
        if not wish.instruments and not wish.ensemble and effect.asks_instrument and not asked.on:
            wish.instruments.append(effect.asks_instrument)
        elif effect.asks and not named and not wish.band and (asked.whole or not wish.genres):
            wish.parts.append(effect.asks)
        elif effect.asks == "lead" and asked.on in wish.instruments and not _is_guitar(asked.on):
            wish.assigned.setdefault(asked.on, "lead")


def _is_guitar(instrument: str) -> bool:
    """Whether a riff on it is a low figure in place of its chords, not a melody."""
    return instrument in library.word_lists().families["guitar"]


def instrument_part(wish: ParsedPrompt, instrument: str) -> str:
    """What an instrument plays here."""
    return wish.assigned.get(instrument, library.instruments()[instrument].part)


def _leave_out(found: FoundTerm, wish: ParsedPrompt) -> None:
    kind, name = found.meaning.kind, found.meaning.name
    wish.has_terms = True
    wish.used.append(f"no {found.text}")
    if kind == "sound":
        wish.sound = "own" if name == "soundfont" else "soundfont"
    elif kind == "mood":
        wish.opposite_moods.append(name)
    elif kind == "genre" and found.text == "swing":
        wish.moods.append("straight")
    elif kind == "genre":
        wish.without_genres.add(name)
    elif found.text in stand_in_terms():
        pass  # nobody has it, and the one that stands in for it may well play
    elif kind == "instrument":
        wish.without_instruments.update(family_of(found.text) or (name,))
    elif kind == "ensemble":
        wish.without_instruments.update(seat.instrument for seat in library.ensembles()[name].seats)
    elif kind == "drum":
        wish.without_drums.update(library.single_drums()[name].ruled_out)
    elif kind in ("part", "kit"):
        wish.without.add("drums" if kind == "kit" or name == PERCUSSION else name)


def _reconsider(terms: Sequence[FoundTerm | UnknownWord], wish: ParsedPrompt) -> None:
    """What is asked for after it was ruled out plays: of `no drums, drums only`, the last counts."""
    ruled_out: set[Meaning] = set()
    for found in terms:
        if not isinstance(found, FoundTerm) or found.meaning.kind not in ("part", "kit", "instrument"):
            continue
        if found.negated:
            ruled_out.add(found.meaning)
        elif found.meaning in ruled_out and found.meaning.kind == "instrument":
            wish.without_instruments.discard(found.meaning.name)
        elif found.meaning in ruled_out:
            wish.without.discard("drums" if found.meaning.kind == "kit" else found.meaning.name)


def _fit_guitar(terms: Sequence[FoundTerm | UnknownWord], wish: ParsedPrompt) -> None:
    """A `guitar` without a word for its kind is the one that the style has: in metal, a distorted one.

    A clean, distorted or palm muted guitar is an electric one in any style.
    """
    named = {term.text for term in terms if isinstance(term, FoundTerm) and not term.negated}
    if not named & _GENERIC_GUITAR:
        return
    family = library.word_lists().families["guitar"]
    genre = library.genres()[wish.genre] if wish.genre else None
    lines = (genre.keyboard, genre.lead) if genre else ()
    own = next((line.instrument for line in lines if line.instrument in family), None)
    usual = all_terms()["guitar"].name
    asked = {one.name for one in wish.manners if one.on in ("", all_terms()["guitar"].name)}
    if asked & _DRIVEN:
        own = own if own in _DRIVEN_GUITARS else "distorted_guitar"
    elif "clean" in asked:
        own = "clean_guitar"
    if own is None or own in wish.without_instruments or usual not in wish.instruments:
        return
    wish.instruments = list(dict.fromkeys(own if name == usual else name for name in wish.instruments))
    wish.fitted[usual] = own
    wish.manners = [replace(one, on=own) if one.on == usual else one for one in wish.manners]
    wish.counts = {own if name == usual else name: count for name, count in wish.counts.items()}
    wish.assigned = {own if name == usual else name: part for name, part in wish.assigned.items()}
    wish.part_bars = {own if name == usual else name: place for name, place in wish.part_bars.items()}


def _drop_unwanted(wish: ParsedPrompt) -> None:
    wish.genres = [name for name in wish.genres if name not in wish.without_genres]
    wish.instruments = [name for name in wish.instruments if name not in wish.without_instruments]
    wish.drums = [name for name in wish.drums if not is_unwanted_drum(name, wish)]
    wish.parts = [name for name in wish.parts if name not in wish.without]


def _apply_term(found: FoundTerm, wish: ParsedPrompt) -> None:
    kind, name = found.meaning.kind, found.meaning.name
    if kind == "absent":
        wish.unknown.append(found.text)
        return
    _note_term(found, wish)
    _take_from_ensemble(found, wish)
    lists = {
        "genre": wish.genres,
        "mood": wish.moods,
        "instrument": wish.instruments,
        "part": wish.parts,
    }
    if kind == "part" and name in ("bass", "keys", "lead") and _plays_other(found.follows, name):
        assert found.follows is not None, "it plays another part"
        wish.assigned[found.follows.name] = name
    elif kind == "sound":
        wish.sound = name
    elif kind == "kit":
        wish.kit = wish.kit or name
    elif kind == "ensemble":
        wish.ensemble = wish.ensemble or name
    elif kind == "metre":
        numerator, denominator = name.split("/")
        wish.metre = wish.metre or (int(numerator), int(denominator))
    elif name == "band":
        wish.band = True
    elif kind == "drum":
        _name_drum(name, found.follows, wish)
    elif kind != "manner" and name not in lists[kind]:
        lists[kind].append(name)


def _take_from_ensemble(found: FoundTerm, wish: ParsedPrompt) -> None:
    """`orchestral percussion` is that of an orchestra, alone."""
    if found.meaning.name == PERCUSSION and found.follows is not None and found.follows.kind == "ensemble":
        wish.ensemble = None
        wish.genres.append(library.ensembles()[found.follows.name].genre)


def _name_drum(name: str, follows: Meaning | None, wish: ParsedPrompt) -> None:
    """Asks for a drum; a kit, or the 808, directly before it says only which one it is: `808 cowbell`."""
    if name not in wish.drums:
        wish.drums.append(name)
    if follows is None or follows.kind not in ("kit", "drum"):
        return
    kit = follows.name if follows.kind == "kit" else library.single_drums()[follows.name].kit
    if kit and follows.name != name:
        wish.drum_kits[name] = kit
        wish.kit = None if follows.kind == "kit" else wish.kit
        wish.drums = [one for one in wish.drums if one != follows.name]


def _note_term(found: FoundTerm, wish: ParsedPrompt) -> None:
    """Keeps what is to be said of a term."""
    wish.has_terms = True
    if found.text not in wish.used:
        wish.used.append(found.text)
    if found.text in stand_in_terms():
        stand_ins = wish.stand_ins if found.meaning.kind == "instrument" else wish.style_stand_ins
        stand_ins[found.text] = found.meaning.name


def _plays_other(before: Meaning | None, part: str) -> bool:
    """Whether a part is that of the instrument just named: `violin chords`."""
    return (
        before is not None and before.kind == "instrument" and library.instruments()[before.name].part != part
    )
