"""Sections by name: which of them a name means, and what is said of one that is not there."""

from __future__ import annotations

import pytest

from bandmate_plugins._theory.section_names import (
    NamedSection,
    find_sections,
    list_sections,
    unknown_section_error,
)


def sections(*names: str) -> list[NamedSection]:
    return [NamedSection(name, float(at), float(at + 1)) for at, name in enumerate(names)]


SONG = sections("Intro", "Verse 1", "Chorus", "Verse 2", "Chorus", "Bridge", "CHORUS (loud)", "Outro")
LETTERS = sections("A", "B", "A", "C", "B")


@pytest.mark.parametrize(
    ("wanted", "among", "starts"),
    [
        ("Chorus", SONG, [2, 4]),
        ("refrain", SONG, [2, 4]),
        ("verse", SONG, [1, 3]),
        ("Verse 2", SONG, [3]),
        ("verse:2", SONG, [3]),
        ("chorus 2", SONG, [4]),
        ("chorus:2", SONG, [4]),
        ("chorus:3", SONG, []),
        ("verse 3", SONG, []),
        ("chorus loud", SONG, [6]),
        ("ending", SONG, [7]),
        ("B", LETTERS, [1, 4]),
        ("b:2", LETTERS, [4]),
        ("B2", LETTERS, [4]),
        ("A:1", LETTERS, [0]),
        ("D", LETTERS, []),
        ("", LETTERS, []),
        (":", LETTERS, []),
        ("Part 2", sections("Part 2", "Part 2", "Part 3"), [0, 1]),
        ("Part 2:2", sections("Part 2", "Part 2", "Part 3"), [1]),
        ("verse 2", sections("Verse 1", "Verse 3"), []),
        ("strophe", sections("Stróphe", "x"), [0]),
        ("サビ", sections("サビ", "Aメロ"), [0]),
    ],
)
def test_a_name_means_its_occurrences(wanted: str, among: list[NamedSection], starts: list[int]) -> None:
    assert [one.start for one in find_sections(wanted, among)] == starts


def test_sections_come_in_the_order_of_time() -> None:
    backwards = list(reversed(LETTERS))
    assert [one.start for one in find_sections("B", backwards)] == [1, 4]


def test_an_unknown_name_lists_the_nearest_and_all() -> None:
    error = unknown_section_error("chrous", SONG)
    assert error.sentence == "There is no section 'chrous'."
    assert error.remedy.startswith("Did you mean 'Chorus'? Sections: Intro, Verse 1, Chorus (x2), Verse 2,")
    assert unknown_section_error("B", sections("", ""), "Name some.").remedy == "Name some."
    assert len(unknown_section_error("y" * 10_000, SONG).sentence) < 200


def test_very_many_sections_are_not_all_listed() -> None:
    assert list_sections(sections(*map(str, range(100)))).endswith("22, 23, and 76 more.")


def test_odd_names_end_quickly() -> None:
    odd = ["1" * 5_000, "a1" * 2_000, "a:1" * 2_000, " " * 5_000 + ":1", "é" * 5_000]
    for name in odd:
        assert find_sections(name, SONG) == []
        assert unknown_section_error(name, sections(*odd)).remedy
