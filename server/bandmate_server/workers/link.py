"""What the server and a worker say to each other over the worker's standard input and output.

A frame is a 32-bit length (little endian) and one msgpack map. The audio itself goes through the spool.
"""

from __future__ import annotations

import struct
from typing import BinaryIO, Literal

import msgspec

from bandmate_protocol.messages import Submit
from bandmate_protocol.texts import plain_text

LENGTH_PREFIX = struct.Struct("<I")


class InputFile(msgspec.Struct, frozen=True):
    """Where an input's file lies; rate and channels only for headless f32le."""

    path: str
    sample_rate: int | None = None
    channels: int | None = None


class RunJob(msgspec.Struct, frozen=True, tag=True):
    """Server to worker: run this attempt at a job."""

    job: str
    attempt: int
    submit: Submit
    engine: str
    seed: int
    tier: str
    inputs: tuple[InputFile, ...]
    """One for each of the submit's inputs."""
    spool: str | None
    """The job's spool folder; none for a question, of which only the report counts."""
    shelf: str
    """The folder for finished stems."""
    input_seconds: float
    """The longest input, in the project's time, besides the timeline's context."""
    reads_prompt: bool = False
    """The engine's reader of prompts answers it, if the engine has one."""


class StopJob(msgspec.Struct, frozen=True, tag=True):
    """Server to worker: cancel this job."""

    job: str


class WorkerReady(msgspec.Struct, frozen=True, tag=True):
    """Worker to server: it runs, on this device."""

    device: str
    sentence: str = ""


class SpoolGrown(msgspec.Struct, frozen=True, tag=True):
    """Worker to server: the spool has grown."""

    job: str


class RelayFrame(msgspec.Struct, frozen=True, tag=True):
    """Worker to server: an encoded message for whoever follows the job."""

    frame: bytes


WorkerRenewal = Literal["none", "after", "retry"]
"""What happens to the worker once an attempt is over.

`after`: it is replaced, since a plugin from outside failed in it and may have changed anything. `retry`: it
is replaced and the attempt made again, since a built-in plugin failed in it after one from outside had run.
"""


class AttemptFinished(msgspec.Struct, frozen=True, tag=True):
    """Worker to server: the attempt is over; `frame` is an encoded `done`, `failed` or `cancelled`."""

    job: str
    frame: bytes
    renewal: WorkerRenewal = "none"


WorkerCommand = RunJob | StopJob
WorkerReport = WorkerReady | SpoolGrown | RelayFrame | AttemptFinished

_encoder = msgspec.msgpack.Encoder(enc_hook=plain_text)
_commands: msgspec.msgpack.Decoder[WorkerCommand] = msgspec.msgpack.Decoder(WorkerCommand)
_reports: msgspec.msgpack.Decoder[WorkerReport] = msgspec.msgpack.Decoder(WorkerReport)


def pack_frame(message: WorkerCommand | WorkerReport) -> bytes:
    """The frame of a message, its length in front."""
    body = _encoder.encode(message)
    return LENGTH_PREFIX.pack(len(body)) + body


def read_command(stream: BinaryIO) -> WorkerCommand | None:
    """The next command, blocking; None when the server is gone."""
    head = stream.read(LENGTH_PREFIX.size)
    if len(head) < LENGTH_PREFIX.size:
        return None
    body = stream.read(LENGTH_PREFIX.unpack(head)[0])
    return _commands.decode(body)


def decode_report(body: bytes) -> WorkerReport:
    """The report in a frame's body."""
    return _reports.decode(body)
