"""What is in an audio file, read in a process of its own: a damaged file cannot take the server with it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_protocol.units import Channels, SampleRate, WholeFrames
from bandmate_server.audio.child_process import ask_program

READABLE_FORMATS = "WAV, RF64, W64, AIFF, FLAC, OGG and MP3 can be read."
_PROBE_SECONDS = 60.0
_FRAME_BYTES = 4
_PROBE_MODULE = "bandmate_server.audio.probe_process"


class AudioHeader(msgspec.Struct, frozen=True, tag=True):
    """What a file holds."""

    sample_rate: SampleRate
    channels: Channels
    frames: WholeFrames
    """What is there, whatever the file's own header says."""
    missing_frames: WholeFrames = 0
    """How many more the file's own header promises."""


class UnusableAudio(msgspec.Struct, frozen=True, tag=True):
    """Why a file cannot be used."""

    sentence: str
    remedy: str


def stem_header(path: Path, sample_rate: int, channels: int) -> AudioHeader:
    """Of a finished stem, which is interleaved f32le and nothing else."""
    return AudioHeader(sample_rate, channels, path.stat().st_size // (_FRAME_BYTES * channels))


async def read_header(path: Path) -> AudioHeader:
    """Looks into a file. Raises RequestError (`input_unusable`)."""
    try:
        # wait_for would lose a cancel that comes in the moment of the answer.
        async with asyncio.timeout(_PROBE_SECONDS):
            status, answer = await ask_program(_PROBE_MODULE, str(path))
    except TimeoutError as error:
        raise unusable_audio_error("takes too long to read", "Save it again as WAV.") from error
    if status:
        raise unusable_audio_error("cannot be read as audio", READABLE_FORMATS)
    found = msgspec.json.decode(answer, type=AudioHeader | UnusableAudio)
    if isinstance(found, UnusableAudio):
        raise RequestError(ErrorCode.INPUT_UNUSABLE, found.sentence, found.remedy)
    return found


def unusable_audio_error(what: str, remedy: str) -> RequestError:
    """The error for a file: what is wrong with it, and what would work."""
    return RequestError(ErrorCode.INPUT_UNUSABLE, say("The audio file {what}.", what=what), remedy)
