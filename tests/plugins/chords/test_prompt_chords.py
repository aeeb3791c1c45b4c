"""Chords in a prompt, and what only looks like them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandmate_plugins._engines.sketch.words.chord_words import take_chords


@pytest.mark.parametrize(
    ("prompt", "chart", "rest"),
    [
        ("Am F C G piano", "Am F C G", "piano"),
        ("Dm7 G7 Cmaj7 rhodes", "Dm7 G7 Cmaj7", "rhodes"),
        ("Dm7 G7 Cmaj7", "Dm7 G7 Cmaj7", ""),
        ("piano: Dm7 | G7 | Cmaj7", "Dm7 | G7 | Cmaj7", "piano:"),
        ("piano | Dm7 G7 | Cmaj7 | slow", "| Dm7 G7 | Cmaj7 |", "piano slow"),
        ("Cmaj7 to Fmaj7 rhodes", "Cmaj7 Fmaj7", "rhodes"),
        ("rhodes from Cmaj7 to Fmaj7", "Cmaj7 Fmaj7", "rhodes from"),
        ("lofi, Am-F-C-G, dusty", "Am-F-C-G", "lofi, , dusty"),
        ("Am, F, C, G strings pad", "Am, F, C, G", "strings pad"),
        ("Am -> F -> C piano", "Am -> F -> C", "piano"),
        ("Am F C G x2 piano", "Am F C G x2", "piano"),
        ("(Am F) x2 C G piano", "(Am F) x2 C G", "piano"),
        ("Am F % G piano", "Am F % G", "piano"),
        ("Bb Eb F7 ska horns", "Bb Eb F7", "ska horns"),
        ("C♯m7 B♭maj7 pad", "C♯m7 B♭maj7", "pad"),
        ("C/E F G/B piano", "C/E F G/B", "piano"),
        ("N.C. Am F drums", "N.C. Am F", "drums"),
        ("E7#9 A7(b9) funk guitar", "E7#9 A7(b9)", "funk guitar"),
        ("piano in A minor: Am F C G", "Am F C G", "piano in A minor:"),
        ("a piano with C G Am F", "C G Am F", "a piano with"),
        ("A D E A blues guitar", "A D E A", "blues guitar"),
        ("Em Am drums and bass", "Em Am", "drums and bass"),
    ],
)
def test_two_symbols_in_a_row_are_chords(prompt: str, chart: str, rest: str) -> None:
    found = take_chords(prompt)
    assert found.chart == chart
    assert " ".join(found.text.split()) == rest


@pytest.mark.parametrize(
    "prompt",
    [
        "I am in love, slow piano",
        "I am F piano",
        "bass in E",
        "C",
        "Am piano",
        "Em drums",
        "G funk",
        "A minor piano",
        "A minor to C major piano",
        "C major, A minor",
        "E flat B flat horns",
        "F# minor dorian",
        "A Dm groove",
        "A A B A form, jazz",
        "A B A B pop song",
        "B B King style blues",
        "am f c g piano",
        "A/C unit noise",
        "AC/DC rock",
        "ABBA disco",
        "D&B loop",
        "drum & bass",
        "C4 E4 G4 arpeggio",
        "Bb trumpet and Eb sax",
        "808 bass in F",
        "E. Piano",
        "DADGAD tuning",
        "E string and A string",
        "K-pop G",
        "A-ha 80s pop",
        "C64 chiptune",
        "vitamin C, plan B",
        "",
    ],
)
def test_what_only_looks_like_chords_is_left_alone(prompt: str) -> None:
    found = take_chords(prompt)
    assert found.chart == ""
    assert found.text == prompt


@given(st.text(max_size=80) | st.text(alphabet="ABCDEFGmb#7 |%()x2/-,to:", max_size=60))
def test_any_text_is_taken_apart_without_a_failure(prompt: str) -> None:
    found = take_chords(prompt)
    assert bool(found.chart) == (found.text != prompt)
