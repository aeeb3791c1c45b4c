"""What is in an audio file, read in a process of its own: a damaged file cannot take the server with it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import msgspec

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.units import Channels, Frames, SampleRate

_SECONDS = 60.0
_FRAME_BYTES = 4


class Header(msgspec.Struct, frozen=True):
    """What a file says of its audio."""

    sample_rate: SampleRate
    channels: Channels
    frames: Frames


def headless(path: Path, sample_rate: int, channels: int) -> Header:
    """Of a finished stem, which is interleaved f32le and nothing else."""
    return Header(sample_rate, channels, path.stat().st_size // (_FRAME_BYTES * channels))


async def read_header(path: Path) -> Header:
    """Asks libsndfile about a file. Raises RequestError (`input_unusable`)."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        __name__,
        str(path),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        # wait_for would lose a cancel that comes in the moment of the answer.
        async with asyncio.timeout(_SECONDS):
            answer, _ = await process.communicate()
    except TimeoutError as error:
        raise _unusable("takes too long to read", "Save it again as WAV.") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise _unusable("cannot be read as audio", "WAV, RF64, AIFF, FLAC, OGG and MP3 can.")
    try:
        return msgspec.json.decode(answer, type=Header)
    except msgspec.ValidationError as error:
        raise _unusable(f"is of a strange form ({error})", "Rates from 8 to 384 kHz can be read.") from error


def _unusable(what: str, remedy: str) -> RequestError:
    return RequestError(ErrorCode.INPUT_UNUSABLE, f"The file {what}.", remedy)


def _main(path: str) -> None:
    import soundfile

    with soundfile.SoundFile(path) as sound:
        header = Header(sound.samplerate, sound.channels, len(sound))
    sys.stdout.buffer.write(msgspec.json.encode(header))


if __name__ == "__main__":
    _main(sys.argv[1])
