"""Jobs on audio that is there: what is sent, and on what timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bandmate_bridge.client import Client
from bandmate_bridge.jobs.job_request import JobRequest
from bandmate_bridge.progress import FileTransfer, ProgressCallback
from bandmate_bridge.requests.ranges import TimeSpan
from bandmate_bridge.requests.selection import SelectedItems
from bandmate_bridge.rpp import (
    ItemMap,
    NewPart,
    PlayableItem,
    check_splittable,
    cut_times,
    map_item,
    playback_remarks,
    time_text,
)
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Input, Probed, Timeline
from bandmate_protocol.tempo import TempoMap, nearest_frame
from bandmate_protocol.texts import say

CONTEXT_SECONDS = 8
"""How much of the source goes along on each side of a range."""

_SHORT_FADE_SECONDS = 0.1
"""Such as a crossfade has: to cut an item inside it would change how it fades."""

_MP3_SLACK_FRAMES = 3 * 1_152
"""The delays of encoder and decoder, and what fills up the last frame; the server gives silence there."""

FrameBounds = tuple[int, int]


@dataclass(frozen=True)
class TaskOptions:
    """A task with what the musician said, wherever its source lies."""

    task: str
    params: Mapping[str, Any] = field(default_factory=dict)
    engine: str | None = None
    seed: int | None = None
    key: str | None = None
    in_place: bool = False
    """What comes back takes the place of the range, so the job runs on the item's own frames."""
    listens: bool = False
    """The other tracks of the project are heard too."""
    ranged: bool = False
    """The task takes several ranges at once, as its parameter `ranges`."""
    follows_chords: bool = False
    """What is played keeps to what is written on other tracks."""
    context: Path | None = None
    """Audio that plays at the same time as a file, from its first frame on."""

    def build_request(
        self, timeline: Timeline, inputs: tuple[Input, ...], ranges: Sequence[FrameBounds]
    ) -> JobRequest:
        """The job, on a timeline."""
        params = dict(self.params)
        if self.ranged:
            params["ranges"] = [{"start_frame": first, "end_frame": last} for first, last in ranges]
        return JobRequest(self.task, timeline, params, inputs, self.engine, self.seed)


@dataclass(frozen=True)
class ItemJob:
    """A job on an item, and where its ranges lie on the item's grid."""

    order: JobRequest
    laid: ItemMap
    ranges: tuple[FrameBounds, ...]


def upload_and_probe(client: Client, path: Path, progress: ProgressCallback) -> Probed:
    """Brings a file to the server and asks what is in it. Raises RequestError."""
    sha256 = client.upload(path, lambda done, total: progress(FileTransfer(path.name, done, total)))
    return client.probe(sha256)


def check_selected(selected: SelectedItems, wanted: TaskOptions) -> None:
    """Raises RequestError for what can be seen to fail before anything is sent."""
    if wanted.in_place:
        check_splittable(selected.heard, selected.project.tempo_map)


def played_frames(heard: PlayableItem, probed: Probed) -> int:
    """How long an item's file is in the DAW: what was cut off it is silent there, and a loop begins later.

    Decoders disagree about where an MP3 ends, so an item that is a little longer plays silence, not a lap.
    """
    frames = probed.frames + probed.missing_frames
    take = heard.take
    if take.source is None or take.source.kind != "MP3" or heard.section_seconds is not None:
        return frames
    end = nearest_frame((take.offset_seconds + heard.length * take.play_rate) * probed.sample_rate)
    return end if frames < end <= frames + _MP3_SLACK_FRAMES else frames


def plan_item_job(selected: SelectedItems, wanted: TaskOptions, probed: Probed) -> ItemJob:
    """The job on an item of a project.

    In place it runs on the frames of the item's file, else on the project's. Raises RequestError
    (`bad_position`, `input_unusable`) for a range that the file does not fill.
    """
    heard, project = selected.heard, selected.project
    own = wanted.in_place and not heard.is_varispeed
    rate = None if own else project.sample_rate
    laid = map_item(heard, probed.sample_rate, played_frames(heard, probed), selected.whole_span, rate)
    ranges = tuple(_range_frames(laid, times, project.ruler_start) for times in selected.times) or (
        (laid.first, laid.last),
    )
    if wanted.in_place:
        edges = [(laid.grid.time_of(first), laid.grid.time_of(last)) for first, last in ranges]
        cut_times(heard, [NewPart(*edge, takes=()) for edge in edges])
    first, last = ranges[0][0], ranges[-1][1]
    reach = CONTEXT_SECONDS * laid.grid.rate
    before, after = min(reach, first - laid.reach_first), min(reach, laid.reach_last - last)
    source = laid.build_input("source", probed.sha256, first - before, last + after)
    timeline = project.tempo_at(laid.grid.rate).timeline_between(
        first, last, key=wanted.key, context_before_frames=before, context_after_frames=after
    )
    if not _needs_context(wanted):
        source = laid.build_input("source", probed.sha256, first, last)
        timeline = project.tempo_at(laid.grid.rate).timeline_between(first, last, key=wanted.key)
    order = wanted.build_request(timeline, (source,), ranges)
    remarks = playback_remarks([heard], project.tempo_map)
    if wanted.in_place and heard.item.locked:
        remarks.append("The item is locked in REAPER, and so are its parts.")
    order = replace(order, remarks=tuple(remarks))
    return ItemJob(order, laid, ranges)


