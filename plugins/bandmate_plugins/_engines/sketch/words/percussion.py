"""Who plays where a prompt asks for `percussion`: the percussion of its style, else congas, shaker and tambourine."""

from __future__ import annotations

from bandmate_plugins._engines.sketch import library

PERCUSSION = "percussion"
"""The part, in `[parts]` of `words.toml`."""
_USUAL = "usual"
_LEAST, _MOST = 3, 5


def percussion_drums(style: str | None) -> tuple[str, ...]:
    """The single drums that are a style's percussion: a list of its own, else those in its beats and the usual ones."""
    lists = library.word_lists().percussion
    if style is None:
        return lists[_USUAL]
    genre = library.genres()[style]
    for name in (style, genre.base):
        if name in lists:
            return lists[name]
    played = {line for beats in genre.drums.beats for line in beats.lines}
    own = [
        name
        for name, drum in library.single_drums().items()
        if not (drum.in_kit or drum.sounds or drum.instrument or drum.kit) and played & set(drum.lines)
    ]
    more = [name for name in lists[_USUAL] if name not in own][: max(_LEAST - len(own), 0)]
    return (*own, *more)[:_MOST]
