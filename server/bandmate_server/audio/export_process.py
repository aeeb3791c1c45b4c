"""The process that makes files for download out of finished stems: WAV, FLAC or MP3, several in a zip.

`python -m bandmate_server.audio.export_process` reads one `ExportOrder` from its input, in JSON, and answers with an
`ExportAnswer`.
"""

from __future__ import annotations

import shutil
import sys
import zipfile
from pathlib import Path

import msgspec
import numpy as np
import soundfile

from bandmate_plugins._platform.wav_header import WavShape, wav_header
from bandmate_server.audio.encode_process import EncodeRequest, encode_file
from bandmate_server.audio.export_order import ExportAnswer, ExportOrder, ExportSource

_SAMPLE_BYTES = 4
_PIECE_FRAMES = 1 << 18
_MAX_MP3_CHANNELS = 2
_MAX_MP3_RATE = 48_000
"""Of MPEG-1 Layer III."""


def export_files(order: ExportOrder) -> Path:
    """The file that was made. Raises OSError, soundfile.SoundFileError."""
    folder = Path(order.folder)
    if not order.zip_name:
        return _export_stem(order, order.sources[0], folder)
    whole = folder / order.zip_name
    with zipfile.ZipFile(whole, "x", zipfile.ZIP_STORED) as bundle:
        for source in order.sources:
            file = _export_stem(order, source, folder)
            bundle.write(file, file.name)
            # One at a time, so that the disk holds everything once.
            file.unlink()
    return whole


def _export_stem(order: ExportOrder, source: ExportSource, folder: Path) -> Path:
    if not source.slices:
        return _export_file(order, source, folder)
    joined = folder / f".{source.file_name}"
    join_slices(source, joined)
    try:
        return _export_file(order, msgspec.structs.replace(source, path=str(joined)), folder)
    finally:
        joined.unlink()


def join_slices(source: ExportSource, target: Path) -> None:
    """Writes bare f32le frames: silence, with the slices added at their places. Raises OSError."""
    with target.open("w+b") as file:
        file.truncate(source.frames * source.channels * _SAMPLE_BYTES)
    if not source.frames:
        return
    whole = np.memmap(target, np.float32, "r+", shape=(source.frames, source.channels))
    for piece in source.slices:
        stem = np.memmap(piece.path, np.float32, "r").reshape(-1, piece.channels)
        first, last = max(piece.at_frame, 0), min(piece.at_frame + piece.frames, source.frames)
        for start in range(first, last, _PIECE_FRAMES):
            end = min(start + _PIECE_FRAMES, last)
            at = piece.start_frame + start - piece.at_frame
            # One channel goes to all of them.
            whole[start:end] += stem[at : at + end - start]
    whole.flush()


def _export_file(order: ExportOrder, source: ExportSource, folder: Path) -> Path:
    target = folder / source.file_name
    if order.container == "mp3":
        _write_mp3(source, target)
        return target
    start = 0
    if order.container == "wav":
        shape = WavShape(source.sample_rate, source.channels, source.frames, order.bits)
        header = wav_header(shape)
        start = len(header)
        with target.open("xb") as file:
            file.write(header)
            file.truncate(start + shape.data_bytes + shape.padding_bytes)
    if order.bits == 32:
        with Path(source.path).open("rb") as frames, target.open("r+b") as file:
            file.seek(start)
            shutil.copyfileobj(frames, file, 1 << 20)
        return target
    encode_file(
        EncodeRequest(
            source=source.path.encode(),
            source_at=0,
            target=str(target).encode(),
            target_at=start,
            container=order.container,
            bits=order.bits,
            sample_rate=source.sample_rate,
            channels=source.channels,
            frames=source.frames,
            seed=source.sha256,
        )
    )
    return target


def _write_mp3(source: ExportSource, target: Path) -> None:
    """The best quality of a variable bit rate. Raises OSError, soundfile.SoundFileError."""
    if source.channels > _MAX_MP3_CHANNELS or source.sample_rate > _MAX_MP3_RATE:
        raise OSError(
            f"MP3 stores at most {_MAX_MP3_CHANNELS} channels at {_MAX_MP3_RATE} Hz, but this has "
            f"{source.channels} at {source.sample_rate} Hz"
        )
    with (
        Path(source.path).open("rb") as frames,
        soundfile.SoundFile(
            target,
            "w",
            samplerate=source.sample_rate,
            channels=source.channels,
            format="MP3",
            subtype="MPEG_LAYER_III",
            bitrate_mode="VARIABLE",
            compression_level=0.0,
        ) as out,
    ):
        while data := frames.read(_PIECE_FRAMES * source.channels * _SAMPLE_BYTES):
            out.write(np.nan_to_num(np.frombuffer(data, "<f4").reshape(-1, source.channels)))


def main() -> None:
    """Answers one order."""
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=ExportOrder)
    try:
        answer = ExportAnswer(file=str(export_files(order)))
    except OSError as error:
        answer = ExportAnswer(error=error.strerror or str(error))
    except ValueError:
        answer = ExportAnswer(error="a part of it lies outside the stored audio")
    except soundfile.SoundFileError as error:
        answer = ExportAnswer(error=str(error))
    sys.stdout.buffer.write(msgspec.json.encode(answer))


if __name__ == "__main__":
    main()
