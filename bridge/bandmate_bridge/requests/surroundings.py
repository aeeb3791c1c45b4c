"""What the other tracks of a project play at the same time, for a task that listens to them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from bandmate_bridge.client import Client
from bandmate_bridge.progress import ProgressCallback
from bandmate_bridge.requests.audio_jobs import CONTEXT_SECONDS, ItemJob, played_frames, upload_and_probe
from bandmate_bridge.requests.chord_markers import chord_marks
from bandmate_bridge.requests.given_chart import chart_decides_key, given_chart
from bandmate_bridge.requests.ranges import TimeSpan
from bandmate_bridge.requests.selection import SelectedItems
from bandmate_bridge.requests.unheard_items import left_out_remarks
from bandmate_bridge.requests.written_harmony import WrittenHarmony, WrittenNotes
from bandmate_bridge.rpp import (
    FrameGrid,
    Item,
    PlayableItem,
    Project,
    Track,
    map_item,
    overlapping_items,
    resolve_item,
)
from bandmate_bridge.rpp.faders import INAUDIBLE_GAIN, playing_gain, track_gains
from bandmate_bridge.rpp.unplayable_items import UnplayableItemError, UnplayableReason
from bandmate_plugins._tasks.follow import follows_chords
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_plugins._theory.placed_chords import chords_sentence
from bandmate_protocol.errors import RequestError
from bandmate_protocol.messages import Input, Probed, Timeline
from bandmate_protocol.tempo import nearest_frame
from bandmate_protocol.texts import say

_MAX_INPUTS = 12
_MIN_SLICE_SECONDS = 0.25
_MAX_FILE_BYTES = 1 << 29
_MAX_GAIN = 64.0
"""Of an input."""


@dataclass(frozen=True)
class SurroundingMusic:
    """What plays at the same time as a range."""

    inputs: tuple[Input, ...] = ()
    remarks: tuple[str, ...] = ()
    """What is read from notes, and what could not be heard."""
    written: WrittenHarmony = field(default_factory=WrittenHarmony)
    """What its MIDI notes say."""

    def apply_to(self, timeline: Timeline) -> Timeline:
        """A timeline with the key and the chords that are written there, where it has none of its own."""
        return msgspec.structs.replace(
            timeline,
            key=timeline.key or self.written.key,
            chords=timeline.chords or self.written.chords,
        )


def gather_surroundings(
    client: Client, selected: SelectedItems, laying: ItemJob, progress: ProgressCallback
) -> SurroundingMusic:
    """The audio of other tracks over the range of a job on an item, and what is around it."""
    project, but, order = selected.project, selected.heard.track.number, laying.order
    return _gather_playing(client, project, order.timeline, laying.laid.grid, order.params, progress, but=but)


def written_surroundings(selected: SelectedItems, laying: ItemJob) -> SurroundingMusic:
    """What the notes of other tracks say of the range of a job on an item; no audio is listened to."""
    project, but = selected.project, selected.heard.track.number
    grid, timeline = laying.laid.grid, laying.order.timeline
    span, window = _context_spans(grid, timeline)
    notes = WrittenNotes(project, window)
    for track, item, _ in _sounding_items(project, window, but, span):
        with contextlib.suppress(UnplayableItemError):
            notes.add(track, item)
    written, remarks = _written_harmony(notes, span, grid, timeline, laying.order.params)
    return SurroundingMusic(remarks=tuple(remarks), written=written)


def gather_song(
    client: Client,
    project: Project,
    timeline: Timeline,
    params: Mapping[str, Any],
    progress: ProgressCallback,
) -> SurroundingMusic:
    """What a range of the project's own frames sounds like now. ``params``: of the task, where chords may be given."""
    return _gather_playing(client, project, timeline, FrameGrid(timeline.sample_rate), params, progress)


def _context_spans(grid: FrameGrid, timeline: Timeline) -> tuple[TimeSpan, TimeSpan]:
    """A range in seconds, and what of the project around it is heard."""
    span = grid.time_of(timeline.start_frame), grid.time_of(timeline.end_frame)
    return span, (max(span[0] - CONTEXT_SECONDS, 0.0), span[1] + CONTEXT_SECONDS)


