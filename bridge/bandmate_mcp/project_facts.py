"""What is in a project file, as an assistant reads it. Times are seconds and bars of REAPER's ruler."""

from __future__ import annotations

from typing import Any

from bandmate_bridge.requests.sections import project_sections
from bandmate_bridge.rpp import Item, Project, Track
from bandmate_protocol.messages import TempoPoint

_MAX_TRACKS = 200
_MAX_ITEMS = 400
_MAX_MARKERS = 400
_MAX_TEMPO_POINTS = 100


def project_facts(project: Project, track: str | None = None) -> dict[str, Any]:
    """Tempo map, sections, markers, selection, tracks and items; only the items of one ``track`` if it is given.

    Long lists are cut, and `left_out` then says how much. Raises RequestError (`no_such_track`).
    """
    clock = ProjectClock(project)
    shown = project.tracks[:_MAX_TRACKS] if track is None else (project.find_track(track),)
    items = [(each, item) for each in shown for item in each.items]
    selection = project.time_selection
    markers = project.markers
    points = project.tempo_map.points
    left_out = {
        "tracks": 0 if track else len(project.tracks) - len(shown),
        "items": len(items) - _MAX_ITEMS,
        "markers": len(markers) - _MAX_MARKERS,
        "tempo_points": len(points) - _MAX_TEMPO_POINTS,
    }
    return {
        "project": str(project.path),
        "sample_rate_hz": project.sample_rate,
        "seconds": clock.seconds(_last_frame(project)),
        "tempo_map": [_tempo_facts(clock, point) for point in points[:_MAX_TEMPO_POINTS]],
        "sections": [
            {
                "name": one.name,
                "start": clock.place(one.start * project.sample_rate),
                "end": clock.place(one.end * project.sample_rate),
            }
            for one in project_sections(project)[:_MAX_MARKERS]
        ],
        "markers": [
            {"name": one.name, "start": clock.place(one.frame)}
            | ({} if one.end_frame is None else {"end": clock.place(one.end_frame)})
            for one in markers[:_MAX_MARKERS]
        ],
        "time_selection": None
        if selection is None
        else {"start": clock.place(selection.start_frame), "end": clock.place(selection.end_frame)},
        "edit_cursor": clock.place(project.cursor),
        "tracks": [_track_facts(each) for each in shown],
        "items": [_item_facts(clock, each, item) for each, item in items[:_MAX_ITEMS]],
        "left_out": {name: count for name, count in left_out.items() if count > 0},
    }


class ProjectClock:
    """Frames of a project as its ruler shows them."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def seconds(self, frame: float) -> float:
        """Of the ruler."""
        return round(frame / self._project.sample_rate + self._project.ruler_start, 3)

    def bar(self, frame: float) -> str:
        """Bar and beat, such as `9.1`, as positions of tools are written."""
        bar, beat = self._project.tempo_map.bar_beat_at(frame)
        return f"{bar}.{beat + 1:.4g}"

    def place(self, frame: float) -> dict[str, Any]:
        """Both."""
        return {"bar": self.bar(frame), "seconds": self.seconds(frame)}


def _last_frame(project: Project) -> int:
    return max((item.end_frame for track in project.tracks for item in track.items), default=0)


def _tempo_facts(clock: ProjectClock, point: TempoPoint) -> dict[str, Any]:
    return {
        **clock.place(point.position),
        "bpm": point.bpm,
        "metre": f"{point.numerator}/{point.denominator}",
        "changes": "gradually to the next point" if point.shape == "linear" else "at once",
    }


def _track_facts(track: Track) -> dict[str, Any]:
    return {
        "number": track.number,
        "name": track.name,
        "folder_depth": track.depth,
        "is_folder": track.is_folder,
        "selected": track.selected,
        "muted": track.muted,
        "items": len(track.items),
    }


def _item_facts(clock: ProjectClock, track: Track, item: Item) -> dict[str, Any]:
    take = item.take
    source = None if take is None else take.source
    return {
        "track": track.number,
        "name": item.name,
        "start": clock.place(item.start_frame),
        "end": clock.place(item.end_frame),
        "kind": "midi" if item.is_midi else "audio",
        "file": None if source is None or source.file is None else str(source.file),
        "takes": [each.name for each in item.takes],
        "take": None if take is None else item.takes.index(take) + 1,
        "selected": item.selected,
        "muted": item.muted,
        "locked": item.locked,
    }
