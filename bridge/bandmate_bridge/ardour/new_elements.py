"""What a session gains, as text: sources, regions, playlists, tracks and locations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from bandmate_bridge.rpp.lines import to_one_line

Ids = Iterator[int]
"""Ids that nothing in the session has."""


def tag(name: str, /, *inside: str, **attributes: object) -> str:
    """An element; underscores of attributes are hyphens, and those that are None are left out."""
    written = "".join(
        f" {key.replace('_', '-').rstrip('-')}={quoteattr(to_one_line(str(value)))}"
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{''.join(inside)}</{name}>" if inside else f"<{name}{written}/>"


@dataclass(frozen=True, slots=True)
class NewSource:
    """One channel of a file in the session's media folder, or a whole MIDI file."""

    id: int
    name: str
    channel: int = 0
    kind: str = "audio"


def source_element(source: NewSource) -> str:
    """A source, as Ardour writes one of a file that was imported."""
    return tag(
        "Source",
        name=source.name,
        take_id="",
        type=source.kind,
        flags="",
        id=source.id,
        natural_position="a0",
        channel=source.channel if source.kind == "audio" else None,
        origin="",
        gain=1 if source.kind == "audio" else None,
    )


@dataclass(frozen=True, slots=True)
class NewRegion:
    """A region. Times as the session writes them: superclocks for audio, ticks for MIDI."""

    name: str
    position: int
    length: int
    offset: int
    sources: Sequence[int]
    kind: str = "audio"
    fade_in: int = 0
    fade_out: int = 0
    gain: float = 1.0
    layer: int = 0


def region_element(region: NewRegion, ids: Ids, *, whole_file: bool = False) -> str:
    """A region of a playlist, or that of a whole file, which no playlist has."""
    audio = region.kind == "audio"
    unit = "a" if audio else "b"
    played = {
        f"{name}source_{number}": source
        for name in ("", "master_")
        for number, source in enumerate(region.sources)
    }
    inside = []
    if audio and not whole_file:
        inside = [tag("Envelope", default="yes"), *_fades(region, ids)]
    return tag(
        "Region",
        *inside,
        name=region.name,
        muted=0,
        opaque=1,
        locked=0,
        video_locked=0,
        automatic=int(whole_file),
        whole_file=int(whole_file),
        import_=1,
        external=0,
        sync_marked=0,
        left_of_split=0,
        right_of_split=0,
        hidden=0,
        position_locked=0,
        valid_transients=0,
        start=f"{unit}{region.offset}",
        length=f"{unit}{region.length}@{unit}{0 if whole_file else region.position}",
        sync_position=f"{unit}{region.offset}",
        ancestral_start="a0",
        ancestral_length="a0@a0",
        stretch=1,
        shift=1,
        layering_index=region.layer,
        tags="",
        contents=0,
        envelope_active=0 if audio else None,
        default_fade_in=0 if audio else None,
        default_fade_out=0 if audio else None,
        fade_in_active=int(region.fade_in > 0) if audio else None,
        fade_out_active=int(region.fade_out > 0) if audio else None,
        scale_amplitude=f"{region.gain:.12g}" if audio else None,
        id=next(ids),
        type=region.kind,
        first_edit="nothing",
        **played,
        channels=len(region.sources) if audio else None,
    )


def _fades(region: NewRegion, ids: Ids) -> Iterator[str]:
    for name, rises, length in (("FadeIn", True, region.fade_in), ("FadeOut", False, region.fade_out)):
        if length > 0:
            yield tag(name, _line(name.lower(), length, ids, rises=rises))
            yield tag(f"Inverse{name}", _line(name.lower(), length, ids, rises=not rises))


def _line(automation: str, length: int, ids: Ids, *, rises: bool) -> str:
    ends = (0, 1) if rises else (1, 0)
    return tag(
        "AutomationList",
        f"<events>a0 {ends[0]}\na{length} {ends[1]}\n</events>",
        automation_id=automation,
        id=next(ids),
        interpolation_style="Linear",
        time_domain="AudioTime",
        state="Off",
    )


def playlist_element(
    id_: int, name: str, track: str, kind: str, inside: Sequence[str], *, group: str = ""
) -> str:
    """A playlist."""
    return tag(
        "Playlist",
        *inside,
        id=id_,
        name=name,
        type=kind,
        orig_track_id=track,
        pgroup_id=group,
        shared_with_ids="",
        frozen=0,
        combine_ops=0,
    )


