"""What the musician and programs are told about a performance."""

from __future__ import annotations

from typing import Any

from bandmate_plugins._engines.sketch.ears.surroundings import ContextAnalysis
from bandmate_plugins._engines.sketch.players.band import Band
from bandmate_plugins._engines.sketch.theory.harmony import Key, parse_chord, parse_key
from bandmate_plugins._engines.sketch.words.decisions import FALLBACK
from bandmate_plugins._engines.sketch.words.prompt import ParsedPrompt
from bandmate_protocol.messages import Timeline
from bandmate_protocol.tempo import TempoMap

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
        "instruments": [part.sound_name for part in band.parts],
        "sections": [section.kind for section in chart.form.sections[:64]],
        "used_words": _shorten_words(wish.used),
        "unknown_words": _shorten_words(wish.unknown),
    }


def performance_remarks(
    wish: ParsedPrompt, band: Band, timeline: Timeline, why_key: str, heard: ContextAnalysis
) -> list[str]:
    """Sentences: what was understood, what was not, and what was decided."""
    said = []
    if wish.used:
        said.append(f"Understood: {join_words(wish.used)}.")
    if wish.unknown:
        said.append(f"Not known: {join_words(wish.unknown)}. `bandmate words` lists those that are.")
    if not wish.genres:
        said.append(f"No style was named, so it is played as {band.chart.genre.title} (`{FALLBACK}`).")
    said.extend(key_remarks(band, band.chart.key, why_key))
    if heard.chords and band.chart.marks and not timeline.chords:
        said.append(
            f"It follows the chords heard there: {join_words([mark.symbol for mark in heard.chords])}."
        )
    said.extend(_overruled_remarks(wish, band, timeline))
    return said


def key_remarks(band: Band, key: Key, why: str) -> list[str]:
    """The key and why it was taken, unless nobody plays notes."""
    if all(part.kind == "drums" for part in band.parts):
        return []
    said = [f"The key is {key.name}, {why}." if why else f"The key is {key.name}."]
    return [*said, *_tuning_remarks(band.chart.tuning_cents)]


def _tuning_remarks(cents: int) -> list[str]:
    if not cents:
        return []
    side, a4 = "above" if cents > 0 else "below", 440 * 2 ** (cents / 1200)
    return [f"It plays {abs(cents)} cents {side} concert pitch, as the recording does (A4 = {a4:.1f} Hz)."]


def _overruled_remarks(wish: ParsedPrompt, band: Band, timeline: Timeline) -> list[str]:
    said = []
    if wish.key and wish.key != band.chart.key:
        said.append(f"The prompt's {wish.key.name} gave way to the project's key.")
    tempo = TempoMap.from_timeline(timeline)
    bpm = tempo.bpm_at(timeline.start_frame)
    if wish.bpm and abs(wish.bpm - bpm) > 0.5:
        said.append(f"The prompt's {wish.bpm:g} bpm gave way to the project's {bpm:g}.")
    metre = tempo.metre_at(timeline.start_frame)
    if wish.metre and wish.metre != metre:
        said.append(
            f"The prompt's {wish.metre[0]}/{wish.metre[1]} gave way to the project's {metre[0]}/{metre[1]}."
        )
    if timeline.key and parse_key(timeline.key) is None:
        said.append(f"The project's key {timeline.key[:_MAX_WORD_LENGTH]!r} could not be read.")
    silent = ("N", "NC", "N.C.", "n")
    unread = {m.symbol for m in timeline.chords if m.symbol not in silent and parse_chord(m.symbol) is None}
    if unread:
        said.append(f"These chords could not be read and are rests: {join_words(sorted(unread))}.")
    return said


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
