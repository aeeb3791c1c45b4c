"""The XML of a DAWproject as a tree that knows where each element stands in the text, so that text can be inserted.

Documents with a DOCTYPE are refused: no project has one, and without it there are no entities to expand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from bandmate_bridge.rpp.lines import number_text, to_one_line
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_TAG = re.compile(rb"""<[^"'>]*(?:"[^"]*"[^"'>]*|'[^']*'[^"'>]*)*>""")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_MAX_DEPTH = 200
_MAX_ELEMENTS = 5_000_000
_MAX_NUMBER = 1e9
_ENCODINGS = (None, "utf-8", "us-ascii", "ascii")


@dataclass(slots=True, eq=False)
class Element:
    """An element and its places in the bytes of the document."""

    name: str
    attributes: dict[str, str]
    start: int
    """Where its `<` is."""
    tag_end: int
    """After the `>` of its first tag."""
    children: list[Element] = field(default_factory=list)
    content_end: int = 0
    """Where its closing tag begins; equal to `tag_end` where it has none."""
    end: int = 0
    """After all of it."""

    @property
    def is_empty_tag(self) -> bool:
        """It is one tag that ends with `/>`."""
        return self.end == self.tag_end

    def get(self, name: str, default: str = "") -> str:
        """An attribute."""
        return self.attributes.get(name, default)

    def number(self, name: str) -> float | None:
        """An attribute as a number; None where it is missing, infinite or no number."""
        text = self.attributes.get(name, "").strip()
        if not _NUMBER.fullmatch(text):
            return None
        value = float(text)
        return value if abs(value) <= _MAX_NUMBER else None

    def flag(self, name: str, default: bool) -> bool:
        """An attribute as xs:boolean."""
        text = self.attributes.get(name, "").strip()
        return default if text not in ("true", "false", "1", "0") else text in ("true", "1")

    def all(self, *names: str) -> Iterator[Element]:
        """The children of these names, in order."""
        return (child for child in self.children if child.name in names)

    def first(self, *names: str) -> Element | None:
        """The first child of one of these names."""
        return next(self.all(*names), None)

    def walk(self) -> Iterator[Element]:
        """The element and all inside it, in the order of the text."""
        waiting: list[Element] = [self]
        while waiting:
            here = waiting.pop()
            yield here
            waiting.extend(reversed(here.children))


_EXPORT_AGAIN = "Export the project from the DAW again."


def parse_xml(data: bytes, called: str, remedy: str = _EXPORT_AGAIN) -> Element:
    """The root of a document in UTF-8. ``called`` names it in sentences.

    Raises RequestError (`not_a_project`) for text that is not well-formed, for a DOCTYPE, another encoding, and for
    what no project needs: elements 200 deep, or millions of them.
    """
    builder = _TreeBuilder(data, called, remedy)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = builder.open
    parser.EndElementHandler = builder.close
    parser.StartDoctypeDeclHandler = builder.refuse_doctype
    parser.XmlDeclHandler = builder.check_encoding
    builder.parser = parser
    try:
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            builder.check_encoding("1.0", "UTF-16", 0)
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise _broken_error(
            called,
            say(
                "{reason}, line {line}",
                reason=expat.ErrorString(error.code) or "not well-formed",
                line=error.lineno,
            ),
            remedy,
        ) from error
    assert builder.root is not None, "a document that was parsed has a root"
    return builder.root


class _TreeBuilder:
    def __init__(self, data: bytes, called: str, remedy: str) -> None:
        self.root: Element | None = None
        self.parser: expat.XMLParserType
        self._data, self._called, self._remedy = data, called, remedy
        self._stack: list[Element] = []
        self._count = 0

    def open(self, name: str, attributes: dict[str, str]) -> None:
        start = self.parser.CurrentByteIndex
        tag = _TAG.match(self._data, start)
        if tag is None or len(self._stack) >= _MAX_DEPTH or self._count >= _MAX_ELEMENTS:
            raise _broken_error(self._called, "it has more elements than a project can have", self._remedy)
        self._count += 1
        element = Element(name, attributes, start, tag.end())
        if self._stack:
            self._stack[-1].children.append(element)
        else:
            self.root = element
        self._stack.append(element)

    def close(self, _: str) -> None:
        element = self._stack.pop()
        if self._data[element.tag_end - 2 : element.tag_end] == b"/>":
            element.content_end = element.end = element.tag_end
            return
        element.content_end = self.parser.CurrentByteIndex
        element.end = self._data.index(b">", element.content_end) + 1

    def refuse_doctype(self, *_: object) -> None:
        raise _broken_error(
            self._called, "it has a DOCTYPE, which no project has and Bandmate does not read", self._remedy
        )

    def check_encoding(self, _: str, encoding: str | None, __: int) -> None:
        if (encoding.lower() if encoding else None) not in _ENCODINGS:
            raise _broken_error(
                self._called, f"it is in {encoding}, and the format is in UTF-8", self._remedy
            )


def _broken_error(called: str, reason: str, remedy: str) -> RequestError:
    return RequestError(
        ErrorCode.NOT_A_PROJECT,
        say("{called} cannot be read: {reason}.", called=called, reason=reason),
        remedy,
    )


@dataclass(frozen=True, slots=True)
class Edit:
    """Bytes from ``start`` to ``end`` that get another text."""

    start: int
    end: int
    text: str


def apply_edits(data: bytes, edits: Sequence[Edit]) -> bytes:
    """The document with all edits, which do not overlap; those at one place keep their order."""
    parts: list[bytes] = []
    at = 0
    for edit in sorted(edits, key=lambda one: one.start):
        assert edit.start >= at, "edits do not overlap"
        parts += [data[at : edit.start], edit.text.encode()]
        at = edit.end
    return b"".join([*parts, data[at:]])


def set_attributes(data: bytes, element: Element, changes: Mapping[str, str | None]) -> Edit:
    """The edit that gives an element other attributes; None takes one away. All else of its tag stays as it is."""
    tag = data[element.start : element.tag_end]
    for name, value in changes.items():
        pattern = rb"\s+" + name.encode() + rb"""\s*=\s*(?:"[^"]*"|'[^']*')"""
        tag = re.sub(pattern, b"", tag, count=1) if value is None else _put_attribute(tag, name, value)
    return Edit(element.start, element.tag_end, tag.decode())


def _put_attribute(tag: bytes, name: str, value: str) -> bytes:
    written = f"{name}={quoteattr(value)}".encode()
    found = re.search(rb"(?<=\s)" + name.encode() + rb"""\s*=\s*(?:"[^"]*"|'[^']*')""", tag)
    if found:
        return tag[: found.start()] + written + tag[found.end() :]
    closing = b"/>" if tag.endswith(b"/>") else b">"
    return tag.removesuffix(closing).rstrip() + b" " + written + closing


class NewElement:
    """An element to be written; attributes that are None are left out."""

    def __init__(self, name: str, /, *children: NewElement, **attributes: str | float | bool | None) -> None:
        self.name = name
        self.attributes = {key: value for key, value in attributes.items() if value is not None}
        self.children = list(children)

    def render(self, depth: int, newline: str = "\n") -> str:
        """Its text, ``depth`` elements deep, with a new line before each tag that begins one."""
        margin = newline + "  " * depth
        tag = "".join(
            [self.name, *(f" {key}={quoteattr(_text(value))}" for key, value in self.attributes.items())]
        )
        if not self.children:
            return f"{margin}<{tag}/>"
        inside = "".join(child.render(depth + 1, newline) for child in self.children)
        return f"{margin}<{tag}>{inside}{margin}</{self.name}>"


def _text(value: str | float | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return to_one_line(value)
    return number_text(value)


def newline_of(data: bytes) -> str:
    """How the lines of a document end."""
    return "\r\n" if b"\r\n" in data[:4096] else "\n"


def insert_inside(data: bytes, element: Element, children: Sequence[NewElement], depth: int) -> Edit:
    """The edit that adds children behind those of an element that lies ``depth`` elements deep."""
    newline = newline_of(data)
    text = "".join(child.render(depth + 1, newline) for child in children)
    if element.is_empty_tag:
        at = element.tag_end - 2
        return Edit(at, element.end, f">{text}{newline}{'  ' * depth}</{element.name}>")
    at = element.children[-1].end if element.children else element.tag_end
    if not element.children and not data[at : element.content_end].strip():
        return Edit(at, element.content_end, f"{text}{newline}{'  ' * depth}")
    return Edit(at, at, text)


def insert_after(data: bytes, element: Element, siblings: Sequence[NewElement], depth: int) -> Edit:
    """The edit that adds elements right after one that lies ``depth`` elements deep."""
    newline = newline_of(data)
    return Edit(element.end, element.end, "".join(one.render(depth, newline) for one in siblings))
