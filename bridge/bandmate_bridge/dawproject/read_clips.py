"""Reads the timelines of an arrangement into pieces; see `heard_clips`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bandmate_bridge.dawproject.parameters import linear_gain, pan_position
from bandmate_bridge.dawproject.warped_audio import warped_pieces
from bandmate_bridge.xml_projects.heard_clips import (
    Arrangement,
    AudioPiece,
    Automation,
    ClipSound,
    Fades,
    HeardNote,
    MediaReference,
    NotesPiece,
    Piece,
)
from bandmate_bridge.xml_projects.song_clock import Scope, SongClock, unit_of
from bandmate_bridge.xml_projects.xml_tree import Element

TIMELINES = (
    "Lanes",
    "Clips",
    "Notes",
    "Warps",
    "Audio",
    "Video",
    "Points",
    "ClipSlot",
    "Timeline",
    "markers",
)
_AUDIO = ("Audio", "Warps")
_MAX_DEPTH = 32
_MAX_PASSES = 2_000
_MAX_PIECES = 100_000
_SAME_SECONDS = 1e-7
_DEFAULT_VELOCITY = 0.787402
"""Of a note that has none: 100 of 127."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a timeline is heard."""

    scope: Scope
    start: float = 0.0
    """Seconds; nothing of it sounds before."""
    end: float = math.inf
    sound: ClipSound = field(default_factory=ClipSound)
    clip: int = -1
    depth: int = 0
    whole_clip: bool = True


