"""The golden frames in protocol/vectors. `python -m tests.protocol.vectors` writes them."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgpack

from bandmate_protocol.codec import MAX_DEPTH, MAX_ITEMS, encode_message
from bandmate_protocol.messages import Message, type_of
from bandmate_protocol.version import PROTOCOL_MAX
from tests.protocol.samples import ALL_SAMPLES
from tests.protocol.song import FILE_HASH, JOB, SPARE_TIMELINE
from tests.protocol.strategies import CLIENT_TYPES, SERVER_TYPES, as_fields

FOLDER = Path(__file__).parents[2] / "protocol" / "vectors"


@dataclass(frozen=True)
class Valid:
    name: str
    frame: bytes
    message: Message
    canonical: bool

    @property
    def direction(self) -> str:
        kind = type(self.message)
        if kind in CLIENT_TYPES and kind in SERVER_TYPES:
            return "both"
        return "client" if kind in CLIENT_TYPES else "server"

    def entry(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "file": f"{self.name}.msgpack",
            "direction": self.direction,
            "canonical": self.canonical,
            "fields": json_fields(as_fields(self.message)),
        }


@dataclass(frozen=True)
class Invalid:
    name: str
    frame: bytes
    direction: str
    code: str = "bad_message"
    request: str | None = None

    def entry(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "file": f"{self.name}.msgpack",
            "direction": self.direction,
            "code": self.code,
            "request": self.request,
        }


def json_fields(value: Any) -> Any:
    """The fields as JSON, with bytes as hexadecimal."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {key: json_fields(inner) for key, inner in value.items()}
    return [json_fields(inner) for inner in value] if isinstance(value, list | tuple) else value


def valid() -> Iterator[Valid]:
    seen: dict[str, int] = {}
    for message in ALL_SAMPLES:
        kind = type_of(type(message))
        seen[kind] = seen.get(kind, 0) + 1
        name = kind if seen[kind] == 1 else f"{kind}.spare"
        yield Valid(name, encode_message(message), message, canonical=True)
    yield from unusual()


def unusual() -> Iterator[Valid]:
    """Frames that a reader must take, though no Bandmate peer writes them."""
    first = {type_of(type(message)): message for message in reversed(ALL_SAMPLES)}

    def other(kind: str, what: str, frame: bytes) -> Valid:
        return Valid(f"{kind}.{what}", frame, first[kind], canonical=False)

    ping = as_fields(first["ping"])
    yield other(
        "ping", "unknown_fields", msgpack.packb({"new": [1, {"a": None}], **ping, "x": b"\x01", "y": 0.5})
    )
    yield other("ping", "type_last", msgpack.packb(dict(reversed(list(ping.items())))))
    yield other("ping", "key_twice", b"\x83\xa7request\xa1x\xa4type\xa4ping\xa7request\xa3p-1")
    yield other(
        "ping", "text_of_every_width", b"\xde\x00\x02\xd9\x04type\xda\x00\x04ping\xa7request\xdb\0\0\0\x03p-1"
    )
    yield other("ping", "wide_map", b"\xdf\0\0\0\x02\xa4type\xa4ping\xa7request\xa3p-1")
    credit = b"\x82\xa4type\xa6credit\xa5bytes"
    for name, number in {
        "unsigned": b"\xcf" + struct.pack(">Q", 262_144),
        "signed": b"\xd3" + struct.pack(">q", 262_144),
    }.items():
        yield other("credit", f"{name}_64", credit + number)
    cancelled = b"\x83\xa4type\xa9cancelled\xa3job\xa8" + JOB.encode() + b"\xa7attempt"
    for name, number in {
        "8": b"\xcc\x03",
        "16": b"\xcd\x00\x03",
        "32": b"\xce\0\0\0\x03",
        "signed_8": b"\xd0\x03",
    }.items():
        yield other("cancelled", f"attempt_{name}", cancelled + number)
    audio = as_fields(first["audio"])
    data = audio.pop("data")
    for name, head in {
        "16": b"\xc5" + struct.pack(">H", len(data)),
        "32": b"\xc6" + struct.pack(">I", len(data)),
    }.items():
        packed = msgpack.packb(audio)
        yield other("audio", f"bin_{name}", bytes([packed[0] + 1]) + packed[1:] + b"\xa4data" + head + data)
    stem_end = msgpack.packb(as_fields(first["stem_end"]) | {"loudness_lufs": 0})
    lufs = stem_end.index(b"loudness_lufs") + len(b"loudness_lufs")
    yield other(
        "stem_end", "float_32", stem_end[:lufs] + b"\xca" + struct.pack(">f", -23.0) + stem_end[lufs + 1 :]
    )
    yield other("stem_end", "integer_for_a_number", stem_end[:lufs] + b"\xe9" + stem_end[lufs + 1 :])
    yield from spelt_out()


