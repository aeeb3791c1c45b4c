"""Clips, tracks and points as elements to be written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bandmate_bridge.xml_projects.song_clock import SongClock, TimeUnit
from bandmate_bridge.xml_projects.xml_tree import NewElement

_DIGITS = 12
"""Of times: far below a frame, and without the noise of floats."""
_VELOCITY_DIGITS = 6
_STRETCH, _TAPE = "stretch", "repitch"


@dataclass(frozen=True, slots=True)
class AudioFile:
    """A file of audio as an archive names it."""

    path: str
    """Inside the archive, or on the disk."""
    sample_rate: int
    channels: int
    seconds: float
    external: bool = False


@dataclass(frozen=True, slots=True)
class NewNote:
    """A note in beats from the start of its clip."""

    start: float
    length: float
    pitch: int
    velocity: int
    channel: int = 0


@dataclass(frozen=True, slots=True)
class NewClip:
    """A clip with audio, with notes, or with its name alone. Times in seconds of the arrangement."""

    name: str
    start: float
    length: float
    audio: AudioFile | None = None
    notes: Sequence[NewNote] = ()
    offset: float = 0.0
    """Seconds of the file at the start."""
    rate: float = 1.0
    """Seconds of the file in a second."""
    keeps_pitch: bool = True
    semitones: float = 0.0
    loop: tuple[float, float] | None = None
    """From where to where in the file it repeats."""
    fade_in: float = 0.0
    fade_out: float = 0.0
    crossfades: bool = False
    """It fades in over the end of the clip before it, where the format has its start."""
    gain: float = 1.0
    pan: float = 0.0
    enabled: bool = True
    colour: str | None = None


def clip_element(clip: NewClip, unit: TimeUnit, clock: SongClock) -> NewElement:
    """A clip for a timeline in a unit."""
    begins = clip.start + clip.fade_in if clip.crossfades else clip.start
    start, end = (clock.time(unit, at) for at in (begins, clip.start + clip.length))
    begin, finish = clip.loop or (None, None)
    is_audio = clip.audio is not None
    inner: TimeUnit = "seconds" if is_audio else "beats"
    play_start = clip.offset / clip.rate + clock.time(inner, begins) - clock.time(inner, clip.start)
    return NewElement(
        "Clip",
        _content(clip),
        time=_rounded(start),
        duration=_rounded(end - start),
        contentTimeUnit=inner,
        playStart=_rounded(play_start),
        loopStart=None if begin is None else _rounded(begin / clip.rate),
        loopEnd=None if finish is None else _rounded(finish / clip.rate),
        fadeTimeUnit="seconds" if clip.fade_in or clip.fade_out else None,
        fadeInTime=_rounded(-clip.fade_in if clip.crossfades else clip.fade_in)
        if clip.fade_in or clip.fade_out
        else None,
        fadeOutTime=_rounded(clip.fade_out) if clip.fade_in or clip.fade_out else None,
        enable=None if clip.enabled else False,
        name=clip.name or None,
        color=clip.colour,
    )


def _content(clip: NewClip) -> NewElement:
    if clip.audio is None:
        return NewElement("Notes", *map(_note_element, clip.notes))
    audio = clip.audio
    inside = NewElement(
        "Audio",
        NewElement("File", path=audio.path, external=audio.external or None),
        algorithm=_TAPE
        if clip.rate != 1.0 and not clip.keeps_pitch
        else _STRETCH
        if clip.rate != 1.0
        else None,
        channels=audio.channels,
        duration=audio.seconds,
        sampleRate=audio.sample_rate,
        timeUnit="seconds",
    )
    if clip.rate != 1.0:
        length = max(audio.seconds, clip.offset + clip.length * clip.rate, 1.0)
        ends = [
            NewElement("Warp", time=0, contentTime=0),
            NewElement("Warp", time=length / clip.rate, contentTime=length),
        ]
        inside = NewElement("Warps", inside, *ends, contentTimeUnit="seconds", timeUnit="seconds")
    expressions = [
        _expression(kind, value, unit)
        for kind, value, unit, plain in (
            ("gain", clip.gain, "linear", 1.0),
            ("pan", (clip.pan + 1) / 2, "normalized", 0.5),
            ("transpose", clip.semitones, "semitones", 0.0),
        )
        if value != plain
    ]
    return NewElement("Lanes", inside, *expressions, timeUnit="seconds") if expressions else inside


def _expression(kind: str, value: float, unit: str) -> NewElement:
    return NewElement(
        "Points",
        NewElement("Target", expression=kind),
        NewElement("RealPoint", time=0, value=value, interpolation="hold"),
        unit=unit,
    )


def _note_element(note: NewNote) -> NewElement:
    velocity = round(note.velocity / 127, _VELOCITY_DIGITS)
    return NewElement(
        "Note",
        time=_rounded(note.start),
        duration=_rounded(note.length),
        channel=note.channel,
        key=note.pitch,
        vel=velocity,
        rel=velocity,
    )


def _rounded(time: float) -> float:
    return round(time, _DIGITS) + 0.0


def clips_element(clips: Sequence[NewClip], unit: TimeUnit, clock: SongClock, name: str = "") -> NewElement:
    """A timeline of clips."""
    return NewElement("Clips", *(clip_element(clip, unit, clock) for clip in clips), name=name or None)


@dataclass(frozen=True, slots=True)
class NewAutomation:
    """Points of a parameter of a mixer: seconds, value, and whether it runs evenly to the next."""

    parameter: str
    unit: str
    points: Sequence[tuple[float, float, bool]]


def automation_element(automation: NewAutomation, unit: TimeUnit, clock: SongClock) -> NewElement:
    """A timeline of points."""
    return NewElement(
        "Points",
        NewElement("Target", parameter=automation.parameter),
        *(
            NewElement(
                "RealPoint",
                time=_rounded(clock.time(unit, seconds)),
                value=value,
                interpolation="linear" if linear else "hold",
            )
            for seconds, value, linear in automation.points
        ),
        unit=automation.unit,
    )


NewMarker = tuple[float, str, str | None]
"""Seconds, name and colour."""


def marker_element(marker: NewMarker, unit: TimeUnit, clock: SongClock) -> NewElement:
    """A marker for a timeline in a unit."""
    seconds, name, colour = marker
    return NewElement("Marker", time=_rounded(clock.time(unit, seconds)), name=name, color=colour)


@dataclass(frozen=True, slots=True)
class NewSend:
    """A send to the channel of an id."""

    channel: str
    volume: float
    pan: float = 0.0
    before_fader: bool = False


@dataclass(frozen=True, slots=True)
class NewTrack:
    """A track with its channel. Ids are those of elements; `volume_id` and `pan_id` are what automation names."""

    id: str
    channel: str
    name: str
    content: str
    """`audio`, `notes`, both, or `tracks` for a group."""
    destination: str | None
    colour: str | None = None
    volume: float = 1.0
    pan: float = 0.0
    muted: bool = False
    soloed: bool = False
    sends: Sequence[NewSend] = ()
    inside: Sequence[NewTrack] = ()
    """The tracks of a group."""
    role: str = "regular"

    @property
    def volume_id(self) -> str:
        """Of the channel's volume."""
        return f"{self.channel}-volume"

    @property
    def pan_id(self) -> str:
        """Of the channel's pan."""
        return f"{self.channel}-pan"


