"""What REAPER reads of a take: its source at the take's rate and direction, in the project's rate."""

import struct
from pathlib import Path

from tests.reaper.model import Take


class Accessor:
    """Nearest samples are enough here: it is about which ones come, in which order."""

    def __init__(self, take: Take) -> None:
        data = Path(take.source.file).read_bytes()
        at = data.find(b"data") + 8
        form = data.find(b"fmt ") + 8
        self.kind, self.channels, self.rate = struct.unpack_from("<HHI", data, form)
        letter, scale = ("f", 1.0) if self.kind == 3 else ("h", 1 / 32768)
        count = (len(data) - at) // struct.calcsize(letter)
        self.samples = [value * scale for value in struct.unpack_from(f"<{count}{letter}", data, at)]
        self.take = take

    def read(self, rate: int, channels: int, start: float, count: int) -> list[float] | None:
        values = []
        frames = len(self.samples) // self.channels
        for index in range(count):
            seconds = (
                self.take.values["D_STARTOFFS"] + (start + index / rate) * self.take.values["D_PLAYRATE"]
            )
            frame = round(seconds * self.rate)
            for channel in range(channels):
                inside = 0 <= frame < frames
                own = min(channel, self.channels - 1)
                values.append(self.samples[frame * self.channels + own] if inside else 0.0)
        return values if any(values) else None