def spelt_out() -> Iterator[Valid]:
    """Spare messages with their defaults on the wire."""
    for message in ALL_SAMPLES:
        kind = type(message)
        full = {"type": type_of(kind)} | {
            name: as_fields_of(getattr(message, name)) for name in kind.__struct_fields__
        }
        spare = as_fields(message)
        if len(full) > len(spare) and kind.__struct_fields__:
            yield Valid(f"{type_of(kind)}.defaults", msgpack.packb(full), message, canonical=False)


def as_fields_of(value: Any) -> Any:
    import msgspec

    return msgspec.to_builtins(value, builtin_types=(bytes,))


def invalid() -> Iterator[Invalid]:
    """Frames that a reader must refuse."""
    ping = {"type": "ping", "request": "r-1"}
    timeline = as_fields_of(SPARE_TIMELINE)
    submit = {"type": "submit", "request": "r-1", "task": "generate", "timeline": timeline}
    audio = {"type": "audio", "job": JOB, "attempt": 0, "stem": 0, "offset": 0, "data": b"\0\0\0\0"}

    def free(value: Any) -> bytes:
        return msgpack.packb(submit | {"params": {"x": value}})

    deep: Any = 1
    for _ in range(MAX_DEPTH):
        deep = [deep]
    yield Invalid("empty", b"", "client")
    yield Invalid("never_used_byte", b"\xc1", "client")
    yield Invalid("cut_short", msgpack.packb(ping)[:-1], "client")
    yield Invalid("more_after_the_end", msgpack.packb(ping) + b"\xc0", "client")
    yield Invalid("an_array", b"\x91\x01", "client")
    yield Invalid("a_text", b"\xa4ping", "client")
    yield Invalid("length_beyond_the_frame", b"\xdf\xff\xff\xff\xff", "client")
    yield Invalid("text_that_is_not_utf8", b"\x82\xa4type\xa4ping\xa7request\xa2\xc3\x28", "client")
    yield Invalid("text_with_a_surrogate", b"\x82\xa4type\xa4ping\xa7request\xa3\xed\xa0\x80", "client")
    yield Invalid("extension_type", b"\x83\xa4type\xa4ping\xa7request\xa3r-1\xa1x\xd4\x05\x00", "client")
    yield Invalid("timestamp", b"\x83\xa4type\xa4ping\xa7request\xa3r-1\xa1x\xd6\xff\0\0\0\0", "client")
    yield Invalid("integer_key", b"\x83\xa4type\xa4ping\xa7request\xa3r-1\x01\x01", "client")
    yield Invalid("bytes_key", b"\x83\xa4type\xa4ping\xa7request\xa3r-1\xc4\x01x\x01", "client")
    yield Invalid("nested_integer_key", free({1: 1}), "client")
    yield Invalid("too_deep", free(deep), "client", request="r-1")
    yield Invalid("too_many_entries", free([0] * (MAX_ITEMS + 1)), "client")
    yield Invalid("not_a_number", free(float("nan")), "client", request="r-1")
    yield Invalid("infinity", free([float("-inf")]), "client", request="r-1")
    yield Invalid("integer_over_2_53", free(2**53 + 1), "client", request="r-1")
    yield Invalid("integer_under_2_53", free(-(2**53) - 1), "client", request="r-1")
    yield Invalid("bytes_in_free_values", free(b"x"), "client", request="r-1")
    yield Invalid("no_type", msgpack.packb({"request": "r-1"}), "client", "unknown_type", "r-1")
    yield Invalid(
        "type_of_the_future", msgpack.packb(ping | {"type": "teleport"}), "client", "unknown_type", "r-1"
    )
    yield Invalid("type_is_a_number", msgpack.packb(ping | {"type": 1}), "client", "unknown_type", "r-1")
    yield Invalid("type_of_the_other_side", msgpack.packb(audio), "client", "unknown_type")
    yield Invalid("type_of_the_client", msgpack.packb(submit), "server", "unknown_type", "r-1")
    yield Invalid("required_field_missing", b"\x81\xa4type\xa4ping", "server")
    yield Invalid("null_for_a_required_field", msgpack.packb(ping | {"request": None}), "server")
    yield Invalid("empty_request", msgpack.packb(ping | {"request": ""}), "server")
    yield Invalid("request_too_long", msgpack.packb(ping | {"request": "x" * 65}), "server")
    yield Invalid("text_for_bytes", msgpack.packb(audio | {"data": "AAAAAA=="}), "server")
    yield Invalid("bytes_for_text", msgpack.packb(audio | {"job": JOB.encode()}), "server")
    yield Invalid("float_for_an_integer", msgpack.packb(audio | {"offset": 1.0}), "server")
    yield Invalid("boolean_for_an_integer", msgpack.packb(audio | {"offset": True}), "server")
    yield Invalid("negative_offset", msgpack.packb(audio | {"offset": -1}), "server")
    yield Invalid("offset_over_2_53", msgpack.packb(audio | {"offset": 2**53 + 1}), "server")
    yield Invalid("stem_over_its_bound", msgpack.packb(audio | {"stem": 65_536}), "server")
    yield Invalid("job_in_capitals", msgpack.packb(audio | {"job": JOB.upper()}), "server")
    yield Invalid("job_with_a_line_end", msgpack.packb(audio | {"job": JOB + "\n"}), "server")
    yield Invalid("hash_too_short", msgpack.packb({"type": "uploaded", "sha256": FILE_HASH[:-1]}), "server")
    stage = {"type": "progress", "job": JOB, "attempt": 0, "step": 0, "steps": 0, "stage": "two\nlines"}
    yield Invalid("label_of_two_lines", msgpack.packb(stage), "server")
    yield Invalid(
        "unknown_choice",
        msgpack.packb(
            {
                "type": "hello",
                "protocol_min": 1,
                "protocol_max": 1,
                "role": "guest",
                "client_name": "x",
                "client_version": "1",
            }
        ),
        "client",
    )
    point = {"position": 0.0, "bpm": 0.5}
    wrong = submit | {"timeline": timeline | {"tempo": [point]}}
    yield Invalid("bpm_under_its_bound", msgpack.packb(wrong), "client", request="r-1")
    wrong = submit | {"timeline": timeline | {"tempo": []}}
    yield Invalid("no_tempo", msgpack.packb(wrong), "client", request="r-1")


def files() -> dict[str, bytes]:
    """Every file of the folder by its name."""
    good, bad = list(valid()), list(invalid())
    index = {
        "protocol": PROTOCOL_MAX,
        "valid": [vector.entry() for vector in good],
        "invalid": [vector.entry() for vector in bad],
    }
    text = json.dumps(index, indent=1, ensure_ascii=False) + "\n"
    frames = {f"{vector.name}.msgpack": vector.frame for vector in [*good, *bad]}
    assert len(frames) == len(good) + len(bad), "two vectors have one name"
    return {"vectors.json": text.encode(), **frames}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    made = files()
    for path in FOLDER.iterdir():
        if path.name not in made:
            path.unlink()
    for name, content in made.items():
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    main()
