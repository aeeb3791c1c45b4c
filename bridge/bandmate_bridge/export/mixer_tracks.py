"""Tracks of a REAPER project as tracks with channels: folders as groups, faders, sends and automation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bandmate_bridge.dawproject.blank_project import MASTER_CHANNEL
from bandmate_bridge.dawproject.new_clips import NewAutomation, NewSend, NewTrack
from bandmate_bridge.export.losses import Losses
from bandmate_bridge.rpp import Track
from bandmate_bridge.rpp.chunks import RppChunk
from bandmate_bridge.rpp.fader_envelopes import EnvelopePoints, envelope_points, trims_envelopes
from bandmate_bridge.rpp.track_routing import TrackSend, parent_folders, plays_into_folder, read_sends

_HOLD, _STRAIGHT = 1, 0
_GROUP = "tracks"
_EFFECTS = ("FXCHAIN", "FXCHAIN_REC")
_PLUGINS = ("VST", "AU", "CLAP", "LV2", "JS", "DX", "VIDEO_EFFECT")


def mixer_tracks(tracks: Sequence[Track], losses: Losses) -> list[NewTrack]:
    """A track for each, in the same order; `nested` puts them into their groups."""
    parents = parent_folders(tracks)
    sends: list[list[TrackSend]] = [[] for _ in tracks]
    for send in read_sends(tracks):
        sends[send.source].append(send)
    return [
        _mixer_track(place, track, parents[place], sends[place], losses) for place, track in enumerate(tracks)
    ]


def nested(flat: Sequence[NewTrack], tracks: Sequence[Track]) -> list[NewTrack]:
    """The outermost tracks, with those of their folders inside."""
    inside: dict[int | None, list[NewTrack]] = {}
    for place, parent in reversed(list(enumerate(parent_folders(tracks)))):
        within = inside.pop(place, [])
        one = flat[place]
        if within:
            content = f"{one.content} {_GROUP}" if tracks[place].items else _GROUP
            one = replace(one, inside=within, content=content)
        inside.setdefault(parent, []).insert(0, one)
    return inside.get(None, [])


def _mixer_track(
    place: int, track: Track, parent: int | None, sends: Sequence[TrackSend], losses: Losses
) -> NewTrack:
    chunk = track.chunk
    destination = _channel(parent) if parent is not None else MASTER_CHANNEL
    if not plays_into_folder(chunk):
        straight = [send for send in sends if send.is_after_fader and send.volume == 1.0 and send.pan == 0.0]
        if len(sends) == 1 and straight:
            destination, sends = _channel(straight[0].target), []
        else:
            losses.changed["tracks that only play into their sends play into the master too"] += 1
    _count_losses(chunk, losses)
    return NewTrack(
        id=f"track-{place + 1}",
        channel=_channel(place),
        name=track.name,
        content=_content(track),
        destination=destination,
        colour=track.colour,
        volume=max(chunk.number("VOLPAN", 0, 1.0), 0.0),
        pan=min(max(chunk.number("VOLPAN", 1), -1.0), 1.0),
        muted=track.muted,
        soloed=chunk.integer("MUTESOLO", 1) != 0,
        sends=[
            NewSend(_channel(send.target), send.volume, send.pan, before_fader=not send.is_after_fader)
            for send in sends
        ],
    )


def _channel(place: int) -> str:
    return f"channel-{place + 1}"


def _content(track: Track) -> str:
    kinds = {"notes" if item.is_midi or not item.takes else "audio" for item in track.items}
    return " ".join(sorted(kinds)) or "audio"


def _count_losses(chunk: RppChunk, losses: Losses) -> None:
    losses.left_out["effects and instruments"] += count_effects(chunk)
    losses.left_out["tracks' hardware outputs"] += sum(1 for _ in chunk.lines("HWOUT"))


def count_effects(chunk: RppChunk) -> int:
    """The plug-ins in the chains of a track, or of the master."""
    chains = chunk.chunks(*_EFFECTS, "MASTERFXLIST")
    return sum(1 for chain in chains for _ in chain.chunks(*_PLUGINS))


def track_automation(track: Track, made: NewTrack, losses: Losses) -> list[NewAutomation]:
    """The envelopes of a track's volume and pan as automation of its channel."""
    chunk = track.chunk
    found: list[NewAutomation] = []
    trims = trims_envelopes(chunk)
    before, volumes = (envelope_points(chunk.chunk(name)) for name in ("VOLENV", "VOLENV2"))
    inner, pans = (envelope_points(chunk.chunk(name)) for name in ("PANENV", "PANENV2"))
    losses.left_out["second envelopes of a fader"] += bool(before and volumes) + bool(inner and pans)
    for points, trim in ((volumes, trims), (before, True)):
        if points:
            factor = made.volume if trim else 1.0
            values = [(at, max(value * factor, 0.0), shape) for at, value, shape in points]
            found.append(NewAutomation(made.volume_id, "linear", _points(values, losses)))
            break
    for points, trim in ((pans, trims), (inner, True)):
        if points:
            moved = made.pan if trim else 0.0
            values = [
                (at, (min(max(value + moved, -1.0), 1.0) + 1) / 2, shape) for at, value, shape in points
            ]
            found.append(NewAutomation(made.pan_id, "normalized", _points(values, losses)))
            break
    return found


def _points(points: EnvelopePoints, losses: Losses) -> list[tuple[float, float, bool]]:
    curved = sum(shape not in (_HOLD, _STRAIGHT) for _, _, shape in points)
    losses.changed["curved points of envelopes run straight"] += curved
    return [(max(at, 0.0), value, shape != _HOLD) for at, value, shape in points]