class ArrangementReader:
    """Reads all timelines of a project."""

    def __init__(self, root: Element, clock: SongClock) -> None:
        self._clock = clock
        self._ids: Mapping[str, Element] = {
            found: one for one in root.walk() if one.name in TIMELINES and (found := one.get("id"))
        }
        self._read = Arrangement()
        self._track = ""
        self._count = 0

    def read(self, arrangement: Element | None) -> Arrangement:
        """The pieces of every track, in order of time."""
        lanes = arrangement.first("Lanes") if arrangement else None
        if lanes is not None:
            self._timeline(lanes, _Place(Scope("beats")))
        for pieces in self._read.pieces.values():
            pieces.sort(key=lambda piece: piece.start)
        return self._read

    def _timeline(self, node: Element, place: _Place) -> None:
        before = self._track
        self._track = node.get("track") or before
        place = replace(
            place,
            scope=place.scope.inside(unit_of(node, place.scope.unit), self._clock),
            depth=place.depth + 1,
        )
        if place.depth > _MAX_DEPTH:
            self._read.unread["clips nested too deeply"] += 1
        elif node.name == "Lanes":
            self._lanes(node, place)
        elif node.name == "Clips":
            clips = list(node.all("Clip"))
            for clip in clips:
                self._clip(clip, replace(place, whole_clip=place.whole_clip and len(clips) == 1))
        elif node.name == "Notes":
            self._notes(node, place)
        elif node.name in _AUDIO:
            self._audio(node, place)
        elif node.name == "Points":
            self._points(node, place)
        elif node.name == "Video":
            self._read.unread["videos"] += 1
        elif node.name == "ClipSlot":
            self._read.unread["launcher clips"] += 1
        self._track = before

    def _lanes(self, node: Element, place: _Place) -> None:
        inside = [child for child in node.children if child.name in TIMELINES]
        if place.clip >= 0:
            place = self._with_expressions(inside, place)
            inside = [child for child in inside if child.name != "Points"]
        for child in inside:
            self._timeline(child, replace(place, whole_clip=place.whole_clip and len(inside) == 1))

    def _with_expressions(self, inside: Sequence[Element], place: _Place) -> _Place:
        """Gain, pan and transposition of a clip, where they are one value throughout."""
        sound = place.sound
        for points in inside:
            target = points.first("Target") if points.name == "Points" else None
            kind = target.get("expression") if target else ""
            if kind not in ("gain", "pan", "transpose"):
                continue
            values = {value for one in points.all("RealPoint") if (value := one.number("value")) is not None}
            if len(values) != 1:
                self._read.unread[f"{kind} curves of clips"] += bool(values)
                continue
            value = values.pop()
            if kind == "gain":
                sound = replace(sound, gain=sound.gain * linear_gain(value, points.get("unit")))
            elif kind == "pan":
                sound = replace(sound, pan=pan_position(value, points.get("unit") or "linear"))
            else:
                sound = replace(sound, semitones=sound.semitones + value)
        return replace(place, sound=sound)

    def _clip(self, clip: Element, place: _Place) -> None:
        content = clip.first(*TIMELINES) or self._ids.get(clip.get("reference"))
        time = clip.number("time")
        if content is None or time is None:
            return
        clock, unit = self._clock, place.scope.unit
        inner = unit_of(clip, unit, "contentTimeUnit")
        fade_unit = unit_of(clip, unit, "fadeTimeUnit")
        start = place.scope.seconds(time, clock)
        begin = clip.number("playStart") or 0.0
        fade_in, fade_out = (clip.number(name) or 0.0 for name in ("fadeInTime", "fadeOutTime"))
        if fade_in < 0:
            # A crossfade: the clip begins earlier, with what comes before in its content.
            earlier = clock.seconds(fade_unit, clock.time(fade_unit, start) + fade_in)
            begin -= clock.time(inner, start) - clock.time(inner, earlier)
            start, time = earlier, None
        stop, duration = clip.number("playStop"), clip.number("duration")
        end = math.inf
        if duration is not None:
            nominal = clip.number("time") or 0.0
            end = place.scope.seconds(nominal + duration, clock)
        at = clock.time(inner, start) if inner != unit or time is None else time + place.scope.shift
        if stop is not None and (duration is None or clip.number("loopEnd") is None):
            end = min(end, clock.seconds(inner, at + max(stop - begin, 0.0)))
        fade_in_end = clock.seconds(fade_unit, clock.time(fade_unit, start) + abs(fade_in))
        fades = Fades(start, fade_in_end - start, end, 0.0)
        if math.isfinite(end):
            fades = replace(
                fades,
                fade_out=end - clock.seconds(fade_unit, clock.time(fade_unit, end) - max(fade_out, 0.0)),
            )
        outer = place.sound
        sound = replace(
            outer,
            name=clip.get("name") or outer.name,
            colour=clip.get("color") or outer.colour,
            enabled=outer.enabled and clip.flag("enable", default=True),
            fades=_joined_fades(outer.fades, fades),
        )
        within = replace(
            place,
            start=max(place.start, start),
            end=min(place.end, end),
            sound=sound,
            clip=clip.start if place.clip < 0 else place.clip,
            whole_clip=place.whole_clip or place.clip < 0,
        )
        if within.end - within.start > _SAME_SECONDS:
            self._content(clip, content, within, Scope(inner), at, begin)

    def _content(
        self, clip: Element, content: Element, place: _Place, inner: Scope, at: float, begin: float
    ) -> None:
        """Plays the content of a clip from ``begin`` on, at ``at`` in the arrangement; again and again if it loops."""
        clock = self._clock
        from_, to = clip.number("loopStart"), clip.number("loopEnd")
        end = clock.time(inner.unit, place.end) if math.isfinite(place.end) else math.inf
        turn = math.inf if to is None else at + to - begin
        if from_ is None or to is None or to <= from_ or turn <= at or turn >= end - 1e-9:
            self._timeline(content, replace(place, scope=replace(inner, shift=at - begin)))
            return
        if not math.isfinite(end):
            self._read.unread["loops without an end"] += 1
            end = turn
        if (audio := _only_audio(content)) is not None and place.whole_clip:
            heard = place if audio is content else self._with_expressions(content.children, place)
            piece = self._looped_audio(audio, heard, replace(inner, shift=at - begin), from_, to)
            if piece is not None:
                self._emit([piece])
                return
        length = to - from_
        if (end - turn) / length > _MAX_PASSES:
            self._read.unread["clips that loop thousands of times"] += 1
            return
        place = replace(place, whole_clip=False)
        starts = [(at, at - begin)]
        while (next_start := turn + (len(starts) - 1) * length) < end - 1e-9:
            starts.append((next_start, next_start - from_))
        for (start, shift), (following, _) in zip(starts, [*starts[1:], (end, 0.0)], strict=True):
            span = clock.seconds(inner.unit, start), clock.seconds(inner.unit, following)
            window = replace(
                place,
                scope=replace(inner, shift=shift),
                start=max(place.start, span[0]),
                end=min(place.end, span[1]),
            )
            if window.end - window.start > _SAME_SECONDS:
                self._timeline(content, window)

    def _looped_audio(
        self, content: Element, place: _Place, scope: Scope, begin: float, end: float
    ) -> AudioPiece | None:
        """A loop as one piece; None where it does not play at one speed from one file."""
        scope = scope.inside(unit_of(content, scope.unit), self._clock)
        # One pass decides on the speed: all of them have to be at it.
        pieces = self._audio_pieces(content, replace(place, scope=scope))
        if len(pieces) != 1:
            return None
        piece = pieces[0]
        first, last = (
            piece.offset + (scope.seconds(time, self._clock) - piece.start) * piece.rate
            for time in (begin, end)
        )
        if not -_SAME_SECONDS <= first <= piece.offset + _SAME_SECONDS:
            return None
        return replace(piece, loop=(max(first, 0.0), last))

    def _audio(self, node: Element, place: _Place) -> None:
        self._emit(self._audio_pieces(node, place))

    def _audio_pieces(self, node: Element, place: _Place) -> list[AudioPiece]:
        audio = node if node.name == "Audio" else node.first("Audio")
        media = _media_of(audio) if audio else None
        if media is None:
            self._read.unread["clips with warps around something other than audio"] += 1
            return []
        clock = self._clock
        origin = place.scope.seconds(0.0, clock)
        start = place.start
        end = place.end if math.isfinite(place.end) else origin + media.seconds
        plain = AudioPiece(
            place.clip, place.sound, start, end, media, start - origin, whole_clip=place.whole_clip
        )
        if node.name == "Audio":
            if plain.offset < 0:
                plain = replace(plain, start=origin, offset=0.0, whole_clip=False)
            return [plain] if plain.end > plain.start else []
        pieces = warped_pieces(node, plain, place.scope, clock)
        if pieces is None:
            self._read.unread["clips with unusual warps"] += 1
        return pieces or []

    def _notes(self, node: Element, place: _Place) -> None:
        if place.clip < 0:
            place = replace(place, clip=node.start, whole_clip=False)
        clock = self._clock
        notes: list[HeardNote] = []
        for note in node.all("Note"):
            time, length, key = (note.number(name) for name in ("time", "duration", "key"))
            if time is None or length is None or key is None or not 0 <= key <= 127:
                continue
            start = place.scope.seconds(time, clock)
            if not place.start - _SAME_SECONDS <= start < place.end - _SAME_SECONDS:
                continue
            velocity = note.number("vel")
            notes.append(
                HeardNote(
                    place.scope.beats(time, clock),
                    place.scope.beats(time + max(length, 0.0), clock),
                    int(key),
                    min(max(round((_DEFAULT_VELOCITY if velocity is None else velocity) * 127), 1), 127),
                    int(min(max(note.number("channel") or 0, 0), 15)),
                )
            )
        end = place.end
        if not math.isfinite(end):
            last = max((note.end for note in notes), default=0.0)
            end = clock.seconds("beats", last)
        if end > place.start:
            self._emit([NotesPiece(place.clip, place.sound, place.start, end, tuple(notes))])

    def _points(self, node: Element, place: _Place) -> None:
        target = node.first("Target")
        parameter = target.get("parameter") if target else ""
        if not parameter or place.clip >= 0:
            return
        points = [
            (place.scope.seconds(time, self._clock), value, point.get("interpolation") == "linear")
            for point in node.all("RealPoint")
            if (time := point.number("time")) is not None and (value := point.number("value")) is not None
        ]
        self._read.automation.setdefault(self._track, []).append(Automation(parameter, tuple(points)))

    def _emit(self, pieces: Sequence[Piece]) -> None:
        self._count += len(pieces)
        if self._count > _MAX_PIECES:
            self._read.unread[f"clips beyond the first {_MAX_PIECES}"] += len(pieces)
            return
        self._read.pieces.setdefault(self._track, []).extend(pieces)