def track_element(track: NewTrack) -> NewElement:
    """A track with all that is in it."""
    channel = NewElement(
        "Channel",
        NewElement("Mute", value=track.muted, id=f"{track.channel}-mute", name="Mute"),
        real_parameter(track.pan_id, "Pan", (track.pan + 1) / 2, "normalized", 0, 1),
        *([NewElement("Sends", *map(_send_element, track.sends))] if track.sends else []),
        real_parameter(track.volume_id, "Volume", track.volume, "linear", 0, max(2.0, track.volume)),
        audioChannels=2,
        destination=track.destination,
        role="submix" if track.inside else track.role,
        solo=track.soloed,
        id=track.channel,
    )
    return NewElement(
        "Track",
        channel,
        *map(track_element, track.inside),
        contentType=track.content,
        loaded=True,
        id=track.id,
        name=track.name or None,
        color=track.colour,
    )


def _send_element(send: NewSend) -> NewElement:
    pan = NewElement("Pan", max=1, min=0, unit="normalized", value=(send.pan + 1) / 2)
    volume = NewElement("Volume", max=max(2.0, send.volume), min=0, unit="linear", value=send.volume)
    parts = [pan, volume] if send.pan else [volume]
    return NewElement("Send", *parts, destination=send.channel, type="pre" if send.before_fader else "post")


def real_parameter(
    id_: str, name: str, value: float, unit: str, least: float | None = None, most: float | None = None
) -> NewElement:
    """A parameter with a real value."""
    return NewElement(name, max=most, min=least, unit=unit, value=value, id=id_, name=name)
