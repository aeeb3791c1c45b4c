"""The demo's last pass: other players follow a melody that the band played."""

from __future__ import annotations

import msgspec

from bandmate_bridge.client import Client
from bandmate_bridge.demo.audio import MeasuredJob, render_job
from bandmate_bridge.jobs.job_request import JobRequest
from bandmate_bridge.jobs.receive import ReceivedStem
from bandmate_bridge.progress import ProgressCallback, SubjectChanged
from bandmate_bridge.rpp import NewStem, NewTake, Project
from bandmate_protocol.messages import GivenPart

TRACK = "Brass on the melody"
_PLAYERS = "brass section"


def follow_melody(
    client: Client,
    project: Project,
    band: JobRequest,
    stems: list[ReceivedStem],
    progress: ProgressCallback,
) -> MeasuredJob | None:
    """A brass section plays the melody of a band's lead on a track of its own; a model would be led by it.

    ``band`` is the job that made the stems. None where no lead has notes. Raises RequestError.
    """
    lead = next((one for one in stems if one.stem.role == "lead" and one.notes), None)
    if lead is None:
        return None
    progress(SubjectChanged("Follow"))
    part = GivenPart(name=lead.stem.name, notes=tuple(lead.notes))
    timeline = msgspec.structs.replace(band.timeline, parts=(part,))
    params = {"prompt": _PLAYERS, "mix": True, "notes": "only", "follow": "melody"}
    order = JobRequest("generate", timeline, params, (), band.engine, band.seed)
    made, (received,) = render_job(client, project, "follow the melody", order, progress)
    stem = NewStem(
        name=TRACK,
        start_frame=received.stem.start_frame,
        frames=received.stem.frames,
        takes=[NewTake(_PLAYERS, received.path)],
        colour=received.stem.colour,
    )
    project.insert_stems([stem])
    return made