def _only_audio(content: Element) -> Element | None:
    """The audio that a clip plays, where it plays nothing else; expressions may be beside it."""
    if content.name in _AUDIO:
        return content
    inside = [child for child in content.children if child.name in TIMELINES and child.name != "Points"]
    return inside[0] if content.name == "Lanes" and len(inside) == 1 and inside[0].name in _AUDIO else None


def _media_of(audio: Element) -> MediaReference | None:
    file = audio.first("File")
    if file is None or not file.get("path"):
        return None
    return MediaReference(
        file.get("path"),
        file.flag("external", default=False),
        audio.number("duration") or 0.0,
        int(audio.number("sampleRate") or 0),
        audio.get("algorithm"),
    )


def _joined_fades(outer: Fades | None, inner: Fades) -> Fades:
    """Fades of a clip in a clip: its own, and those of the one around it where both begin or end together."""
    if outer is None:
        return inner
    together_in = inner.start <= outer.start + _SAME_SECONDS
    together_out = inner.end >= outer.end - _SAME_SECONDS
    return Fades(
        outer.start if together_in else inner.start,
        max(inner.fade_in, outer.fade_in) if together_in else inner.fade_in,
        outer.end if together_out else inner.end,
        max(inner.fade_out, outer.fade_out) if together_out else inner.fade_out,
    )
