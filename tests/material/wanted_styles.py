"""The words that people use for music, and what public pages say of the styles among them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from bandmate_plugins._engines.sketch.library import Genre

_MATERIAL = Path(__file__).parent
_LIST, _SOURCES = _MATERIAL / "wanted_words.toml", _MATERIAL / "style_sources.toml"


def wanted_words() -> dict[str, list[str]]:
    """Styles, instruments and manners."""
    return tomllib.loads(_LIST.read_text("utf-8"))


class StyleSource(msgspec.Struct, forbid_unknown_fields=True):
    """What a page says of a style."""

    page: str
    tempo: tuple[float, float] | None = None
    felt: float = 1.0
    says: str = ""
    swung: bool | None = None
    """Whether its eighths or sixteenths swing."""
    metres: tuple[str, ...] = ()
    mode: str = ""
    """What most of its keys are: `major`, `minor`."""


class StyleSources(msgspec.Struct, forbid_unknown_fields=True):
    """The pages, and what they say by style."""

    pages: dict[str, tuple[str, str]]
    styles: dict[str, StyleSource]


def style_sources() -> StyleSources:
    """Those of tests/material/style_sources.toml."""
    return msgspec.toml.decode(_SOURCES.read_bytes(), type=StyleSources)


def source_agrees(source: StyleSource, genre: Genre) -> bool | None:
    """Whether the tempo of a style lies in that of its source, at least in part; None where that has no tempo."""
    if source.tempo is None:
        return None
    low, high = (bpm * source.felt for bpm in source.tempo)
    return low <= genre.tempo[1] and genre.tempo[0] <= high


def contradictions(source: StyleSource, genre: Genre) -> list[str]:
    """What a source says of swing, metre and mode that the style does otherwise."""
    found: list[str] = []
    if source.swung is not None and source.swung is (genre.swing == 0.5):
        found.append("swing")
    if source.metres and genre.metre not in source.metres:
        found.append("metre")
    of_mode = sum(source.mode in key for key in genre.keys)
    if source.mode and of_mode <= len(genre.keys) / 2:
        found.append("mode")
    return found
