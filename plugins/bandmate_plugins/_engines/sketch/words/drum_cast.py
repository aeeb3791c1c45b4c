"""Who plays the drums that a prompt names: the kit, a part for each, or both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.library import DrumStyle
from bandmate_plugins._engines.sketch.words.prompt import ParsedPrompt

_REST = "-" * 16
"""A bar of a pattern."""


@dataclass(frozen=True, slots=True)
class DrumCast:
    """What a prompt asks of the drums, if it asks for them at all."""

    kit: bool
    """Whether a whole kit plays."""
    alone: tuple[str, ...]
    """Single drums that are parts of their own."""
    in_kit: tuple[str, ...]
    """Single drums that are to be played in the kit."""


def cast_drums(wish: ParsedPrompt) -> DrumCast:
    """A kit where no single drum is named, or where more than single drums are asked for."""
    group = library.ensembles()[wish.ensemble].seats if wish.ensemble else ()
    whole = not wish.drums or "drums" in wish.parts or bool(wish.kit) or wish.band
    whole = whole or any(seat.plays == "drums" for seat in group)
    whole = whole and "drums" not in wish.without
    drums, named = library.single_drums(), _distinct_drums(wish.drums)
    in_kit = tuple(name for name in named if whole and drums[name].in_kit)
    return DrumCast(whole, tuple(name for name in named if name not in in_kit), in_kit)


def _distinct_drums(names: Sequence[str]) -> list[str]:
    """One of each title: in `four on the floor kick`, the one that says where it is played."""
    drums = library.single_drums()
    chosen: dict[str, str] = {}
    for name in sorted(names, key=lambda name: not drums[name].place):
        chosen.setdefault(drums[name].title, name)
    return [name for name in names if name in chosen.values()]


def cast_kit(style: DrumStyle, cast: DrumCast) -> DrumStyle:
    """What the kit plays: the style, less the drums that play alone, with those that are named for the kit."""
    alone = {key for name in cast.alone for key in library.single_drums()[name].drums} if cast.kit else set()
    return _add_to_kit(leave_out_drums(style, alone), cast.in_kit)


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


def _add_to_kit(style: DrumStyle, names: Sequence[str]) -> DrumStyle:
    """A style whose drummer also plays some single drums, in every beat; brushes are another snare."""
    for name in names:
        drum = library.single_drums()[name]
        if name == "brush":
            continue
        beats = []
        for one in style.beats:
            kept = {key: line for key, line in one.lines.items() if key not in drum.replaces}
            # What is struck in every second bar is written as two bars.
            lines = {key: line + _REST * (drum.every > 1) for key, line in drum.lines.items()}
            added = lines if drum.place else {key: line for key, line in lines.items() if key not in kept}
            beats.append(msgspec.structs.replace(one, lines={**kept, **added}))
        style = msgspec.structs.replace(style, beats=tuple(beats))
    return style
