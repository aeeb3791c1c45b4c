"""What a musician should know of the place that a result goes to in a project."""

from __future__ import annotations

from bandmate_bridge.rpp import Project
from bandmate_protocol.messages import Timeline
from bandmate_protocol.texts import say


def project_remarks(project: Project) -> list[str]:
    """What was taken for granted of the project."""
    return [project.rate.remark] if project.rate.remark else []


def placement_remarks(project: Project, timeline: Timeline) -> list[str]:
    """That, and whether new music lies beyond all that is there by a bar or more."""
    said = project_remarks(project)
    end = max((item.end_frame for track in project.tracks for item in track.items), default=0)
    (last, beat), (first, _) = (project.tempo_map.bar_beat_at(at) for at in (end, timeline.start_frame))
    if end and first - last >= 1 + (beat > 1e-6):
        said.append(
            say(
                "Bar {first} is beyond the last item of the project, which ends at {last}.{beat:.4g}.",
                first=first,
                last=last,
                beat=beat + 1,
            )
        )
    return said
