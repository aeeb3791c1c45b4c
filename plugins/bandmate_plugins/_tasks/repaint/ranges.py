"""One range on its way from the engine to its stem."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._host.checked_run import ContractError
from bandmate_plugins._tasks.repaint import FrameRange
from bandmate_plugins._tasks.repaint.layout import channel_balance, fit_channels
from bandmate_plugins._tasks.repaint.splice import RangeSplicer
from bandmate_plugins.outputs import Output, StemAudio, StemStart
from bandmate_plugins.request import AudioInput
from bandmate_protocol.errors import ErrorCode
from bandmate_protocol.texts import say
from bandmate_protocol.units import one_line

_BALANCE_SECONDS = 5


class RangeStem:
    """Takes the stem that an engine announces for a range, and its audio; gives the spliced stem.

    `number` is that of the stem among `count`, `engine` what to call the engine when it breaks its contract.
    """

    def __init__(
        self, number: int, span: FrameRange, count: int, source: AudioInput, rate: int, engine: str
    ) -> None:
        self.number, self.span = number, span
        self._count, self._source, self._rate, self._engine = count, source, rate, engine
        self._splicer: RangeSplicer | None = None
        self._done = 0
        self._role = "other"

    def announce_stem(self, start: StemStart) -> StemStart:
        """The stem as the task announces it."""
        first = self.span.start_frame - self._source.start_frame
        self._role = start.role
        self._splicer = RangeSplicer(
            self._source, first, first + self._range_frames, self._rate, start.role in ("drums", "percussion")
        )
        self._done = 0
        name = start.name if self._count == 1 else f"{start.name} {self.number + 1}"
        return StemStart(
            one_line(name),
            start.role,
            channels=self._source.channels,
            frames=self._range_frames,
            start_frame=self.span.start_frame,
            colour=start.colour,
            revises=None if start.revises is None else self.number,
        )

    def splice_audio(self, samples: NDArray[np.float32]) -> Iterator[Output]:
        """Audio that the engine gave, as far as it can be given on. Raises ContractError for too much."""
        assert self._splicer is not None, "its stem was announced"
        self._done += len(samples)
        if self._done > self._range_frames:
            raise self.contract_error(f"gave {self._done} frames")
        for ready in self._splicer.add(fit_channels(samples, self._source.channels, self._channel_balance)):
            yield StemAudio(self.number, ready)

    def finish_stem(self) -> Iterator[Output]:
        """The rest. Raises ContractError where audio is missing."""
        if self._splicer is None or self._done != self._range_frames:
            raise self.contract_error(f"gave {self._done} frames")
        for samples in self._splicer.finish():
            yield StemAudio(self.number, samples)

    def range_report(self) -> dict[str, Any]:
        """What became of it, for programs."""
        seams = self._splicer.seams if self._splicer else {}
        return {
            "start_frame": self.span.start_frame,
            "end_frame": self.span.end_frame,
            "role": self._role,
            "fade_in_frames": seams.get("head", 0),
            "fade_out_frames": seams.get("tail", 0),
        }

    def contract_error(self, what: str) -> ContractError:
        """The error for a breach of the engine's contract; `what` goes on after "it"."""
        return ContractError(
            ErrorCode.ENGINE_FAILED,
            say(
                "The engine `{engine}` broke its contract in `inpaint`: it {what}, but one stem of "
                "{range_frames} frames is required.",
                engine=self._engine,
                what=what,
                range_frames=self._range_frames,
            ),
            "This is a fault of the plugin; its author can find it with bandmate_plugins.testing.",
        )

    @property
    def _range_frames(self) -> int:
        return self.span.end_frame - self.span.start_frame

    @cached_property
    def _channel_balance(self) -> Any:
        around = _BALANCE_SECONDS * self._rate
        start = max(self.span.start_frame - self._source.start_frame - around, 0)
        frames = 2 * around if self._source.channels > 2 else 0
        return channel_balance(self._source.read(min(start, self._source.frames), frames))
