"""Frames to messages and back: msgpack under hard limits, then one check against the Structs.

`msgpack` parses, since it bounds every length before it allocates; `msgspec` then converts the plain
values to one of the messages that may travel in that direction, and checks every bound on the way.
"""

from __future__ import annotations

import math
from typing import Any, get_args

import msgpack
import msgspec

from bandmate_protocol.errors import ErrorCode, RemoteProtocolError
from bandmate_protocol.messages import ClientMessage, Message, ServerMessage, type_of
from bandmate_protocol.units import MAX_INTEGER

MAX_FRAME_BYTES = 4 << 20
"""The largest frame that either side sends or takes."""

MAX_DEPTH = 24
"""How deep maps and arrays may nest; a JSON Schema in the catalogue needs about ten."""

MAX_ITEMS = 16_384
"""Entries of one map or array."""

MAX_TEXT_BYTES = 256 * 1024
"""One string."""

_encoder = msgspec.msgpack.Encoder()


def encode(message: Message) -> bytes:
    """The frame for a message: one msgpack map."""
    return _encoder.encode(message)


class Decoder:
    """Decodes frames of one direction."""

    def __init__(self, union: Any) -> None:
        self._union = union
        self._types = {type_of(message) for message in get_args(union)}

    def decode(self, frame: bytes | bytearray | memoryview) -> Message:
        """The message in a frame.

        Raises RemoteProtocolError, code `bad_message` or `unknown_type`, and nothing else, whatever the bytes.
        """
        fields = _unpack(frame)
        kind = fields.get("type")
        if not isinstance(kind, str) or kind not in self._types:
            raise RemoteProtocolError(
                ErrorCode.UNKNOWN_TYPE, f"No message of type {_short(kind)} is expected here."
            )
        for name, value in fields.items():
            if type(value) in (dict, list, float):
                _check(value, name, 1)
        try:
            # With bytes named as a native type, text is never taken for base64.
            message: Message = msgspec.convert(fields, self._union, builtin_types=(bytes,))
        except (msgspec.ValidationError, RecursionError) as error:
            raise _bad(f"The message {_short(kind)} is malformed: {error}.") from error
        return message


def _unpack(frame: bytes | bytearray | memoryview) -> dict[str, Any]:
    if len(frame) > MAX_FRAME_BYTES:
        raise _bad(f"The frame has {len(frame)} bytes; at most {MAX_FRAME_BYTES} are taken.")
    try:
        fields = msgpack.unpackb(
            frame,
            raw=False,
            strict_map_key=True,
            ext_hook=_refuse_ext,
            max_ext_len=0,
            max_bin_len=MAX_FRAME_BYTES,
            max_str_len=MAX_TEXT_BYTES,
            max_array_len=MAX_ITEMS,
            max_map_len=MAX_ITEMS,
        )
    except RemoteProtocolError:
        raise
    except (ValueError, TypeError, RecursionError, msgpack.exceptions.UnpackException) as error:
        raise _bad("The frame is not msgpack within the limits.") from error
    if not isinstance(fields, dict):
        raise _bad("The frame is not a map.")
    return fields


def _refuse_ext(code: int, data: bytes) -> Any:
    raise _bad(f"The frame holds an extension type ({code}); none is used.")


def _check(value: Any, where: str, depth: int) -> None:
    """Refuses what msgspec would let pass inside free-form values: deep nesting, NaN, bytes as keys."""
    if depth > MAX_DEPTH:
        raise _bad(f"Values under {_short(where)} nest deeper than {MAX_DEPTH}.")
    if isinstance(value, float):
        if not math.isfinite(value):
            raise _bad(f"The number under {_short(where)} is not finite.")
    elif isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise _bad(f"The number under {_short(where)} is out of range.")
    elif isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise _bad(f"A map under {_short(where)} has a key that is not text.")
            _check(inner, where, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, where, depth + 1)


def _bad(sentence: str) -> RemoteProtocolError:
    return RemoteProtocolError(ErrorCode.BAD_MESSAGE, sentence)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


CLIENT_FRAMES = Decoder(ClientMessage)
"""Decodes what clients send."""

SERVER_FRAMES = Decoder(ServerMessage)
"""Decodes what servers send."""
