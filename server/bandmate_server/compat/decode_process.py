"""The process that decodes a file from outside to bare frames at a project's rate.

`python -m bandmate_server.compat.decode_process` reads one `DecodeOrder` from its input, in JSON, and answers with a
`DecodeAnswer`.
"""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

import msgspec

from bandmate_protocol.errors import BandmateError
from bandmate_protocol.messages import Input
from bandmate_server.workers.inputs.job_inputs import FileInput
from bandmate_server.workers.link import InputFile

_BLOCK_FRAMES = 1 << 18


class DecodeOrder(msgspec.Struct, frozen=True):
    """What to decode."""

    given: Input
    file: InputFile
    sample_rate: int
    most_frames: int
    target: str
    """A file to make, of interleaved f32le."""


class DecodeAnswer(msgspec.Struct, frozen=True):
    """What it is."""

    channels: int = 0
    frames: int = 0
    start_frame: int = 0
    error: str = ""


def decode(order: DecodeOrder) -> DecodeAnswer:
    """Decodes a file. Raises RequestError (`input_unusable`, `range_too_long`), OSError."""
    scratch = Path(order.target).with_suffix(".scratch")
    try:
        audio = FileInput(
            order.given, order.file, order.sample_rate, scratch, lambda: None, order.most_frames
        )
        with closing(audio), Path(order.target).open("xb") as out:
            for offset in range(0, audio.frames, _BLOCK_FRAMES):
                out.write(audio.read(offset, _BLOCK_FRAMES).astype("<f4", copy=False).tobytes())
            return DecodeAnswer(audio.channels, audio.frames, audio.start_frame)
    finally:
        scratch.unlink(missing_ok=True)


def main() -> None:
    """Answers one order."""
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=DecodeOrder)
    try:
        answer = decode(order)
    except (BandmateError, OSError) as error:
        answer = DecodeAnswer(error=str(error))
    sys.stdout.buffer.write(msgspec.json.encode(answer))


if __name__ == "__main__":
    main()
