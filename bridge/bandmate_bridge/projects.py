"""Projects of every format, by the same interface."""

from __future__ import annotations

from pathlib import Path

import msgspec

from bandmate_bridge.ardour.session import ArdourSession
from bandmate_bridge.dawproject.archive import is_archive
from bandmate_bridge.dawproject.new_project import new_dawproject
from bandmate_bridge.dawproject.project import DawProject
from bandmate_bridge.rpp import Project, new_project
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import TempoPoint, Timeline
from bandmate_protocol.tempo import TempoMap

PROJECT_ENDINGS = (".rpp", ".dawproject", ".ardour")
_DAWPROJECT, _SESSION = ".dawproject", ".ardour"
_SAME_FRAMES = 1e-3


def load_project(path: Path | str) -> Project:
    """Reads a REAPER project, a DAWproject or an Ardour session.

    Raises RequestError (`file_unusable`, `not_a_project`).
    """
    if Path(path).suffix.lower() == _SESSION or (Path(path) / "interchange").is_dir():
        return ArdourSession.load(path)
    return DawProject.load(path) if is_archive(Path(path)) else Project.load(path)


def names_project(path: Path | str) -> bool:
    """Whether a file's ending is that of a project."""
    return Path(path).suffix.lower() in PROJECT_ENDINGS


def project_for(path: Path, timeline: Timeline, *, title: str = "") -> Project:
    """A project without tracks, of the format that its name says, in which the range of a timeline lies where it
    lies there, on the same bars.

    Raises RequestError (`file_unusable`) for an Ardour session.
    """
    if path.suffix.lower() == _SESSION:
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            "Bandmate adds to Ardour sessions, but does not make new ones.",
            "Make the session in Ardour, close it, and use --into song.ardour.",
        )
    rate, tempo = timeline.sample_rate, tempo_from_start(timeline)
    if path.suffix.lower() == _DAWPROJECT:
        return new_dawproject(path, sample_rate=rate, tempo=tempo, title=title, key=timeline.key)
    return new_project(path, sample_rate=rate, tempo=tempo)


def tempo_from_start(timeline: Timeline) -> list[TempoPoint]:
    """The points of a timeline for a project, whose first bar begins at 0: it is cut short where the timeline has
    its first barline later.
    """
    tempo = TempoMap.from_timeline(timeline)
    points = list(timeline.tempo)
    if points[0].position > 0:
        points.insert(0, msgspec.structs.replace(points[0], position=0.0, shape="square"))
    numerator, denominator = tempo.metre_at(0)
    points[0] = msgspec.structs.replace(
        points[0], numerator=numerator, denominator=denominator, starts_bar=False
    )
    bar, beat = tempo.bar_beat_at(0)
    barline = tempo.position_of(bar + 1) if beat * numerator > _SAME_FRAMES else 0.0
    return _with_barline(points, barline, tempo) if barline > _SAME_FRAMES else points


def _with_barline(points: list[TempoPoint], at: float, tempo: TempoMap) -> list[TempoPoint]:
    """The points with one at which a bar begins."""
    before = [point for point in points if point.position < at - _SAME_FRAMES]
    after = points[len(before) :]
    if after and after[0].position <= at + _SAME_FRAMES:
        return [*before, msgspec.structs.replace(after[0], starts_bar=True), *after[1:]]
    numerator, denominator = tempo.metre_at(at)
    begun = msgspec.structs.replace(
        before[-1],
        position=at,
        bpm=tempo.bpm_at(at),
        numerator=numerator,
        denominator=denominator,
        starts_bar=True,
    )
    return [*before, begun, *after]
