"""Joins new audio to the source's at both ends of a range, as it comes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bandmate_plugins._platform.arrays import AudioSamples
from bandmate_plugins._tasks.repaint.seams import MAX_FADE_SECONDS, Seam, head_seam, tail_seam
from bandmate_plugins._timing.crossfade import fade_gains
from bandmate_plugins.request import AudioInput

_AROUND_SECONDS = 0.04
"""How much of the source beyond the range is looked at."""
_CLICK_SECONDS = 0.002


class RangeSplicer:
    """One range: takes the new audio piece by piece, gives it with the splice baked in.

    The range is [start, end) in the source's own frames and may go past both of its ends. Where the source
    goes on outside, the first or the last frame that is given is exactly the source's.
    """

    def __init__(self, source: AudioInput, start: int, end: int, rate: int, drums: bool) -> None:
        self._source, self._start, self._end, self._rate, self._drums = source, start, end, rate, drums
        self._reach = min((end - start) // 2, round(2 * MAX_FADE_SECONDS * rate))
        self._held = np.zeros((0, source.channels), dtype=np.float32)
        self._begun = False
        self.seams: dict[str, int] = {}
        """Frames of the fades that were made, by `head` and `tail`."""

    def add(self, new: AudioSamples) -> Iterator[AudioSamples]:
        """Takes new audio of shape (frames, channels of the source); gives what is ready."""
        self._held = np.concatenate((self._held, new))
        if not self._begun and len(self._held) >= self._reach:
            self._begun = True
            if self._reach:
                self._held[: self._reach] = self._splice_head(self._held[: self._reach])
        ready = len(self._held) - max(self._reach, 1)
        if self._begun and ready > 0:
            yield np.ascontiguousarray(self._held[:ready])
            self._held = self._held[ready:].copy()

    def finish(self) -> Iterator[AudioSamples]:
        """The rest. All of the range was added."""
        if self._end - self._start < 2:
            if self._has_source_before or self._has_source_after:
                self._held[:] = self._source_audio(self._start, self._end)
        elif self._reach:
            self._held[-self._reach :] = self._splice_tail(self._held[-self._reach :])
        yield np.ascontiguousarray(self._held)

    @property
    def _has_source_before(self) -> bool:
        """Whether there is source before the range."""
        return 0 < self._start <= self._source.frames

    @property
    def _has_source_after(self) -> bool:
        """Whether there is source after the range."""
        return 0 <= self._end < self._source.frames

    def _splice_head(self, new: AudioSamples) -> AudioSamples:
        """The first frames, with their fade."""
        size = len(new)
        if not self._has_source_before:
            return _declick_start(new, self._rate)
        old = self._source_audio(self._start, self._start + size)
        before = self._source_audio(self._start - self._context_frames, self._start)
        seam = head_seam(before, old, new, self._rate, size, self._drums)
        self.seams["head"] = seam.length
        return _crossfade_seam(old, new, seam)

    def _splice_tail(self, new: AudioSamples) -> AudioSamples:
        """The last frames, with their fade."""
        size = len(new)
        if not self._has_source_after:
            return _declick_start(new[::-1], self._rate)[::-1]
        old = self._source_audio(self._end - size, self._end)
        after = self._source_audio(self._end, self._end + self._context_frames)
        seam = tail_seam(old, after, new, self._rate, size, self._drums)
        self.seams["tail"] = seam.length
        return _crossfade_seam(old[::-1], new[::-1], seam)[::-1]

    def _source_audio(self, start: int, end: int) -> AudioSamples:
        """The source, with silence where it has nothing."""
        out = np.zeros((end - start, self._source.channels), dtype=np.float32)
        first, last = max(start, 0), min(end, self._source.frames)
        if last > first:
            read = self._source.read(first, last - first)
            out[first - start : first - start + len(read)] = read
        return out

    @property
    def _context_frames(self) -> int:
        return round(_AROUND_SECONDS * self._rate)


def _crossfade_seam(old: AudioSamples, new: AudioSamples, seam: Seam) -> AudioSamples:
    """From `old` to `new`; both are the way from the range's edge inwards."""
    out = new.copy()
    out[: seam.margin] = old[: seam.margin]
    fade = slice(seam.margin, seam.margin + seam.length)
    leaving, coming = fade_gains(old[fade], new[fade])
    out[fade] = old[fade] * leaving + new[fade] * coming
    highest = max(1.0, float(np.abs(old[fade]).max(initial=0)), float(np.abs(new[fade]).max(initial=0)))
    if np.abs(out[fade]).max(initial=0) > highest:
        # Even power would clip: with equal gain, no peak is higher than those of the two.
        leaving, coming = fade_gains(old[fade], old[fade])
        out[fade] = old[fade] * leaving + new[fade] * coming
    return out


def _declick_start(new: AudioSamples, rate: int) -> AudioSamples:
    """From silence within two milliseconds."""
    out = new.copy()
    rise = min(len(out), max(1, round(_CLICK_SECONDS * rate)))
    way = (0.5 - 0.5 * np.cos(np.pi * np.arange(rise) / rise)).astype(np.float32)
    out[:rise] *= way[:, None]
    return out
