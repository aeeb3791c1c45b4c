"""Names of keys."""

import pytest

from bandmate_protocol.keys import MODES, KeyName, read_key


@pytest.mark.parametrize(
    ("text", "tonic", "mode"),
    [
        ("A minor", 9, "minor"),
        ("a", 9, "minor"),
        ("A", 9, "major"),
        ("Am", 9, "minor"),
        ("AM", 9, "major"),
        ("Bb", 10, "major"),
        ("F# dorian", 6, "dorian"),
        ("F sharp Minor", 6, "minor"),
        ("e flat major", 3, "major"),
        ("C♯ harmonic  minor", 1, "harmonic minor"),
        ("  Cb ", 11, "major"),
        ("G-mixolydian", 7, "mixolydian"),
    ],
)
def test_keys_as_people_write_them(text, tonic, mode):
    assert read_key(text) == KeyName(tonic, mode)


@pytest.mark.parametrize("text", ["", "H minor", "A sad", "12", "Am7", "minor", "A minor!", "ля минор"])
def test_what_is_no_key(text):
    assert read_key(text) is None


def test_every_mode_can_be_named_on_every_letter():
    assert {read_key(f"{letter} {mode}").mode for letter in "ABCDEFG" for mode in MODES} == set(MODES)
