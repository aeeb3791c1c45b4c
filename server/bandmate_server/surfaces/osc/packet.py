"""Decodes OSC packets: messages with every type tag of OSC 1.0 and 1.1, and bundles. No I/O.

The format is that of "The Open Sound Control 1.0 Specification" (Wright, 2002) and "Features and Future of
Open Sound Control version 1.1 for NIME" (Freed and Schmeder, 2009). Sending is left to python-osc. Its reader
skips the type tags `S`, `c` and `I` but not their data, so that every later argument is a wrong number, and
it never ends on a bundle with an element of negative size.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from bandmate_protocol.texts import say

_BUNDLE = b"#bundle\0"
_BUNDLE_HEAD_BYTES = len(_BUNDLE) + 8
"""The marker and the time tag."""
_MAX_NESTING = 8
"""Bundles in bundles, and arrays in arrays: no sender nests deeper, and recursion needs an end."""
_NUMBERS = {"i": ">i", "h": ">q", "f": ">f", "d": ">d", "t": ">Q", "r": ">I"}
"""Numbers with a fixed size. A time tag is its 64 bits (NTP), a colour its 32 bits (red first)."""


class Impulse(Enum):
    """The type tag `I`: a bang in OSC 1.1, infinity in OSC 1.0."""

    BANG = "I"


OscArgument = int | float | str | bytes | bool | Impulse | None | list["OscArgument"]


class MalformedPacketError(Exception):
    """Raised for bytes that are not an OSC packet; its text is a sentence."""


@dataclass(frozen=True)
class OscMessage:
    """An address pattern with its arguments."""

    address: str
    arguments: list[OscArgument]


def read_packet(data: bytes) -> list[OscMessage]:
    """All messages of a datagram, in their order; bundles are taken apart and their time tags ignored.

    `s` and `S` give a str, `c` a str of one character, `b` and `m` bytes, `T` and `F` a bool, `N` None, `I`
    an `Impulse` and `[` to `]` a list. Raises MalformedError.
    """
    return list(_read_messages(data, 0))


def _read_messages(data: bytes, depth: int) -> Iterator[OscMessage]:
    if data.startswith(b"/"):
        yield _read_message(data)
    elif data.startswith(_BUNDLE):
        for element in _bundle_elements(data):
            if depth == _MAX_NESTING:
                raise MalformedPacketError(
                    say("An OSC bundle is nested more than {max_nesting} deep.", max_nesting=_MAX_NESTING)
                )
            yield from _read_messages(element, depth + 1)
    else:
        raise MalformedPacketError("An OSC packet must start with / or #bundle.")


def _bundle_elements(data: bytes) -> Iterator[bytes]:
    """The packets in a bundle."""
    if len(data) < _BUNDLE_HEAD_BYTES:
        raise MalformedPacketError("An OSC bundle ends before its time tag.")
    at = _BUNDLE_HEAD_BYTES
    while at < len(data):
        if len(data) - at < 4:
            raise MalformedPacketError("An OSC bundle ends within the size of an element.")
        size: int = struct.unpack_from(">i", data, at)[0]
        at += 4
        if not 0 < size <= len(data) - at:
            left = len(data) - at
            raise MalformedPacketError(
                say(
                    "An OSC bundle contains an element of {size} bytes, but only {left} are left.",
                    size=size,
                    left=left,
                )
            )
        yield data[at : at + size]
        at += size


def _read_message(data: bytes) -> OscMessage:
    reader = _ArgumentReader(data)
    address = reader.read_text("address")
    if not reader.bytes_left:
        # Senders older than OSC 1.0 leave out an empty type tag string.
        return OscMessage(address, [])
    tags = reader.read_text("type tags")
    if not tags.startswith(","):
        raise MalformedPacketError(
            say("The type tags of {address} do not start with a comma.", address=address)
        )
    try:
        return OscMessage(address, reader.read_arguments(tags[1:]))
    except MalformedPacketError as error:
        raise MalformedPacketError(
            say("{address} with the type tags {tags}: {error}", address=address, tags=tags, error=error)
        ) from error


class _ArgumentReader:
    """The bytes of one message, read from the front."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def bytes_left(self) -> int:
        """Bytes that are not read yet."""
        return len(self._data) - self._at

    def read_arguments(self, tags: str) -> list[OscArgument]:
        """One argument for each type tag; arrays are lists."""
        found: list[OscArgument] = []
        open_arrays = [found]
        for tag in tags:
            if tag == "[":
                if len(open_arrays) > _MAX_NESTING:
                    raise MalformedPacketError(
                        say("arrays are nested more than {max_nesting} deep.", max_nesting=_MAX_NESTING)
                    )
                array: list[OscArgument] = []
                open_arrays[-1].append(array)
                open_arrays.append(array)
            elif tag != "]":
                open_arrays[-1].append(self._read_argument(tag))
            elif len(open_arrays) == 1:
                raise MalformedPacketError("an array ends that did not start.")
            else:
                open_arrays.pop()
        if len(open_arrays) > 1:
            raise MalformedPacketError("an array does not end.")
        return found

    def read_text(self, what: str) -> str:
        """A string, with the zeros that fill it up to four bytes."""
        end = self._data.find(b"\0", self._at)
        following = end + 4 - (end - self._at) % 4
        if end < 0 or following > len(self._data):
            raise MalformedPacketError(say("The {what} of an OSC message has no end.", what=what))
        found = self._data[self._at : end]
        self._at = following
        try:
            return found.decode("utf-8")
        except UnicodeDecodeError as error:
            raise MalformedPacketError(
                say("The {what} of an OSC message is not UTF-8.", what=what)
            ) from error

    def _read_argument(self, tag: str) -> OscArgument:
        if tag in _NUMBERS:
            return self._read_number(_NUMBERS[tag], padded=tag == "f")
        match tag:
            case "s" | "S":
                return self.read_text("text")
            case "c":
                return self._read_character()
            case "b":
                return self._read_blob()
            case "m":
                return self._take_bytes(4)
            case "T" | "F":
                return tag == "T"
            case "N":
                return None
            case "I":
                return Impulse.BANG
        raise MalformedPacketError(
            say("the type {tag} is not one of OSC 1.1 (i f s b h t d S c r m T F N I [ ]).", tag=tag)
        )

    def _read_number(self, form: str, *, padded: bool) -> int | float:
        size = struct.calcsize(form)
        if padded and self.bytes_left < size:
            # Reaktor leaves out the zeros at the end of a message's last float.
            data, self._at = self._data[self._at :].ljust(size, b"\0"), len(self._data)
        else:
            data = self._take_bytes(size)
        found: int | float = struct.unpack(form, data)[0]
        return found

    def _read_character(self) -> str:
        """32 bits, of which ASCII uses the last eight."""
        code = self._read_number(">I", padded=False)
        if not 0 <= code < 128:
            raise MalformedPacketError(say("the character {code} is not ASCII.", code=code))
        return chr(int(code))

    def _read_blob(self) -> bytes:
        size = int(self._read_number(">i", padded=False))
        if size < 0:
            raise MalformedPacketError(say("a blob has {size} bytes.", size=size))
        found = self._take_bytes(size)
        self._at += min(-size % 4, self.bytes_left)
        return found

    def _take_bytes(self, size: int) -> bytes:
        if self.bytes_left < size:
            raise MalformedPacketError(
                say(
                    "an argument needs {size} bytes, but only {bytes_left} are left.",
                    size=size,
                    bytes_left=self.bytes_left,
                )
            )
        found = self._data[self._at : self._at + size]
        self._at += size
        return found
