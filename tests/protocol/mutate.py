"""Broken frames: golden ones with bytes or fields changed, and bytes that were never a frame."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import msgpack

from tests.protocol.vectors import invalid, valid

SEEDS: tuple[bytes, ...] = tuple(vector.frame for vector in (*valid(), *invalid()))
FIELDS: tuple[dict[str, Any], ...] = tuple(
    msgpack.unpackb(vector.frame) for vector in valid() if vector.canonical
)
ENDS = ("done", "failed", "cancelled")
JOB_FIELDS = tuple(fields for fields in FIELDS if "job" in fields and "attempt" in fields)
AUDIO_FIELDS = tuple(fields for fields in JOB_FIELDS if fields["type"] == "audio")
NAMES: tuple[str, ...] = tuple(sorted({name for fields in FIELDS for name in fields}))
TYPES: tuple[str, ...] = tuple(sorted({fields["type"] for fields in FIELDS}))

# First bytes of every msgpack format, lengths that lie, limits and their neighbours.
HEADS = bytes([0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0x7F, 0xE0, *range(0xC0, 0xE0)])
NUMBERS = (
    0,
    1,
    -1,
    127,
    255,
    256,
    65_535,
    65_536,
    2**32,
    2**53,
    2**53 + 1,
    -(2**53) - 1,
    2**64 - 1,
    -(2**63),
)
ODD: tuple[Any, ...] = (
    *NUMBERS,
    None,
    True,
    "",
    "x" * 300,
    "0" * 64,
    "\x00\n",
    b"",
    b"\xff" * 300,
    [],
    {},
    [[[]]],
    {"": {}},
    0.5,
    -0.0,
    float("nan"),
    float("inf"),
    1e308,
)


def flip(frame: bytearray, draw: random.Random) -> None:
    for _ in range(draw.randint(1, 4)):
        frame[draw.randrange(len(frame))] ^= 1 << draw.randrange(8)


def overwrite(frame: bytearray, draw: random.Random) -> None:
    frame[draw.randrange(len(frame))] = draw.choice(HEADS)


def lie_about_length(frame: bytearray, draw: random.Random) -> None:
    at = draw.randrange(len(frame))
    frame[at : at + draw.randint(0, 5)] = bytes([draw.choice(HEADS)]) + draw.randbytes(
        draw.choice([1, 2, 4, 8])
    )


def remove(frame: bytearray, draw: random.Random) -> None:
    at = draw.randrange(len(frame))
    del frame[at : at + draw.randint(1, 16)]


def insert(frame: bytearray, draw: random.Random) -> None:
    at = draw.randrange(len(frame))
    frame[at:at] = draw.randbytes(draw.randint(1, 16))


def repeat(frame: bytearray, draw: random.Random) -> None:
    at, size = draw.randrange(len(frame)), draw.randint(1, 32)
    frame[at:at] = frame[at : at + size] * draw.randint(1, 50)


def splice(frame: bytearray, draw: random.Random) -> None:
    other = draw.choice(SEEDS) or b"\x80"
    frame[draw.randrange(len(frame)) :] = other[draw.randrange(len(other)) :]


def cut(frame: bytearray, draw: random.Random) -> None:
    del frame[draw.randrange(len(frame)) :]


MUTATIONS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    flip,
    overwrite,
    lie_about_length,
    remove,
    insert,
    repeat,
    splice,
    cut,
)


def with_broken_bytes(draw: random.Random) -> bytes:
    frame = bytearray(draw.choice(SEEDS))
    for _ in range(draw.choice([1, 1, 1, 2, 5])):
        if frame:
            draw.choice(MUTATIONS)(frame, draw)
    return bytes(frame)


def with_broken_fields(draw: random.Random) -> bytes:
    fields = dict(draw.choice(FIELDS))
    for _ in range(draw.choice([1, 1, 2, 4])):
        change(fields, draw)
    return bytes(msgpack.packb(fields))


def change(fields: dict[Any, Any], draw: random.Random) -> None:
    name = draw.choice(list(fields)) if fields and draw.random() < 0.7 else draw.choice(NAMES)
    value = fields.get(name)
    if isinstance(value, dict) and value and draw.random() < 0.8:
        fields[name] = dict(value)
        change(fields[name], draw)
    elif isinstance(value, list) and value and draw.random() < 0.8:
        fields[name] = [draw.choice([*value, *ODD]) for _ in range(draw.randint(0, 5))]
    elif isinstance(value, int) and draw.random() < 0.5:
        fields[name] = min(max(value + draw.randint(-3, 3), -(2**63)), 2**64 - 1)
    elif draw.random() < 0.1:
        fields.pop(name, None)
    elif draw.random() < 0.2:
        fields["type"] = draw.choice(TYPES)
    else:
        fields[name] = draw.choice(ODD)


def of_a_job(draw: random.Random) -> bytes:
    """A message of the job that is right in form, and out of place in any way."""
    fields = dict(draw.choice(AUDIO_FIELDS if draw.random() < 0.2 else JOB_FIELDS))
    if fields["type"] in ENDS and draw.random() < 0.9:
        fields = dict(draw.choice(JOB_FIELDS))
    small = {"attempt": 1, "revision": 2, "stem": 2, "offset": 6, "frames": 6}
    for name, most in small.items():
        if name in fields or name == "revision":
            # Half of them fit together, so that streams begin and go on before something breaks them.
            likely = most if name in ("attempt", "frames") else 0
            fields[name] = likely if draw.random() < 0.7 else draw.randint(0, most)
            if draw.random() < 0.02:
                fields[name] = draw.choice(NUMBERS)
    if "data" in fields:
        fields["data"] = draw.randbytes(4 * draw.randint(0, 4) + draw.choice([0, 0, 0, 1]))
    if "channels" in fields:
        fields["channels"] = draw.choice([1, 1, 2])
    return bytes(msgpack.packb(fields))


def noise(draw: random.Random) -> bytes:
    return draw.randbytes(draw.choice([0, 1, 2, 5, 20, 200]))


def heap(draw: random.Random) -> bytes:
    """Maps and arrays in one another, without end or nearly."""
    depth = draw.choice([5, 30, 600, 20_000])
    return (
        b"\x82\xa4type\xa6submit\xa1x"
        + draw.choice([b"\x91", b"\x81\xa1k", b"\x9f", b"\xdc\xff\xff"]) * depth
    )


def frame(draw: random.Random) -> bytes:
    """One frame to throw at a peer."""
    kind = draw.random()
    if kind < 0.35:
        return with_broken_bytes(draw)
    if kind < 0.65:
        return with_broken_fields(draw)
    if kind < 0.88:
        return of_a_job(draw)
    if kind < 0.95:
        return draw.choice(SEEDS)
    return heap(draw) if kind > 0.995 else noise(draw)
