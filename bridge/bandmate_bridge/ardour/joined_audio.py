"""Channels of several WAV files as one file."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from pathlib import Path
from sys import byteorder

from bandmate_bridge.audiofiles.wav import WavFile
from bandmate_bridge.audiofiles.wav_patch import WavLayout, decode_samples, read_layout
from bandmate_bridge.file_errors import file_errors
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_BLOCK_FRAMES = 1 << 16


def join_channels(parts: Sequence[tuple[Path, int]], target: Path) -> None:
    """Writes a file of floats whose channels are those of ``parts``: files, and which channel of them.

    As long as the longest, of which the others are filled up with silence. Raises RequestError (`file_unusable`,
    `disk_full`) for files that are no WAV, or of several rates.
    """
    layouts = [read_layout(file) for file, _ in parts]
    rates = {layout.sample_rate for layout in layouts}
    if len(rates) > 1:
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("The channels of {name} have different sample rates.", name=parts[0][0].name),
            "Bounce the region in Ardour (Region, Bounce), save, and try again.",
        )
    frames = max(layout.frames for layout in layouts)
    target.parent.mkdir(parents=True, exist_ok=True)
    made = WavFile(target, sample_rate=rates.pop(), channels=len(parts), frames=frames)
    try:
        for at in range(0, frames, _BLOCK_FRAMES):
            count = min(_BLOCK_FRAMES, frames - at)
            block = array("f", bytes(4 * len(parts) * count))
            for place, ((file, channel), layout) in enumerate(zip(parts, layouts, strict=True)):
                samples = _read_channel(file, layout, channel, at, count)
                block[place : place + len(parts) * len(samples) : len(parts)] = samples
            if byteorder == "big":
                block.byteswap()
            made.write(at, block.tobytes())
        made.close()
    except BaseException:
        made.abandon()
        raise


def _read_channel(file: Path, layout: WavLayout, channel: int, at: int, count: int) -> array[float]:
    with file_errors(file), file.open("rb") as read:
        read.seek(layout.data_at + at * layout.frame_bytes)
        data = read.read(max(min(count, layout.frames - at), 0) * layout.frame_bytes)
    return decode_samples(data, layout)[min(channel, layout.channels - 1) :: layout.channels]
