"""The demo's second half: two bars made anew as a take, and the band mixed down and taken apart again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bandmate_bridge.audiofiles.mixdown import write_mixdown
from bandmate_bridge.audiofiles.wav import read_frames
from bandmate_bridge.audiofiles.wav_patch import write_patched
from bandmate_bridge.client import Client
from bandmate_bridge.files import partial_path, put_in_place, temporary_folder
from bandmate_bridge.history.recipes import RecordingRecipe
from bandmate_bridge.jobs.job_request import JobRequest
from bandmate_bridge.jobs.job_run import run_job
from bandmate_bridge.jobs.receive import ReceivedStem, StemReceiver
from bandmate_bridge.progress import ProgressCallback, SubjectChanged
from bandmate_bridge.requests.audio_jobs import TaskOptions, upload_and_probe
from bandmate_bridge.requests.ranges import GivenRanges
from bandmate_bridge.requests.selection import select_items
from bandmate_bridge.rpp import NewPart, NewStem, NewTake, Project
from bandmate_bridge.runs.on_audio import prepare_item_job
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Input, Stem
from bandmate_protocol.texts import say

_BLOCK_FRAMES = 1 << 14
_FILL = "busier fill"
_BARS = ("5.1", "7.1")
_REPAINTED = "drums"


@dataclass(frozen=True, slots=True)
class MeasuredJob:
    """One job of the demo, measured."""

    title: str
    stems: int
    frames: int
    """Of one stem."""
    sample_rate: int
    first_audio_seconds: float
    seconds: float

    @property
    def real_time_factor(self) -> float:
        """How many seconds of music came in a second."""
        return self.frames / self.sample_rate / max(self.seconds, 1e-9)


def render_job(
    client: Client, project: Project, title: str, order: JobRequest, progress: ProgressCallback
) -> tuple[MeasuredJob, list[ReceivedStem]]:
    """Runs a job into the project's media folder. Raises RequestError, also when no audio came."""
    receiver = StemReceiver(project.media_folder())
    accepted, outcome = run_job(client, order, receiver, progress)
    received = receiver.keep(
        lambda stem: project.media_path(title.replace("/", "-"), stem.name), reserved=True
    )
    if not received or outcome.first_audio_seconds is None:
        raise RequestError(
            ErrorCode.ENGINE_FAILED, say("The engine {engine} produced no audio.", engine=accepted.engine)
        )
    made = MeasuredJob(
        title=title,
        stems=len(received),
        frames=received[0].stem.frames,
        sample_rate=received[0].stem.sample_rate,
        first_audio_seconds=outcome.first_audio_seconds,
        seconds=outcome.seconds,
    )
    return made, received


def repaint_drums(
    client: Client,
    project: Project,
    stems: Sequence[ReceivedStem],
    band: JobRequest,
    seed: int,
    progress: ProgressCallback,
) -> tuple[MeasuredJob, ReceivedStem]:
    """Two bars of the drums again, as a second take of the split item; ``band`` is the job that made them."""
    track = next(each.stem.name for each in stems if each.stem.role == _REPAINTED)
    progress(SubjectChanged("Repaint"))
    selected = select_items(project, track, GivenRanges((_BARS,)), needs_range=True)
    made_by = RecordingRecipe(str(band.params["prompt"]), seed, band.timeline, track)
    params = {"prompt": _FILL, "part": track, "recipe": made_by.as_params()}
    wanted = TaskOptions(
        "repaint", params, engine=band.engine, seed=seed, in_place=True, ranged=True, listens=True
    )
    laying = prepare_item_job(client, selected, wanted, progress)
    made, (received,) = render_job(client, project, "repaint, 2 bars of drums", laying.order, progress)
    begin, end = (laying.laid.grid.time_of(frame) for frame in laying.ranges[0])
    project.insert_parts(laying.laid.heard, [NewPart(begin, end, [NewTake(_FILL, received.path)])])
    return made, received


def mix_band(stems: Sequence[ReceivedStem], new: ReceivedStem, path: Path) -> Stem:
    """The band as it plays now, with the new bars, in one file; returns it as a stem."""
    with temporary_folder() as folder:
        parts: list[tuple[Stem, Path]] = []
        for each in stems:
            file = each.path
            if each.stem.role == _REPAINTED:
                file = Path(folder) / "now.wav"
                offset = new.stem.start_frame - each.stem.start_frame
                piece = (offset, read_frames(new.path, _BLOCK_FRAMES), new.stem.channels)
                write_patched(each.path, file, [piece])
            parts.append((each.stem, file))
        grown = partial_path(path)
        write_mixdown(parts, grown)
        put_in_place(grown, path, replace=True)
    return msgspec.structs.replace(stems[0].stem, stem=0, name="Mix", role="mix")


def separate_mix(
    client: Client, project: Project, mix: Stem, file: Path, bar: int, seed: int, progress: ProgressCallback
) -> MeasuredJob:
    """Takes a mix apart onto new tracks, from a bar on."""
    progress(SubjectChanged("Separate"))
    probed = upload_and_probe(client, file, progress)
    start = project.position(str(bar))
    timeline = project.tempo_map.timeline_between(start, start + mix.frames)
    source = Input(role="source", sha256=probed.sha256, at_frame=start)
    order = JobRequest("separate", timeline, {"mode": "four"}, (source,), seed=seed)
    made, received = render_job(client, project, "separate the mix", order, progress)
    project.insert_stems(
        [
            NewStem(
                name=f"{each.stem.name} from the mix",
                start_frame=each.stem.start_frame,
                frames=each.stem.frames,
                takes=[NewTake(each.stem.name, each.path)],
                colour=each.stem.colour,
            )
            for each in received
        ],
        folder="The mix, separated",
    )
    return made
