"""What the musician and programs are told about a performance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.performance.idle_manners import unplayable_manner_remarks
from bandmate_plugins._engines.sketch.players.band import Band
from bandmate_plugins._engines.sketch.words.decisions import FALLBACK
from bandmate_plugins._engines.sketch.words.parsed_prompt import ParsedPrompt
from bandmate_plugins._engines.sketch.words.search import instrument_phrase
from bandmate_plugins._listening.context import ContextAnalysis
from bandmate_plugins._theory.chords import parse_chord
from bandmate_plugins._theory.keys import Key, parse_key
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_plugins.outputs import Remark
from bandmate_protocol.texts import say

_MAX_WORDS = 16
_MAX_WORD_LENGTH = 40


def performance_report(wish: ParsedPrompt, band: Band, bpm: float) -> dict[str, Any]:
    """The same as the remarks, for programs."""
    chart = band.chart
    return {
        "genre": chart.genre.title,
        "key": chart.key.name,
        "tuning_cents": chart.tuning_cents,
        "bpm": bpm,
        "parts": [part.name for part in band.parts],
        "channels": [part.channel for part in band.parts],
        "instruments": [part.sound_name for part in band.parts],
        "sections": [section.kind for section in chart.form.sections[:64]],
        "used_words": _shorten_words(wish.used),
        "unknown_words": _shorten_words(wish.unknown),
    }


def performance_remarks(
    wish: ParsedPrompt, band: Band, music: MusicalRange, why_key: str, heard: ContextAnalysis
) -> list[str]:
    """Sentences: what was understood, what was not, and what was decided."""
    said: list[str] = []
    if wish.used:
        said.append(f"Understood: {join_words(wish.used)}.")
    if wish.unknown:
        said.append(
            say(
                "Unknown words: {words}. `bandmate words` lists the known ones.",
                words=join_words(wish.unknown),
            )
        )
    said.extend(_spelling_remarks(wish))
    said.extend(stand_in_remarks(wish, band))
    said.extend(unplayable_manner_remarks(wish, band))
    said.extend(wish.assumptions)
    if not wish.genres and not all(part.single_drum or part.written is not None for part in band.parts):
        said.append(
            say(
                "The prompt names no style, so {title} (`{fallback}`) is played.",
                title=band.chart.genre.title,
                fallback=FALLBACK,
            )
        )
    said.extend(key_remarks(band, band.chart.key, why_key))
    if heard.chords and band.chart.marks and not music.timeline.chords:
        said.append(
            say(
                "It follows the detected chords: {words}.",
                words=join_words([mark.symbol for mark in heard.chords]),
            )
        )
    said.extend(_overruled_remarks(wish, band, music))
    return said


def _spelling_remarks(wish: ParsedPrompt) -> Iterator[str]:
    """What misspelled words were taken for, and what unknown ones could mean."""
    for word, known in wish.corrected.items():
        yield say("{word}: taken as {known}.", word=f"`{word[:_MAX_WORD_LENGTH]}`", known=known)
    for word, several in wish.near.items():
        yield say(
            "{word} could be {words}, so it was not taken for any.",
            word=f"`{word[:_MAX_WORD_LENGTH]}`",
            words=" or ".join(several),
        )


def stand_in_remarks(wish: ParsedPrompt, band: Band) -> list[str]:
    """Which instruments and styles play in place of some that the band does not have."""
    playing = {part.sound_name for part in band.parts}
    instruments = [
        say("{asked}: played by the {instrument}.", asked=asked, instrument=instrument_phrase(name))
        for asked, name in wish.stand_ins.items()
        if name in playing
    ]
    styles = [
        say("{asked}: played as {style}.", asked=asked, style=library.genres()[name].title)
        for asked, name in wish.style_stand_ins.items()
        if library.genres()[name].title == band.chart.genre.title
    ]
    return [*instruments, *styles]


def key_remarks(band: Band, key: Key, why: str) -> list[str]:
    """The key and why it was taken, unless nobody plays notes."""
    if all(part.kit is not None for part in band.parts):
        return []
    said = [
        say("The key is {key}, {why}.", key=key.name, why=why)
        if why
        else say("The key is {key}.", key=key.name)
    ]
    return [*said, *_tuning_remarks(band.chart.tuning_cents)]


def _tuning_remarks(cents: int) -> list[str]:
    if not cents:
        return []
    side, a4 = "above" if cents > 0 else "below", 440 * 2 ** (cents / 1200)
    return [
        say(
            "It plays {abs} cents {side} concert pitch, like the recording (A4 = {a4:.1f} Hz).",
            abs=abs(cents),
            side=side,
            a4=a4,
        )
    ]


def _overruled_remarks(wish: ParsedPrompt, band: Band, music: MusicalRange) -> list[str]:
    timeline = music.timeline
    said: list[str] = []
    if wish.key and wish.key != band.chart.key:
        said.append(say("The project's key replaces the prompt's {key}.", key=wish.key.name))
    bpm = music.start_bpm
    if wish.bpm and abs(wish.bpm - bpm) > 0.5:
        said.append(
            say(
                "The project's {project_bpm:g} bpm replace the prompt's {bpm:g}.",
                bpm=wish.bpm,
                project_bpm=bpm,
            )
        )
    said.extend(_length_remarks(wish, music))
    metre = music.tempo.metre_at(music.start_frame)
    if wish.metre and wish.metre != metre:
        said.append(
            say(
                "The project's {project_metre} replaces the prompt's {metre}.",
                metre=f"{wish.metre[0]}/{wish.metre[1]}",
                project_metre=f"{metre[0]}/{metre[1]}",
            )
        )
    if timeline.key and parse_key(timeline.key) is None:
        said.append(say("The project's key {key!r} could not be read.", key=timeline.key[:_MAX_WORD_LENGTH]))
    silent = ("N", "NC", "N.C.", "n")
    unread = {m.symbol for m in timeline.chords if m.symbol not in silent and parse_chord(m.symbol) is None}
    if unread:
        said.append(
            say(
                "These chords could not be read and became rests: {words}.",
                words=join_words(sorted(unread)),
            )
        )
    return said


def _length_remarks(wish: ParsedPrompt, music: MusicalRange) -> list[str]:
    """That the range is not as long as the prompt says."""
    seconds = music.frames / music.sample_rate
    if wish.seconds and abs(wish.seconds - seconds) > max(0.05 * wish.seconds, 0.5):
        return [
            say(
                "The range decides the length, {seconds:.1f} seconds, not the prompt's {asked:g} seconds.",
                seconds=seconds,
                asked=wish.seconds,
            )
        ]
    bars = _bar_place(music, music.end_frame) - _bar_place(music, music.start_frame)
    build = wish.form.build
    is_of_build = build is not None and bool(build.into) and build.bars == wish.bars
    if wish.bars and not is_of_build and abs(wish.bars - bars) > 0.05:
        return [
            say(
                "The range decides the length, {bars:g} bars, not the prompt's {asked:g}.",
                bars=round(bars, 2),
                asked=wish.bars,
            )
        ]
    return []


def _bar_place(music: MusicalRange, frame: int) -> float:
    """A position in bars."""
    bar, beat = music.tempo.bar_beat_at(frame)
    return bar + beat / music.tempo.metre_at(frame)[0]


def lyrics_remarks(lyrics: str) -> Iterator[Remark]:
    """That nobody sings, where there are lyrics."""
    if lyrics.strip():
        yield Remark(
            "The embedded band does not sing, so the lyrics were ignored; acestep sings, with its model."
        )


def join_words(words: list[str]) -> str:
    """Words with commas between, the first ones of very many."""
    short = _shorten_words(words)
    more = len(words) - len(short)
    return ", ".join(short) + (f" and {more} more" if more else "")


def _shorten_words(words: list[str]) -> list[str]:
    return [
        word if len(word) <= _MAX_WORD_LENGTH else word[: _MAX_WORD_LENGTH - 1] + "…"
        for word in words[:_MAX_WORDS]
    ]