def location_element(id_: int, name: str, start: int, end: int, flags: str) -> str:
    """A mark or a range, in superclocks."""
    return tag(
        "Location",
        id=id_,
        name=name,
        start=f"a{start}",
        end=f"a{end}",
        flags=flags,
        locked=0,
        timestamp=0,
        cue=0,
    )


@dataclass(frozen=True, slots=True)
class NewTrack:
    """A track."""

    id: int
    name: str
    playlist: int
    order: int
    channels: int
    targets: Sequence[str]
    """The ports that its outputs go to, in order."""
    colour: int = 0
    kind: str = "audio"


def track_element(track: NewTrack, ids: Ids) -> str:
    """A track with a fader at 0 dB, in the middle."""
    audio = track.kind == "audio"
    inputs = [
        tag("Port", type=track.kind, name=f"{track.name}/{track.kind}_in {number}")
        for number in range(1, (track.channels if audio else 1) + 1)
    ]
    outputs = [
        tag(
            "Port",
            *([tag("Connection", other=track.targets[number])] if number < len(track.targets) else []),
            type=track.kind,
            name=f"{track.name}/{track.kind}_out {number + 1}",
        )
        for number in range(track.channels if audio else 1)
    ]
    return tag(
        "Route",
        tag(
            "PresentationInfo",
            order=track.order,
            flags="AudioTrack,OrderSet" if audio else "MidiTrack,OrderSet",
            color=track.colour,
        ),
        _io(track, "Input", inputs, ids),
        _io(track, "Output", outputs, ids),
        tag("MuteMaster", mute_point="PostFader,Listen,Main", muted=0),
        *([_pannable(ids)] if audio else []),
        _processor(ids, f"recorder:{track.name}", "diskwriter", record_safe=0),
        _processor(ids, f"player:{track.name}", "diskreader"),
        _processor(ids, "Polarity", "polarity"),
        _processor(
            ids,
            "Amp",
            "amp",
            inside=[tag("Controllable", name="gaincontrol", id=next(ids), flags="GainLike", value=1)],
        ),
        _processor(ids, f"meter-{track.name}", "meter"),
        _processor(
            ids,
            track.name,
            "main-outs",
            inside=[tag("PannerShell", bypassed=0, user_panner="", linked_to_route=1)],
            own_input=1,
            own_output=0,
            output=track.name,
            role="Main",
        ),
        tag("Slavable"),
        version=7002,
        id=track.id,
        name=track.name,
        default_type=track.kind,
        strict_io=0 if audio else 1,
        active=1,
        denormal_protection=0,
        meter_point="MeterPostFader",
        disk_io_point="DiskIOPreFader",
        meter_type="MeterPeak",
        **{f"{track.kind}_playlist": track.playlist},
        saved_meter_point="MeterPostFader",
        alignment_choice="Automatic",
        mode="Normal" if audio else None,
        **({} if audio else _MIDI_MODES),
    )


_MIDI_MODES = {
    "playback_channel_mode": "AllChannels",
    "capture_channel_mode": "AllChannels",
    "playback_channel_mask": "0xffff",
    "capture_channel_mask": "0xffff",
    "note_mode": "Sustained",
    "step_editing": 0,
    "input_active": 1,
    "restore_pgm": 1,
}


def _io(track: NewTrack, direction: str, ports: Sequence[str], ids: Ids) -> str:
    return tag("IO", *ports, name=track.name, id=next(ids), direction=direction, default_type=track.kind)


def _processor(ids: Ids, name: str, kind: str, inside: Sequence[str] = (), **more: object) -> str:
    return tag(
        "Processor",
        *inside,
        id=next(ids),
        name=name,
        active=1,
        user_latency=0,
        use_user_latency=0,
        type=kind,
        **more,
    )


def _pannable(ids: Ids) -> str:
    controls = (
        ("pan-azimuth", 0.5),
        ("pan-width", 1),
        ("pan-elevation", 0),
        ("pan-frontback", 0),
        ("pan-lfe", 0),
    )
    return tag(
        "Pannable",
        *(tag("Controllable", name=name, id=next(ids), flags="", value=value) for name, value in controls),
    )
