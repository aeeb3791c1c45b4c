"""Free text inside a grammar: a field's value on wrapped lines, and lyrics. Neither can leave its place.

A field's value goes on over the next line only behind two spaces, as YAML wraps it. So a line that begins at the left
is always a field of the grammar, whatever the text says.
"""

from __future__ import annotations

from enum import Enum, auto
from functools import cached_property

import numpy as np

from bandmate_plugins._engines.acestep.planner.token_set import TokenSet, single, union
from bandmate_plugins._engines.acestep.planner.vocabulary import PlannerVocabulary

_INDENT = 2
"""Spaces before a wrapped line."""
_ROOM_FOR_LINE = 4
"""A line is begun only where there is room for its spaces, a word and its end."""


class TextSets:
    """The sets of tokens that free text needs, made once for a vocabulary."""

    def __init__(self, vocabulary: PlannerVocabulary) -> None:
        self._vocabulary = vocabulary
        self._shapes = vocabulary.shapes
        self._unions: dict[tuple[TokenSet, TokenSet], TokenSet] = {}
        self.newline = single(self._newline_token())

    def _newline_token(self) -> int:
        tokens = self._vocabulary.encode_text("\n")
        if len(tokens) != 1:
            raise ValueError("its newline is not one token")
        return tokens[0]

    def _set(self, mask: np.ndarray) -> TokenSet:
        return TokenSet(0, len(mask), mask & self._shapes.usable)

    @cached_property
    def first(self) -> TokenSet:
        """What a value begins with: a space and a word, in one token or two."""
        shapes = self._shapes
        return self._set((shapes.indent == 1) & (shapes.newlines == 0))

    @cached_property
    def word(self) -> TokenSet:
        """What goes on after spaces: no space, no newline."""
        return self._set((self._shapes.indent == 0) & (self._shapes.newlines == 0))

    @cached_property
    def line(self) -> TokenSet:
        """What goes on inside a line, its end included."""
        shapes = self._shapes
        ends = (shapes.newlines == 1) & shapes.ends_line
        return self._set((shapes.newlines == 0) | ends)

    @cached_property
    def indents(self) -> tuple[TokenSet, TokenSet]:
        """What begins a wrapped line: at its left, and where one of its spaces is there."""
        shapes = self._shapes
        one_line = shapes.newlines == 0
        spaces = shapes.blank & (shapes.indent > 0)
        found = []
        for missing in (_INDENT, _INDENT - 1):
            mask = one_line & ((spaces & (shapes.indent <= missing)) | (~spaces & (shapes.indent == missing)))
            found.append(self._set(mask))
        return found[0], found[1]

    @cached_property
    def lyrics(self) -> TokenSet:
        """Any text, over any lines, and the end of the turn."""
        mask = self._shapes.usable.copy()
        mask[self._vocabulary.turn_end] = True
        return TokenSet(0, len(mask), mask)

    @cached_property
    def turn_end(self) -> TokenSet:
        """The end of the turn alone."""
        return single(self._vocabulary.turn_end)

    def indent_of(self, token: int) -> int:
        """Spaces that a token begins with."""
        return int(self._shapes.indent[token])

    def is_blank(self, token: int) -> bool:
        """Whether a token is nothing but spaces."""
        return bool(self._shapes.blank[token])

    def ends_line(self, token: int) -> bool:
        """Whether a token ends a line."""
        return bool(self._shapes.ends_line[token])

    def joined(self, one: TokenSet, other: TokenSet) -> TokenSet:
        """The union of two sets, made once for each pair."""
        key = one, other
        if key not in self._unions:
            self._unions[key] = union(one, other)
        return self._unions[key]


class _Place(Enum):
    BEGIN = auto()
    """Behind the field's name."""
    AFTER_SPACES = auto()
    LINE = auto()
    LINE_END = auto()
    """At the left of a new line."""
    INDENT = auto()
    """Behind one space of a new line."""
    DONE = auto()


class WrappedText:
    """A field's free text, at most `limit` tokens with the newline at its end."""

    def __init__(self, sets: TextSets, limit: int) -> None:
        """Raises ValueError for a limit of less than one short line."""
        if limit < _ROOM_FOR_LINE:
            raise ValueError(f"free text needs {_ROOM_FOR_LINE} tokens at least")
        self._sets, self._left = sets, limit
        self._place = _Place.BEGIN

    @property
    def done(self) -> bool:
        """Whether the next field has begun."""
        return self._place is _Place.DONE

    @property
    def most_tokens(self) -> int:
        """What is left of the limit."""
        return 0 if self.done else self._left

    def allowed(self, following: TokenSet | None) -> TokenSet:
        """At the left of a line, the next segment may begin or the text go on behind two spaces."""
        sets = self._sets
        match self._place:
            case _Place.BEGIN:
                return sets.first
            case _Place.AFTER_SPACES:
                return sets.word
            case _Place.INDENT:
                return sets.indents[1]
            case _Place.LINE:
                return sets.line if self._left > 1 else sets.newline
            case _:
                assert following is not None, "free text is followed by another segment"
                if self._left < _ROOM_FOR_LINE:
                    return following
                return sets.joined(sets.indents[0], following)

    def take(self, token: int) -> bool:
        """Moves on. A token at the left of a line that has no spaces belongs to the next segment."""
        sets = self._sets
        if self._place is _Place.LINE_END and sets.indent_of(token) == 0:
            self._place = _Place.DONE
            return False
        self._left -= 1
        if self._place is _Place.LINE_END:
            self._place = self._after_indent(token, 0)
        elif self._place is _Place.INDENT:
            self._place = self._after_indent(token, 1)
        elif self._place is _Place.BEGIN and sets.is_blank(token):
            self._place = _Place.AFTER_SPACES
        else:
            self._place = _Place.LINE_END if sets.ends_line(token) else _Place.LINE
        return True

    def _after_indent(self, token: int, before: int) -> _Place:
        if not self._sets.is_blank(token):
            return _Place.LINE
        spaces = before + self._sets.indent_of(token)
        return _Place.AFTER_SPACES if spaces == _INDENT else _Place.INDENT


class LyricText:
    """Free text to the end of the turn, at most `limit` tokens with the end's mark."""

    def __init__(self, sets: TextSets, limit: int) -> None:
        self._sets, self._left = sets, limit
        self._ended = False

    @property
    def done(self) -> bool:
        """Whether the turn has ended."""
        return self._ended

    @property
    def most_tokens(self) -> int:
        """What is left of the limit."""
        return 0 if self._ended else self._left

    def allowed(self, following: TokenSet | None) -> TokenSet:  # noqa: ARG002 - of the protocol
        """Any text, and at the limit the end alone."""
        return self._sets.lyrics if self._left > 1 else self._sets.turn_end

    def take(self, token: int) -> bool:
        """Counts it."""
        self._left -= 1
        self._ended = token in self._sets.turn_end
        return True