def plan_file_job(
    wanted: TaskOptions, probed: Probed, tempo: TempoMap, times: Sequence[TimeSpan]
) -> JobRequest:
    """The job on a plain file, whose own frames are the timeline's. Raises as `plan_item_job`."""
    rate = probed.sample_rate
    ranges = [(nearest_frame(start * rate), nearest_frame(end * rate)) for start, end in times] or [
        (0, probed.frames)
    ]
    first, last = ranges[0][0], ranges[-1][1]
    if last > probed.frames:
        promised = (probed.frames + probed.missing_frames) / rate
        raise RequestError(
            ErrorCode.BAD_POSITION,
            say(
                "The range ends at {last:.3f} s, but the file has {frames:.3f} s{promised}.",
                last=last / rate,
                frames=probed.frames / rate,
                promised=f" of the {promised:.3f} s that its header promises"
                if probed.missing_frames
                else "",
            ),
            "Choose a range inside the file.",
        )
    reach = CONTEXT_SECONDS * rate if _needs_context(wanted) else 0
    before, after = min(reach, first), min(reach, probed.frames - last)
    source = Input(
        role="source",
        sha256=probed.sha256,
        start_frame=first - before,
        frames=last + after - (first - before),
        at_frame=first - before,
    )
    timeline = tempo.timeline_between(
        first, last, key=wanted.key, context_before_frames=before, context_after_frames=after
    )
    return wanted.build_request(timeline, (source,), ranges)


def context_input(probed: Probed, order: JobRequest) -> Input | None:
    """The audio that plays beside a file, around the range of its job; None where it has ended by then.

    ``probed``: that audio, whose first frame is played with the file's.
    """
    timeline = order.timeline
    rate, own = timeline.sample_rate, probed.sample_rate
    first = max(timeline.start_frame - CONTEXT_SECONDS * rate, 0)
    start = nearest_frame(first * own / rate)
    end = min(nearest_frame((timeline.end_frame + CONTEXT_SECONDS * rate) * own / rate), probed.frames)
    if end <= start:
        return None
    return Input(role="context", sha256=probed.sha256, start_frame=start, frames=end - start, at_frame=first)


def _needs_context(wanted: TaskOptions) -> bool:
    """Only what fits a range is given what lies beside it: other stems are as long as their source."""
    return wanted.ranged


def _range_frames(laid: ItemMap, times: TimeSpan, ruler_start: float) -> FrameBounds:
    """A range on the grid; an edge at the item's own end, or in a short fade there, takes in all of it."""
    start, end = times
    heard, frame = laid.heard, 1.0 / laid.grid.rate
    fade_in, fade_out = (
        max(min(seconds, _SHORT_FADE_SECONDS), frame)
        for seconds in (heard.item.fade_in_seconds, heard.item.fade_out_seconds)
    )
    first, last = nearest_frame(laid.grid.frame_at(start)), nearest_frame(laid.grid.frame_at(end))
    if start <= heard.position + fade_in and laid.starts:
        first = laid.first
    if end >= heard.end - fade_out and laid.ends:
        last = laid.last
    if first < laid.first or last > laid.last:
        where = "begins before" if first < laid.first else "ends after"
        begin, stop = (time_text(laid.grid.time_of(edge) + ruler_start) for edge in (laid.first, laid.last))
        raise RequestError(
            ErrorCode.BAD_POSITION,
            say("The range {where} the audio of {name}.", where=where, name=heard.file.name),
            say(
                "In this item the file plays from {begin} to {stop}; choose a range inside that.",
                begin=begin,
                stop=stop,
            ),
        )
    if first >= last:
        raise RequestError(
            ErrorCode.BAD_POSITION,
            "The range is shorter than one frame of the file.",
            "Choose a longer range.",
        )
    return first, last
