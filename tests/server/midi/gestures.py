"""MIDI messages as a controller sends them, a map for them, and a clock that a test turns."""

from __future__ import annotations

from mido import Message

MAP = """name = "Box"
port = "*Box*"

[[control]]
id = "cover/strength"
kind = "cc"
channel = 1
number = 16
"""


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def cc(number: int, value: int, channel: int = 0) -> Message:
    return Message("control_change", channel=channel, control=number, value=value)


def note(number: int, velocity: int = 100) -> Message:
    return Message("note_on", note=number, velocity=velocity)
