"""New tracks with the regions that they play, as text."""

from __future__ import annotations

from collections.abc import Sequence

from bandmate_bridge.ardour.new_elements import (
    Ids,
    NewRegion,
    NewTrack,
    playlist_element,
    region_element,
    track_element,
)
from bandmate_bridge.ardour.track_names import ArdourNames

NewRow = tuple[str, str | None, Sequence[NewRegion]]
"""A track's name and colour, and its region with further takes of it."""


def new_tracks(
    rows: Sequence[NewRow], names: ArdourNames, place: int, master: Sequence[str], ids: Ids
) -> tuple[list[str], dict[str, list[str]]]:
    """The ids of tracks behind a place of the mixer, and what a session gains by them, by its sections.

    ``master``: the ports that audio goes to. The first region of each row sounds; each other one has a playlist of its
    own.
    """
    made: list[str] = []
    added: dict[str, list[str]] = {"Routes": [], "Playlists": [], "UnusedPlaylists": []}
    for number, (wanted, colour, regions) in enumerate(rows, 1):
        name, id_ = names.free_name(wanted), next(ids)
        playlists = [next(ids) for _ in regions]
        kind = regions[0].kind
        titles = [name, *(f"{name}.{take}" for take in range(2, len(regions) + 1))]
        texts = [
            playlist_element(one, title, str(id_), kind, [region_element(region, ids)])
            for one, title, region in zip(playlists, titles, regions, strict=True)
        ]
        track = NewTrack(
            id_,
            name,
            playlists[0],
            place + number,
            max(2, len(regions[0].sources)),
            master if kind == "audio" else (),
            _colour(colour),
            kind,
        )
        added["Routes"].append(track_element(track, ids))
        added["Playlists"].append(texts[0])
        added["UnusedPlaylists"] += texts[1:]
        made.append(str(id_))
    return made, {section: texts for section, texts in added.items() if texts}


def _colour(colour: str | None) -> int:
    """`#rrggbb` as Ardour has it, opaque; 0 for none."""
    return int(colour.removeprefix("#"), 16) << 8 | 0xFF if colour else 0
