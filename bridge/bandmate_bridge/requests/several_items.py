"""A range over several items of a track: one input of many slices, silent where no item plays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from bandmate_bridge.requests.audio_jobs import FrameBounds, ItemJob, TaskOptions, played_frames
from bandmate_bridge.requests.selection import SelectedItems
from bandmate_bridge.rpp import ItemMap, PlayableItem, loop_passes, map_item, playback_remarks
from bandmate_bridge.rpp.items import Item
from bandmate_bridge.rpp.take_reach import continues_take
from bandmate_bridge.rpp.write_like import has_further_processing, item_gain
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Fade, FadeShape, Input, Probed
from bandmate_protocol.tempo import nearest_frame
from bandmate_protocol.texts import say

_MAX_SLICES = 200
_MAX_GAIN = 64.0
_TOLERANCE_SECONDS = 1e-6
"""Seconds."""
_SHAPES: dict[int, FadeShape] = {1: "fast", 2: "slow", 3: "fast", 4: "slow", 5: "smooth", 6: "smooth"}
"""Of REAPER's fades, as its manual draws them: 0 is linear, and the steeper ones are taken for their kin."""


@dataclass(frozen=True)
class _JoinedItems:
    """An item, or several that one recording plays through without a break."""

    heard: PlayableItem
    """The first of them, as long as all of them."""
    last: Item

    def continues_in(self, other: PlayableItem) -> bool:
        """Whether the recording plays on in another item, at the same level."""
        first = self.heard.item
        return (
            abs(other.position - self.heard.end) < _TOLERANCE_SECONDS
            and continues_take(other.item, first, self.heard.take)
            and not (first.loops or other.item.loops)
            and self.last.fade_out_seconds == other.item.fade_in_seconds == 0
            and item_gain(first) == item_gain(other.item)
        )


def plan_items_job(selected: SelectedItems, wanted: TaskOptions, probed: Mapping[Path, Probed]) -> ItemJob:
    """The job on several items of a project, on the project's frames; ``probed``: what their files hold.

    Raises RequestError (`input_unusable`) for too many of them, or where none plays anything.
    """
    project, rate = selected.project, selected.project.sample_rate
    first, last = (nearest_frame(edge * rate) for edge in selected.whole_span)
    found: list[tuple[ItemMap, Input]] = []
    for run in _join_items(selected.all_items):
        found += _slice_inputs(run, probed[run.heard.file], (first, last), rate)
    if not found:
        raise RequestError(
            ErrorCode.INPUT_UNUSABLE, "The items play nothing in the range.", "Choose another range."
        )
    if len(found) > _MAX_SLICES:
        raise RequestError(
            ErrorCode.INPUT_UNUSABLE,
            say(
                "{count} pieces of audio play in the range, but at most {max_slices} can be read at once.",
                count=len(found),
                max_slices=_MAX_SLICES,
            ),
            "Choose a shorter range, or glue the items in the DAW first (in REAPER: Item, Glue items).",
        )
    inputs = tuple(msgspec.structs.replace(given, joins=at > 0) for at, (_, given) in enumerate(found))
    order = wanted.build_request(
        project.tempo_map.timeline_between(first, last, key=wanted.key), inputs, [(first, last)]
    )
    remarks = (
        *playback_remarks(selected.all_items, project.tempo_map),
        *_ignored_remarks(selected.all_items),
    )
    return ItemJob(replace(order, remarks=remarks), found[0][0], ((first, last),))


def _join_items(pieces: Sequence[PlayableItem]) -> list[_JoinedItems]:
    runs: list[_JoinedItems] = []
    for piece in sorted(pieces, key=lambda one: one.position):
        if runs and runs[-1].continues_in(piece):
            longer = replace(runs[-1].heard, length=piece.end - runs[-1].heard.position)
            runs[-1] = _JoinedItems(longer, piece.item)
        else:
            runs.append(_JoinedItems(piece, piece.item))
    return runs


def _slice_inputs(
    run: _JoinedItems, probed: Probed, span: FrameBounds, rate: int
) -> Iterator[tuple[ItemMap, Input]]:
    """What a run plays in a span of frames: a slice of its file for each pass through it."""
    heard, frames = run.heard, played_frames(run.heard, probed)
    start, end = max(heard.position, span[0] / rate), min(heard.end, span[1] / rate)
    if nearest_frame(end * rate) <= nearest_frame(start * rate):
        return
    for lap in loop_passes(heard, probed.sample_rate, frames, (start, end)):
        first, last = (nearest_frame(edge * rate) for edge in lap)
        try:
            laid = map_item(heard, probed.sample_rate, frames, lap, rate)
        except RequestError:
            # The file has ended before.
            continue
        first, last = max(first, laid.first), min(last, laid.last)
        if first < last:
            yield (
                laid,
                _shape_input(laid.build_input("source", probed.sha256, first, last), run, first, last, rate),
            )


def _shape_input(given: Input, run: _JoinedItems, first: int, last: int, rate: int) -> Input:
    """With the item's gain, and its fades where it begins and ends."""
    heard = run.heard
    begins, ends = nearest_frame(heard.position * rate) >= first, nearest_frame(heard.end * rate) <= last
    return msgspec.structs.replace(
        given,
        mono=heard.is_downmixed,
        gain=min(max(item_gain(heard.item), -_MAX_GAIN), _MAX_GAIN),
        fade_in=_input_fade(heard.item, "FADEIN", heard.item.fade_in_seconds, rate) if begins else None,
        fade_out=_input_fade(run.last, "FADEOUT", run.last.fade_out_seconds, rate) if ends else None,
    )


def _input_fade(item: Item, key: str, seconds: float, rate: int) -> Fade | None:
    frames = nearest_frame(seconds * rate)
    return Fade(frames=frames, shape=_SHAPES.get(item.chunk.integer(key), "linear")) if frames else None


def _ignored_remarks(pieces: Sequence[PlayableItem]) -> list[str]:
    count = sum(has_further_processing(piece.item) for piece in pieces)
    if not count:
        return []
    return [say("Pan, envelopes and effects of {count} of the items are ignored.", count=count)]
