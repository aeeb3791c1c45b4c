"""Audio that came with a job, decoded and laid on the project's own frames, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins.request import AudioInput
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Input
from bandmate_protocol.texts import say
from bandmate_protocol.units import MAX_INTEGER
from bandmate_server.workers.inputs.joined_audio import JoinedAudio
from bandmate_server.workers.inputs.slice_audio import SliceAudio
from bandmate_server.workers.link import InputFile, RunJob


class DecodedInput(AudioInput):
    """Audio at the project's rate.

    Decoded to headless f32le beside the spool as far as it is read, and no further: the first audio of a job
    does not wait for the end of a long file, and random access costs no memory.
    """

    def __init__(
        self,
        role: str,
        audio: SliceAudio | JoinedAudio,
        scratch: Path,
        check: Callable[[], None],
    ) -> None:
        """`scratch` is where the decoded frames go; `check` is called for every block."""
        self.role = role
        self.start_frame = audio.start_frame
        self.channels = audio.channels
        self.frames = audio.frames
        self._audio = audio
        self._scratch = scratch
        self._check = check
        self._blocks_left = audio.blocks(check)
        self._decoded: BinaryIO | None = None
        self._done = 0

    def read(self, offset: int = 0, frames: int | None = None) -> NDArray[np.float32]:
        """See AudioInput."""
        end = self.frames if frames is None else min(offset + frames, self.frames)
        start = min(offset, end)
        if self._decoded is None:
            self._decoded = self._scratch.open("w+b")
        self._decode_to(self._decoded, end)
        self._decoded.seek(start * self._frame_bytes)
        data = self._decoded.read((end - start) * self._frame_bytes)
        return np.frombuffer(data, "<f4").astype(np.float32).reshape(-1, self.channels)

    @property
    def remarks(self) -> list[str]:
        """What a musician should know of the files: what is missing in them."""
        return self._audio.remarks

    def close(self) -> None:
        """Lets go of the files and of the decoded frames."""
        self._blocks_left.close()
        self._audio.close()
        if self._decoded is not None:
            self._decoded.close()

    @property
    def _frame_bytes(self) -> int:
        return 4 * self.channels

    def _decode_to(self, out: BinaryIO, end: int) -> None:
        """Decodes up to a frame."""
        out.seek(self._done * self._frame_bytes)
        while self._done < end:
            self._check()
            block = next(self._blocks_left)
            out.write(block.astype("<f4", copy=False).tobytes())
            self._done += len(block)


class FileInput(DecodedInput):
    """A slice of one file."""

    def __init__(
        self,
        given: Input,
        file: InputFile,
        sample_rate: int,
        scratch: Path,
        check: Callable[[], None],
        most_frames: int = MAX_INTEGER,
    ) -> None:
        """Raises RequestError (`input_unusable`, `range_too_long`) for audio that cannot be used, or would
        have more than `most_frames` frames.
        """
        with ExitStack() as stack:
            audio = _open_slice(given, file, sample_rate, most_frames, stack)
            stack.pop_all()
        super().__init__(given.role, audio, scratch, check)


class JoinedInput(DecodedInput):
    """Slices of several files that are one input to the task; see `joins` of the protocol's `Input`."""

    def __init__(
        self,
        given: Sequence[tuple[Input, InputFile]],
        span: tuple[int, int],
        sample_rate: int,
        scratch: Path,
        check: Callable[[], None],
        most_frames: int = MAX_INTEGER,
    ) -> None:
        """``span``: the project's frames that it covers at least. Raises as `FileInput`."""
        with ExitStack() as stack:
            slices = [_open_slice(*each, sample_rate, most_frames, stack) for each in given]
            audio = JoinedAudio(slices, span)
            _check_length(audio, sample_rate, most_frames)
            stack.pop_all()
        super().__init__(given[0][0].role, audio, scratch, check)


def open_inputs(run: RunJob, check: Callable[[], None], stack: ExitStack) -> tuple[DecodedInput, ...]:
    """The inputs of a job, those that join another one as part of it; the stack closes them.

    Raises RequestError as `FileInput`.
    """
    timeline = run.submit.timeline
    span = (
        max(timeline.start_frame - timeline.context_before_frames, 0),
        timeline.end_frame + timeline.context_after_frames,
    )
    around = timeline.context_before_frames + timeline.context_after_frames
    most_frames = round(run.input_seconds * timeline.sample_rate) + around
    found: list[DecodedInput] = []
    for index, group in enumerate(_group_joined(zip(run.submit.inputs, run.inputs, strict=True))):
        assert run.spool is not None, "a question has no inputs"
        scratch = Path(run.spool) / f"{run.attempt}-input-{index}.f32"
        rate = timeline.sample_rate
        opened: DecodedInput = (
            FileInput(*group[0], rate, scratch, check, most_frames)
            if len(group) == 1
            else JoinedInput(group, span, rate, scratch, check, most_frames)
        )
        stack.callback(opened.close)
        found.append(opened)
    return tuple(found)


def _group_joined(given: Iterable[tuple[Input, InputFile]]) -> list[list[tuple[Input, InputFile]]]:
    groups: list[list[tuple[Input, InputFile]]] = []
    for each in given:
        if each[0].joins and groups:
            groups[-1].append(each)
        else:
            groups.append([each])
    return groups


def _open_slice(
    given: Input, file: InputFile, sample_rate: int, most_frames: int, stack: ExitStack
) -> SliceAudio:
    audio = SliceAudio(given, file, sample_rate)
    stack.callback(audio.close)
    _check_length(audio, sample_rate, most_frames)
    return audio


def _check_length(audio: SliceAudio | JoinedAudio, sample_rate: int, most_frames: int) -> None:
    if audio.frames > most_frames:
        seconds, most = audio.frames / sample_rate, most_frames / sample_rate
        raise RequestError(
            ErrorCode.RANGE_TOO_LONG,
            say(
                "The audio would play for {seconds:.0f} s, but at most {most:.0f} s are allowed.",
                seconds=seconds,
                most=most,
            ),
            "Choose a shorter part of it, or raise range_seconds in the server's settings.",
        )
