"""A project file as a tree of chunks that gives back every byte it was read from.

A chunk is `<NAME words`, its lines and chunks, and `>`. Lines are kept whole, with their indentation and
ending, and are taken apart only when somebody asks; a line that nobody changes is written as it was read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice

from bandmate_bridge.rpp.lines import BLANK, as_float, as_int, first_word, split_words
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_MARK = "\ufeff"
_INDENT = "  "
_NOTE = "@"
"""Lines such as ReaPack's `@noindex` may stand before a project."""
_MAX_LINES_BEFORE = 1000


@dataclass(slots=True, eq=False)
class RppChunk:
    """One chunk; `children` may be changed in place."""

    opening: str
    children: list[str | RppChunk] = field(default_factory=list)
    closing: str = ">"

    @property
    def name(self) -> str:
        """Such as `TRACK`."""
        return first_word(self.opening.lstrip(_MARK + BLANK)[1:])

    @property
    def head(self) -> list[str]:
        """The words after the name."""
        return split_words(self.opening.lstrip(_MARK + BLANK)[1:])[1:]

    def chunks(self, *names: str) -> Iterator[RppChunk]:
        """The chunks directly inside, of these names or of any."""
        for child in self.children:
            if isinstance(child, RppChunk) and (not names or child.name in names):
                yield child

    def chunk(self, *names: str) -> RppChunk | None:
        """The first chunk inside of one of these names."""
        return next(self.chunks(*names), None)

    def lines(self, key: str) -> Iterator[list[str]]:
        """The words after the key, of every line directly inside that starts with it."""
        for child in self.children:
            if isinstance(child, str) and first_word(child) == key:
                yield split_words(child)[1:]

    def line(self, key: str) -> list[str]:
        """The words of the first such line; empty when there is none."""
        return next(self.lines(key), [])

    def index(self, key: str) -> int | None:
        """Where among the children the first line of that key stands."""
        for index, child in enumerate(self.children):
            if isinstance(child, str) and first_word(child) == key:
                return index
        return None

    def word(self, key: str, position: int = 0, default: str = "") -> str:
        """One word of the first line of that key."""
        found = self.line(key)
        return found[position] if position < len(found) else default

    def number(self, key: str, position: int = 0, default: float = 0.0) -> float:
        """One word of the first line of that key, as a number."""
        return as_float(self.word(key, position), default)

    def integer(self, key: str, position: int = 0, default: int = 0) -> int:
        """One word of the first line of that key, as a whole number."""
        return as_int(self.word(key, position), default)

    def put(self, index: int, text: str) -> None:
        """Replaces the words of a line, keeping its indentation and its ending."""
        old = self.children[index]
        assert isinstance(old, str), "only a line has words to replace"
        start = len(old) - len(old.lstrip(BLANK))
        end = len(old.rstrip(BLANK))
        self.children[index] = old[:start] + text + old[end:]


def draft_chunk(opening: str, *children: str | RppChunk) -> RppChunk:
    """A new chunk of bare lines; `lay_out` gives them their indentation and endings."""
    return RppChunk("<" + opening, list(children))


def lay_out(chunk: RppChunk, depth: int, newline: str) -> RppChunk:
    """A draft as it stands in a file, `depth` chunks deep."""
    margin = _INDENT * depth
    return RppChunk(
        margin + chunk.opening + newline,
        [
            lay_out(child, depth + 1, newline)
            if isinstance(child, RppChunk)
            else margin + _INDENT + child + newline
            for child in chunk.children
        ],
        margin + chunk.closing + newline,
    )


@dataclass(slots=True)
class RppDocument:
    """A whole file: one root chunk, and the lines around it."""

    root: RppChunk
    before: str = ""
    after: str = ""

    @property
    def newline(self) -> str:
        """How its lines end."""
        return "\r\n" if self.root.opening.endswith("\r\n") else "\n"

    def encode(self) -> bytes:
        """The file's bytes."""
        parts = [self.before]
        stack: list[Iterator[str | RppChunk]] = [iter((self.root,))]
        closings: list[str] = []
        while stack:
            child = next(stack[-1], None)
            if child is None:
                stack.pop()
                parts.append(closings.pop() if closings else "")
            elif isinstance(child, str):
                parts.append(child)
            else:
                parts.append(child.opening)
                closings.append(child.closing)
                stack.append(iter(child.children))
        return ("".join(parts) + self.after).encode("utf-8", "surrogateescape")


def parse_project(data: bytes, called: str) -> RppDocument:
    """Reads a project.

    ``called`` names the file in the sentence. Raises RequestError (`not_a_project`) when it is no REAPER
    project, is cut short, or goes on after its end.
    """
    text = data.decode("utf-8", "surrogateescape")
    pieces = _split_lines(text)
    before: list[str] = []
    for piece in islice(pieces, _MAX_LINES_BEFORE):
        if _opens_project(piece):
            root = RppChunk(piece)
            after = _fill_root(root, pieces, called)
            return RppDocument(root, "".join(before), after)
        if piece.strip(_MARK + BLANK) and not piece.startswith(_NOTE):
            break
        before.append(piece)
    raise RequestError(
        ErrorCode.NOT_A_PROJECT,
        say("{called} is not a REAPER project: it does not begin with <REAPER_PROJECT.", called=called),
        "Give the .rpp file that REAPER saved.",
    )


def parse_items(text: str, called: str) -> tuple[RppChunk, ...]:
    """The items of a text, such as REAPER's own of one. Raises RequestError as `parse_project`."""
    around = RppChunk("<ITEM")
    _fill_root(around, chain(_split_lines(text.strip(BLANK) + "\n"), (">",)), called)
    return tuple(around.chunks("ITEM"))


def _opens_project(line: str) -> bool:
    return first_word(line.lstrip(_MARK + BLANK)) == "<REAPER_PROJECT"


def _split_lines(text: str) -> Iterator[str]:
    """The lines with their endings. Only a line feed ends a line, as only REAPER's own lines count."""
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start:end]
        start = end


def _fill_root(root: RppChunk, pieces: Iterator[str], called: str) -> str:
    """Reads the rest of the file into the root; returns the blank lines after it."""
    stack = [root]
    for piece in pieces:
        mark = piece.lstrip(BLANK)[:1]
        if mark == "<":
            inner = RppChunk(piece)
            stack[-1].children.append(inner)
            stack.append(inner)
        elif mark != ">":
            stack[-1].children.append(piece)
        else:
            stack.pop().closing = piece
            if not stack:
                return _read_rest(pieces, called)
    raise RequestError(
        ErrorCode.NOT_A_PROJECT,
        say("{called} is truncated: its {name} chunk has no end.", called=called, name=stack[-1].name),
        "Open it in REAPER and save it, or take REAPER's backup (.rpp-bak).",
    )


def _read_rest(pieces: Iterator[str], called: str) -> str:
    after = "".join(pieces)
    # REAPER was seen to leave a NUL behind the end.
    if after.strip(BLANK + "\0"):
        raise RequestError(
            ErrorCode.NOT_A_PROJECT,
            say(
                "{called} continues after its end: it has more '>' than '<', or two projects in one file.",
                called=called,
            ),
            "Open it in REAPER and save it, or take REAPER's backup (.rpp-bak).",
        )
    return after
