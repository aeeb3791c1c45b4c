"""Turns float audio into 16- or 24-bit WAV data or FLAC: a process that a bridge starts for its results.

`python -m bandmate_server.audio.encode_process` reads one request a line (JSON, `Request`) and answers
each with a line (`Answer`), so that a bridge, which has no numpy, needs no more than one such process.

Audio that 16 bits hold exactly is copied without dither.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterator
from typing import BinaryIO, Literal

import msgspec
import numpy as np
import soundfile
from numpy.typing import NDArray

from bandmate_server.audio.quantise import IntSamples, Quantiser, pack_samples

_BLOCK_FRAMES = 1 << 17
_MAX_FLAC_CHANNELS = 8


class EncodeRequest(msgspec.Struct, frozen=True):
    """One file to write."""

    source: bytes
    """Path of a file with interleaved f32le frames."""
    source_at: int
    """Where they begin, in bytes."""
    target: bytes
    """Path: for `wav` of a file with a header and room for the data, for `flac` of a new file."""
    target_at: int
    container: Literal["wav", "flac"]
    bits: Literal[16, 24]
    sample_rate: int
    channels: int
    frames: int
    seed: str
    """Hexadecimal; a hash of the audio."""


class EncodeAnswer(msgspec.Struct, frozen=True):
    """What became of it."""

    error: str = ""
    errno: int = 0
    """The system's number of the error, if it has one."""
    clipped: int = 0
    """Samples above full scale, which could not be kept."""
    true_peak_dbtp: float | None = None
    """Of a file with such samples."""


def encode_file(request: EncodeRequest) -> EncodeAnswer:
    """Writes one file. Raises OSError, soundfile.SoundFileError."""
    exact, clipped = _scan_samples(request)
    dither = request.bits == 16 and not exact
    quantiser = Quantiser(request.bits, dither=dither, seed=int(request.seed or "0", 16))
    blocks = (quantiser.quantise(block) for block in _source_blocks(request))
    if request.container == "flac":
        _write_flac(request, blocks)
    else:
        _write_frames(request, blocks)
    peak = _true_peak_dbtp(request) if clipped else None
    return EncodeAnswer(clipped=clipped, true_peak_dbtp=peak)


def _source_blocks(request: EncodeRequest) -> Iterator[NDArray[np.float32]]:
    """The source's samples, (frames, channels). Raises OSError where it is shorter than was said."""
    left = request.frames
    with open(request.source, "rb") as file:
        file.seek(request.source_at)
        while left:
            count = min(left, _BLOCK_FRAMES)
            data = file.read(4 * count * request.channels)
            if len(data) < 4 * count * request.channels:
                raise OSError("the audio is shorter than it should be")
            yield np.nan_to_num(np.frombuffer(data, "<f4").reshape(count, request.channels))
            left -= count


def _scan_samples(request: EncodeRequest) -> tuple[bool, int]:
    """Whether every sample is a whole number of steps, and how many are above full scale."""
    top, exact, clipped = float(1 << (request.bits - 1)), True, 0
    for block in _source_blocks(request):
        clipped += int(np.count_nonzero(np.abs(block) > 1))
        if exact:
            scaled = block * np.float32(top)
            exact = bool(np.all(np.rint(scaled) == scaled))
    return exact, clipped


def _write_frames(request: EncodeRequest, blocks: Iterator[IntSamples]) -> None:
    with open(request.target, "r+b") as file:
        file.seek(request.target_at)
        for block in blocks:
            file.write(pack_samples(block, request.bits))
        _flush_to_disk(file)


def _write_flac(request: EncodeRequest, blocks: Iterator[IntSamples]) -> None:
    if request.channels > _MAX_FLAC_CHANNELS:
        raise OSError(f"FLAC stores at most {_MAX_FLAC_CHANNELS} channels, but this has {request.channels}")
    with open(request.target, "xb") as file:
        with soundfile.SoundFile(
            file.fileno(),
            "w",
            samplerate=request.sample_rate,
            channels=request.channels,
            format="FLAC",
            subtype=f"PCM_{request.bits}",
            closefd=False,
        ) as out:
            for block in blocks:
                # libsndfile takes the upper bits.
                out.write(block << (32 - request.bits))
        _flush_to_disk(file)
    with open(request.target, "rb") as file:
        written = soundfile.info(file).frames
    if written != request.frames:
        raise OSError(f"only {written} of {request.frames} frames could be written")


def _flush_to_disk(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _true_peak_dbtp(request: EncodeRequest) -> float:
    # Most files have no need of it, and it brings scipy: nine tenths of the time that this process took to start.
    from bandmate_plugins._listening.loudness import TruePeakMeter

    meter = TruePeakMeter(request.sample_rate, request.channels)
    for block in _source_blocks(request):
        meter.add(block)
    return 20 * math.log10(meter.value)


def _answer_line(line: bytes) -> EncodeAnswer:
    try:
        return encode_file(msgspec.json.decode(line, type=EncodeRequest))
    except OSError as error:
        return EncodeAnswer(error=error.strerror or str(error), errno=error.errno or 0)
    except (soundfile.SoundFileError, ValueError) as error:
        return EncodeAnswer(error=str(error) or type(error).__name__)


def main() -> None:
    """Answers requests until standard input ends."""
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(msgspec.json.encode(_answer_line(line)) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
