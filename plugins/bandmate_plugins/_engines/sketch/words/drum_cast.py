"""Who plays the drums that a prompt names: the kit, a part for each, or both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.library import DrumStyle
from bandmate_plugins._engines.sketch.library.drum_keys import DRUM_PITCHES
from bandmate_plugins._engines.sketch.words.parsed_prompt import ParsedPrompt

_REST = "-" * 16
"""A bar of a pattern."""
_STICKS = ("snare", "rim")
"""The drums of a kit that brushes are played on."""


@dataclass(frozen=True, slots=True)
class DrumCast:
    """What a prompt asks of the drums, if it asks for them at all."""

    kit: bool
    """Whether a whole kit plays."""
    alone: tuple[str, ...]
    """Single drums that are parts of their own."""
    in_kit: tuple[str, ...]
    """Single drums that are to be played in the kit."""
    only: bool = False
    """Whether the kit is no more than these."""
    brushed: bool = False
    """Whether the kit is played with brushes."""


def cast_drums(wish: ParsedPrompt) -> DrumCast:
    """A kit where no single drum is named, or where more than single drums are asked for."""
    group = library.ensembles()[wish.ensemble].seats if wish.ensemble else ()
    grouped = any(seat.plays == "drums" for seat in group)
    whole = not wish.drums or "drums" in wish.parts or bool(wish.kit) or wish.band or grouped
    whole = whole and "drums" not in wish.without
    drums, named = library.single_drums(), _distinct_drums(wish.drums)
    in_kit = tuple(name for name in named if whole and drums[name].in_kit)
    only = wish.only_drums and whole and bool(wish.drums)
    kit = whole and not (only and not in_kit and not grouped)
    alone = tuple(name for name in named if name not in in_kit)
    return DrumCast(kit, alone, in_kit, only and bool(in_kit), "brush" in in_kit or wish.kit == "brush")


def silent_drums(wish: ParsedPrompt) -> frozenset[str]:
    """The drums of a kit that nobody plays: those that are ruled out, and all but those that are the only ones."""
    cast = cast_drums(wish)
    if not cast.only:
        return frozenset(wish.without_drums)
    return frozenset(DRUM_PITCHES) - _drums_of(cast.in_kit)


def _distinct_drums(names: Sequence[str]) -> list[str]:
    """One of each title: in `four on the floor kick`, the one that says where it is played."""
    drums = library.single_drums()
    chosen: dict[str, str] = {}
    for name in sorted(names, key=lambda name: not drums[name].place):
        chosen.setdefault(drums[name].title, name)
    return [name for name in names if name in chosen.values()]


def cast_kit(style: DrumStyle, cast: DrumCast) -> DrumStyle:
    """What the kit plays: the style, less the drums that play alone, with those that are named for the kit."""
    left_out = set(_drums_of(cast.alone)) if cast.kit else set()
    if cast.only:
        left_out |= DRUM_PITCHES.keys() - _drums_of(cast.in_kit)
    style = leave_out_drums(style, left_out)
    if cast.brushed:
        style = _brush_kit(style)
    brushes = {"brush", "snare"} if cast.brushed else set()
    return _add_to_kit(style, [name for name in cast.in_kit if name not in brushes])


def _drums_of(names: Sequence[str]) -> frozenset[str]:
    """The drums of a kit that single drums are."""
    return frozenset(key for name in names for key in library.single_drums()[name].drums)


def leave_out_drums(style: DrumStyle, without: set[str]) -> DrumStyle:
    """A style's drums less some of them."""
    if not without:
        return style

    def thin(lines: dict[str, str]) -> dict[str, str]:
        return {name: line for name, line in lines.items() if name not in without}

    beats = tuple(msgspec.structs.replace(one, lines=thin(one.lines)) for one in style.beats)
    fills = tuple(fill for fill in map(thin, style.fills) if fill)
    crash = style.crash and "crash" not in without
    return msgspec.structs.replace(style, beats=beats, fills=fills, crash=crash)


def _brush_kit(style: DrumStyle) -> DrumStyle:
    """A style whose snare and rim are strokes of brushes, which sweep between them."""
    (sweeps,) = library.single_drums()["brush"].lines.values()
    beats = tuple(msgspec.structs.replace(one, lines=_brush_lines(one.lines, sweeps)) for one in style.beats)
    fills = tuple(_brush_lines(fill, "") for fill in style.fills)
    return msgspec.structs.replace(style, beats=beats, fills=fills)


def _brush_lines(lines: dict[str, str], sweeps: str) -> dict[str, str]:
    """Lines without sticks: the brushes' own, else the strokes of the sticks over sweeps."""
    others = {name: line for name, line in lines.items() if name not in _STICKS}
    strokes = next((lines[name] for name in ("brush", *_STICKS) if name in lines), "")
    if "brush" in lines or not sweeps:
        return {**others, "brush": strokes} if strokes else others
    strokes = library.strip_spacing(strokes) or _REST
    sweeps = library.strip_spacing(sweeps).replace("x", "o") * (len(strokes) // len(_REST))
    line = "".join(sweep if stroke == "-" else stroke for stroke, sweep in zip(strokes, sweeps, strict=True))
    return {**others, "brush": line}


def _add_to_kit(style: DrumStyle, names: Sequence[str]) -> DrumStyle:
    """A style whose drummer also plays some single drums, in every beat."""
    for name in names:
        drum = library.single_drums()[name]
        beats = []
        for one in style.beats:
            kept = {key: line for key, line in one.lines.items() if key not in drum.replaces}
            # What is struck in every second bar is written as two bars.
            lines = {key: line + _REST * (drum.every > 1) for key, line in drum.lines.items()}
            added = lines if drum.place else {key: line for key, line in lines.items() if key not in kept}
            beats.append(msgspec.structs.replace(one, lines={**kept, **added}))
        style = msgspec.structs.replace(style, beats=tuple(beats))
    return style
