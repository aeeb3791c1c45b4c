"""The grammars of what the planner writes: a state machine over token ids, without a network.

Every field is legal, in order and there once; what is given is forced token by token; there are exactly as many audio
codes as were asked for. `allowed` says what may come next, and `take` moves on.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property

from bandmate_plugins._engines.acestep.planner.fields import (
    FIELD_ORDER,
    FieldName,
    PlanFields,
    field_lines,
    legal_values,
)
from bandmate_plugins._engines.acestep.planner.free_text import LyricText, TextSets, WrappedText
from bandmate_plugins._engines.acestep.planner.segments import (
    AudioCodes,
    ForcedTokens,
    OneOfValues,
    Segment,
)
from bandmate_plugins._engines.acestep.planner.token_set import TokenSet
from bandmate_plugins._engines.acestep.planner.value_tree import ValueTree
from bandmate_plugins._engines.acestep.planner.vocabulary import PlannerVocabulary

CAPTION_TOKENS = 512
"""Upstream's limit for a caption."""
GENRE_TOKENS = 64


class Grammar:
    """What one text may be, as segments one after the other."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        """Raises ValueError for no segments."""
        if not segments:
            raise ValueError("a grammar has at least one segment")
        self._segments = list(segments)
        self.written: list[int] = []
        """The tokens that were taken."""

    @property
    def done(self) -> bool:
        """Whether the text is whole."""
        return not self._segments

    @property
    def most_tokens(self) -> int:
        """The largest number of tokens that may still come."""
        return sum(segment.most_tokens for segment in self._segments)

    def allowed(self) -> TokenSet:
        """The tokens that may come next."""
        following = self._segments[1].allowed(None) if len(self._segments) > 1 else None
        return self._segments[0].allowed(following)

    def take(self, token: int) -> None:
        """Moves on by a token. Raises ValueError for one that is not allowed."""
        if token not in self.allowed():
            raise ValueError(f"the token {token} is not allowed here")
        if not self._segments[0].take(token):
            self._segments.pop(0)
            self._segments[0].take(token)
        self.written.append(token)
        if self._segments[0].done:
            self._segments.pop(0)

    def forced_run(self) -> tuple[int, ...]:
        """The tokens that come next without a choice, as far as one segment knows."""
        if self.done:
            return ()
        head = self._segments[0]
        if isinstance(head, ForcedTokens):
            return head.rest()
        only = self.allowed().forced
        return () if only is None else (only,)


class GrammarKit:
    """Makes the grammars of one vocabulary; sets and trees are made once and shared by all of them."""

    def __init__(self, vocabulary: PlannerVocabulary) -> None:
        self.vocabulary = vocabulary
        self._sets = TextSets(vocabulary)
        self._codes = TokenSet(vocabulary.first_code, vocabulary.code_end)
        self._trees: dict[FieldName, ValueTree] = {}

    def thought(
        self,
        given: PlanFields,
        names: Collection[FieldName],
        *,
        caption_tokens: int = CAPTION_TOKENS,
        lyric_tokens: int = 0,
        lyrics: str | None = None,
    ) -> Grammar:
        """`<think>`, the fields `names` and those given, `</think>`, and lyrics if there is room for some.

        Given fields are forced, the others are the planner's choice. `lyrics` are forced if they are given.
        """
        tokens = self.vocabulary
        segments: list[Segment] = [ForcedTokens([tokens.think_start, *tokens.encode_text("\n")])]
        values = given.given_values()
        for name in FIELD_ORDER:
            if name in values:
                segments.append(ForcedTokens(tokens.encode_text(field_lines(name, values[name]))))
            elif name in names:
                segments += self._open_field(name, caption_tokens)
        segments.append(ForcedTokens([tokens.think_end]))
        if lyrics is not None:
            segments.append(ForcedTokens([*tokens.encode_text(f"\n\n{lyrics}"), tokens.turn_end]))
        elif lyric_tokens:
            segments.append(ForcedTokens(tokens.encode_text("\n\n")))
            segments.append(LyricText(self._sets, lyric_tokens))
        return Grammar(segments)

    def codes(self, count: int) -> Grammar:
        """Exactly `count` audio codes. Raises ValueError for none."""
        if count < 1:
            raise ValueError("a plan has at least one audio code")
        return Grammar([AudioCodes(self._codes, count)])

    def _open_field(self, name: FieldName, caption_tokens: int) -> list[Segment]:
        if name in ("caption", "genres"):
            limit = caption_tokens if name == "caption" else GENRE_TOKENS
            return [ForcedTokens(self.vocabulary.encode_text(f"{name}:")), WrappedText(self._sets, limit)]
        return [OneOfValues(self._tree(name))]

    def _tree(self, name: FieldName) -> ValueTree:
        if name not in self._trees:
            lines = (field_lines(name, value) for value in legal_values(name))
            self._trees[name] = ValueTree([self.vocabulary.encode_text(line) for line in lines])
        return self._trees[name]

    @cached_property
    def code_set(self) -> TokenSet:
        """Every audio code."""
        return self._codes
