"""Small projects as text, made by hand: tracks with items that play files."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile

RATE = 44_100


@dataclass
class WrittenItem:
    """An item; ``lines`` are those of the item and its take, ``source`` is the source's chunk."""

    file: str = "a.wav"
    position: float = 0
    length: float = 8
    lines: list[str] = field(default_factory=list)
    source: list[str] | None = None

    def text(self) -> list[str]:
        source = self.source or ["<SOURCE WAVE", f'  FILE "{self.file}"', ">"]
        inside = [f"POSITION {self.position}", f"LENGTH {self.length}", *self.lines, *source]
        return ["<ITEM", *(f"  {line}" for line in inside), ">"]


def written_project(
    tracks: dict[str, list[WrittenItem]], *head: str, within: dict[str, list[str]] | None = None
) -> str:
    """A project with the items of each track, at 120 in 4/4; ``within`` has further lines of tracks."""
    lines = [
        "<REAPER_PROJECT 0.1",
        f"  SAMPLERATE {RATE} 1",
        "  TEMPO 120 4 4",
        *(f"  {line}" for line in head),
    ]
    for name, items in tracks.items():
        lines += ["  <TRACK", f'    NAME "{name}"', *(f"    {line}" for line in (within or {}).get(name, []))]
        lines += [f"    {line}" for item in items for line in item.text()]
        lines.append("  >")
    return "\n".join([*lines, ">", ""])


def tone(path: Path, hertz: float, *, seconds: float = 8, rate: int = RATE, level: float = 0.3) -> np.ndarray:
    """A sine on both sides, as 32-bit float; returns its samples."""
    time = np.arange(round(seconds * rate)) / rate
    samples = np.repeat(level * np.sin(2 * np.pi * hertz * time)[:, None], 2, axis=1).astype(np.float32)
    soundfile.write(path, samples, rate, subtype="FLOAT")
    return samples