def _gather_playing(
    client: Client,
    project: Project,
    timeline: Timeline,
    grid: FrameGrid,
    params: Mapping[str, Any],
    progress: ProgressCallback,
    but: int | None = None,
) -> SurroundingMusic:
    """What sounds from a little before a range to a little after it, on other tracks than number ``but``.

    Notes are read, and audio is listened to, as loud as it plays in the project. What is muted or inaudible, and
    tracks with fixed item lanes, are left out.
    So is what cannot be heard here: a remark counts it.
    """
    span, window = _context_spans(grid, timeline)
    notes = WrittenNotes(project, window)
    files: dict[Path, Probed] = {}
    found: list[Input] = []
    left_out: list[UnplayableItemError] = []
    for track, item, gain in _sounding_items(project, window, but, span):
        try:
            if item.is_midi:
                notes.add(track, item)
                continue
            if len(found) == _MAX_INPUTS:
                continue
            given = _upload_item(client, project, track, item, window, grid.rate, files, progress)
        except UnplayableItemError as error:
            if overlapping_items([item], *span, project.sample_rate):
                left_out.append(error)
            continue
        if given is not None:
            found.append(msgspec.structs.replace(given, gain=min(gain, _MAX_GAIN)))
    written, remarks = _written_harmony(notes, span, grid, timeline, params, beside_audio=bool(found))
    heard = len(found) + len(notes.notes)
    remarks += left_out_remarks(left_out, heard)
    return SurroundingMusic(tuple(found), tuple(remarks), written)


def _written_harmony(
    notes: WrittenNotes,
    span: TimeSpan,
    grid: FrameGrid,
    timeline: Timeline,
    params: Mapping[str, Any],
    *,
    beside_audio: bool = False,
) -> tuple[WrittenHarmony, list[str]]:
    """What the project says of key and chords, and sentences about it.

    A given chart comes before chord markers, and these before notes; notes of a part of the range, before audio of all
    of it, say nothing of the rest. Where chords are not to be followed (`follow`), there are none. Raises RequestError
    (`bad_params`) for a chart that cannot be read.
    """
    written = notes.harmony(span, grid.frame_at)
    if not follows_chords(str(params.get("follow", "auto"))):
        written = WrittenHarmony(written.key)
        return written, written.remarks(timeline.key)
    if given_chart(params) is not None:
        written = WrittenHarmony() if chart_decides_key(params) else WrittenHarmony(written.key)
        return written, written.remarks(timeline.key)
    marks = chord_marks(notes.project, span, grid.frame_at)
    remarks = written.remarks(timeline.key)
    if marks:
        # The key follows from them too: that of the notes may be one that was made for another range.
        written = WrittenHarmony(None, marks)
        remarks = ["The project's chord markers are played."]
    elif beside_audio and written.chords and notes.leaves_open(span):
        sentence = (
            "The MIDI notes there fill only a part of the range, so its chords are detected in the audio."
        )
        return WrittenHarmony(), [sentence]
    music = MusicalRange.from_timeline(timeline).with_chords(written.chords)
    return written, [*remarks, *filter(None, [chords_sentence(music)])]


def _sounding_items(
    project: Project, window: TimeSpan, but: int | None, span: TimeSpan
) -> Iterator[tuple[Track, Item, float]]:
    """What is heard of other tracks in a window, and the factor at which it plays in the project's mix in a span."""
    gains = track_gains(project.tracks, span)
    for track in project.tracks:
        if track.muted or track.has_lanes or track.number == but:
            continue
        for item in overlapping_items(track.items, *window, project.sample_rate):
            gain = gains[track.number] * abs(playing_gain(item))
            if not item.muted and gain >= INAUDIBLE_GAIN:
                yield track, item, gain


def _upload_item(
    client: Client,
    project: Project,
    track: Track,
    item: Item,
    window: TimeSpan,
    rate: int,
    files: dict[Path, Probed],
    progress: ProgressCallback,
) -> Input | None:
    """An item as far as it lies in a window; None for too little. Raises UnheardError."""
    heard = resolve_item(track, item, project.tempo_map)
    if heard.file.stat().st_size > _MAX_FILE_BYTES:
        raise UnplayableItemError(
            UnplayableReason.LARGE, say("{name} is too large to read.", name=heard.file.name), ""
        )
    try:
        if heard.file not in files:
            files[heard.file] = upload_and_probe(client, heard.file, progress)
        return _item_slice(heard, files[heard.file], window, rate)
    except RequestError as error:
        # A file that the server cannot read is no reason not to work on another one.
        raise UnplayableItemError(UnplayableReason.KIND, error.sentence, error.remedy) from error


def _item_slice(heard: PlayableItem, probed: Probed, window: TimeSpan, rate: int) -> Input | None:
    span = max(window[0], heard.position), min(window[1], heard.end)
    laid = map_item(heard, probed.sample_rate, played_frames(heard, probed), span, rate)
    first, last = (
        max(laid.first, nearest_frame(span[0] * rate)),
        min(laid.last, nearest_frame(span[1] * rate)),
    )
    if last - first < _MIN_SLICE_SECONDS * rate:
        return None
    return laid.build_input("context", probed.sha256, first, last)
