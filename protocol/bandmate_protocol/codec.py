"""Frames to messages and back: msgpack under hard limits, then one check against the Structs.

`msgpack` parses, since it bounds every length before it allocates; `msgspec` then converts the plain
values to one of the messages that may travel in that direction, and checks every bound on the way.
Audio is copied once each way: into its frame, and out of it.
"""

from __future__ import annotations

import math
from typing import Any, Final, Generic, TypeVar, get_args

import msgpack
import msgspec

from bandmate_protocol.errors import ErrorCode, RemoteProtocolError
from bandmate_protocol.messages import ClientMessage, Message, ServerMessage, type_of
from bandmate_protocol.texts import plain_text
from bandmate_protocol.units import MAX_INTEGER

MAX_FRAME_BYTES: Final = 4 << 20
"""The largest frame that either side sends or takes."""

MAX_DEPTH: Final = 24
"""How deep maps and arrays may nest; a JSON Schema in the catalogue needs about ten."""

MAX_ITEMS: Final = 16_384
"""Entries of one map or array."""

MAX_VALUES: Final = 262_144
"""Entries of all maps and arrays of a frame together: an empty array is one byte there and sixty here."""

MAX_TEXT_BYTES: Final = 256 * 1024
"""One string."""

_MAX_REQUEST_LENGTH: Final = 64

MessageT = TypeVar("MessageT", bound=Message)

_encoder = msgspec.msgpack.Encoder(enc_hook=plain_text)


def encode_message(message: Message) -> bytes:
    """The frame for a message: one msgpack map. Checks no bounds; a session's `send` does.

    Text that is no Unicode, such as a file's name in Latin-1, travels with question marks in it.
    """
    try:
        return _encoder.encode(message)
    except UnicodeEncodeError:
        return _encoder.encode(
            _as_unicode(msgspec.to_builtins(message, builtin_types=(bytes,), enc_hook=plain_text))
        )


def _as_unicode(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_as_unicode(key): _as_unicode(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_as_unicode(inner) for inner in value]
    return value


class FrameDecoder(Generic[MessageT]):
    """Decodes frames of one direction."""

    def __init__(self, union: Any) -> None:
        # One class for each type: msgspec would look through the whole union again for every frame.
        self._types: dict[str, type[MessageT]] = {type_of(message): message for message in get_args(union)}

    def decode(self, frame: bytes | bytearray | memoryview) -> MessageT:
        """The message in a frame.

        Raises RemoteProtocolError, code `bad_message` or `unknown_type`, and nothing else, whatever is in it.
        """
        fields = _unpack_frame(frame)
        kind = fields.get("type")
        try:
            return self._convert_fields(kind, fields)
        except RemoteProtocolError as error:
            error.type = kind if isinstance(kind, str) else None
            error.request = _request_of(fields)
            raise

    def _convert_fields(self, kind: Any, fields: dict[str, Any]) -> MessageT:
        message_type = self._types.get(kind) if isinstance(kind, str) else None
        if message_type is None:
            raise RemoteProtocolError(
                ErrorCode.UNKNOWN_TYPE, f"No message of type {_short_text(kind)} is expected here."
            )
        for name, value in fields.items():
            if type(value) in _CHECKED_TYPES:
                _check_value(value, name, 1)
        try:
            # With bytes named as a native type, text is never taken for base64.
            return msgspec.convert(fields, message_type, builtin_types=(bytes,))
        except (msgspec.ValidationError, RecursionError) as error:
            raise _bad_message(f"The message {_short_text(kind)} is malformed: {error}.") from error


def _unpack_frame(frame: bytes | bytearray | memoryview) -> dict[str, Any]:
    if len(frame) > MAX_FRAME_BYTES:
        raise _bad_message(f"The frame has {len(frame)} bytes; at most {MAX_FRAME_BYTES} are allowed.")
    count = _ValueBudget()
    try:
        fields = msgpack.unpackb(
            frame,
            raw=False,
            strict_map_key=True,
            object_hook=count.check_map,
            list_hook=count.check_array,
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
        raise _bad_message("The frame is not msgpack within the limits.") from error
    if not isinstance(fields, dict):
        raise _bad_message("The frame is not a map.")
    return fields


class _ValueBudget:
    """Ends the parsing of a frame that would take many times its size in memory."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left = MAX_VALUES

    def check_map(self, entries: dict[Any, Any]) -> dict[Any, Any]:
        self._take_values(len(entries))
        for key in entries:
            if type(key) is not str:
                raise _bad_message("A map has a key that is not text.")
        return entries

    def check_array(self, items: list[Any]) -> list[Any]:
        self._take_values(len(items))
        return items

    def _take_values(self, size: int) -> None:
        self._left -= size + 1
        if self._left < 0:
            raise _bad_message(f"The frame holds more than {MAX_VALUES} values.")


def _refuse_ext(code: int, _data: bytes) -> Any:
    raise _bad_message(f"The frame has an extension type ({code}), which is not allowed.")


_CHECKED_TYPES: Final = frozenset({dict, list, float})


def _check_value(value: Any, where: str, depth: int) -> None:
    """Refuses what msgspec would let pass in free-form values: nesting, NaN, bytes, large integers."""
    if isinstance(value, dict):
        _check_nested(value.values(), where, depth)
    elif isinstance(value, list):
        _check_nested(value, where, depth)
    else:
        _check_plain(value, where)


def _check_nested(values: Any, where: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise _bad_message(f"Values under {_short_text(where)} nest deeper than {MAX_DEPTH}.")
    for value in values:
        kind = type(value)
        # Text and the usual numbers, first: long lists of notes are made of them.
        if kind is str or (kind is int and -MAX_INTEGER <= value <= MAX_INTEGER):
            continue
        _check_value(value, where, depth + 1)


def _check_plain(value: Any, where: str) -> None:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise _bad_message(f"The number under {_short_text(where)} is not finite.")
    elif isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise _bad_message(f"The number under {_short_text(where)} is out of range.")
    elif isinstance(value, bytes):
        raise _bad_message(f"A value under {_short_text(where)} is bytes, which JSON does not have.")


def _request_of(fields: dict[str, Any]) -> str | None:
    request = fields.get("request")
    return request if isinstance(request, str) and 1 <= len(request) <= _MAX_REQUEST_LENGTH else None


def _bad_message(sentence: str) -> RemoteProtocolError:
    return RemoteProtocolError(ErrorCode.BAD_MESSAGE, sentence)


def _short_text(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


CLIENT_FRAMES: FrameDecoder[ClientMessage] = FrameDecoder(ClientMessage)
"""Decodes what clients send."""

SERVER_FRAMES: FrameDecoder[ServerMessage] = FrameDecoder(ServerMessage)
"""Decodes what servers send."""
