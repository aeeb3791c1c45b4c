"""Plans a piece with a network: first its metadata and caption, then its audio codes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from bandmate_plugins._engines.acestep.planner.decoding import OnToken, PlannedText, write_texts
from bandmate_plugins._engines.acestep.planner.draws import DrawRules
from bandmate_plugins._engines.acestep.planner.fields import FieldName, PlanFields, read_fields
from bandmate_plugins._engines.acestep.planner.grammar import Grammar, GrammarKit
from bandmate_plugins._engines.acestep.planner.limits import check_context, check_lyrics
from bandmate_plugins._engines.acestep.planner.prompts import PromptWriter
from bandmate_plugins._engines.acestep.planner.vocabulary import PlannerVocabulary

UNDERSTAND_RULES = DrawRules(temperature=0.3)
"""Upstream's temperature for descriptions of what is there."""
RENDERED_CAPTION_TOKENS = 160
"""The longest caption that is written: the renderer reads 256 tokens with tempo and key."""
ANSWER_LYRIC_TOKENS = 1_500
"""The longest lyrics that an answer may have."""


@dataclass(frozen=True)
class PieceOrder:
    """A piece to plan."""

    caption: str
    lyrics: str
    given: PlanFields
    """What the project says; never changed."""
    names: Collection[FieldName]
    """The fields that the planner chooses where they are not given."""
    codes: int
    seed: int
    rules: DrawRules = field(default_factory=DrawRules)
    guidance: float = 2.0
    caption_tokens: int = RENDERED_CAPTION_TOKENS
    """The longest caption of the plan."""


@dataclass(frozen=True)
class SongText:
    """A song in words: metadata and lyrics."""

    fields: PlanFields
    lyrics: str


class PlanningDesk:
    """Orders to a planner, checked and in the form of its prompts. Holds no network."""

    def __init__(self, vocabulary: PlannerVocabulary, context_tokens: int) -> None:
        self.vocabulary = vocabulary
        self._kit = GrammarKit(vocabulary)
        self._prompts = PromptWriter(vocabulary)
        self._context = context_tokens

    def check_piece(self, order: PieceOrder) -> None:
        """Raises RequestError (`bad_params`) for what does not fit, before anything is planned."""
        check_lyrics(len(self.vocabulary.encode_text(order.lyrics)))
        thought = self.thought_text(order)
        check_context(len(thought.prompt), thought.grammar.most_tokens, self._context)
        longest = len(thought.prompt) + thought.grammar.most_tokens
        check_context(longest, order.codes, self._context)

    def thought_text(self, order: PieceOrder) -> PlannedText:
        """The first text of a plan: its metadata and caption, without guidance, which bends words."""
        grammar = self._kit.thought(order.given, order.names, caption_tokens=order.caption_tokens)
        return PlannedText(self._prompts.plan(order.caption, order.lyrics), grammar, order.seed, order.rules)

    def read_thought(self, order: PieceOrder, text: PlannedText) -> PlanFields:
        """The metadata that was written; what was given is as it was given."""
        found = read_fields(self._thought_of(text.grammar))
        return replace(found, **order.given.given_values())

    def code_text(self, order: PieceOrder, fields: PlanFields) -> PlannedText:
        """The second text: exactly `order.codes` audio codes, for the metadata of the first."""
        return PlannedText(
            self._prompts.codes(order.caption, order.lyrics, fields),
            self._kit.codes(order.codes),
            order.seed,
            order.rules,
            order.guidance,
            self._prompts.codes_without_thought(order.caption, order.lyrics),
        )

    def read_codes(self, text: PlannedText) -> tuple[int, ...]:
        """The audio codes that were written, 0 to 63 999."""
        return tuple(self.vocabulary.audio_codes(text.grammar.written))

    def expand_text(
        self, query: str, given: PlanFields, seed: int, rules: DrawRules, lyrics: str
    ) -> PlannedText:
        """A song from a query; `lyrics` are forced if they are given. Raises RequestError (`bad_params`)."""
        instrumental = lyrics == "[Instrumental]"
        prompt = self._prompts.expand(query, instrumental=instrumental)
        return self._song_text(prompt, given, seed, rules, lyrics or None)

    def tidy_text(
        self, caption: str, lyrics: str, given: PlanFields, seed: int, rules: DrawRules
    ) -> PlannedText:
        """A caption and lyrics tidied. Raises RequestError (`bad_params`)."""
        check_lyrics(len(self.vocabulary.encode_text(lyrics)))
        return self._song_text(self._prompts.tidy(caption, lyrics), given, seed, rules, None)

    def understand_text(self, codes: list[int], given: PlanFields, seed: int) -> PlannedText:
        """A description of audio codes. Raises RequestError (`bad_params`)."""
        return self._song_text(self._prompts.understand(codes), given, seed, UNDERSTAND_RULES, None)

    def read_song(self, text: PlannedText, given: PlanFields) -> SongText:
        """Metadata and lyrics that were written; what was given is as it was given."""
        tokens = text.grammar.written
        end = tokens.index(self.vocabulary.think_end)
        fields = replace(read_fields(self._thought_of(text.grammar)), **given.given_values())
        return SongText(fields, lyrics_alone(self.vocabulary.decode_text(tokens[end + 1 :])))

    def _song_text(
        self, prompt: list[int], given: PlanFields, seed: int, rules: DrawRules, lyrics: str | None
    ) -> PlannedText:
        names: tuple[FieldName, ...] = (
            "bpm", "caption", "duration", "genres", "keyscale", "language", "timesignature"
        )  # fmt: skip
        grammar = self._kit.thought(
            given,
            names,
            caption_tokens=RENDERED_CAPTION_TOKENS,
            lyric_tokens=ANSWER_LYRIC_TOKENS,
            lyrics=lyrics,
        )
        check_context(len(prompt), grammar.most_tokens, self._context)
        return PlannedText(prompt, grammar, seed, rules)

    def _thought_of(self, grammar: Grammar) -> str:
        tokens = grammar.written
        return self.vocabulary.decode_text(tokens[1 : tokens.index(self.vocabulary.think_end)])


def lyrics_alone(text: str) -> str:
    """Lyrics without the headings that the planner may write above them."""
    _, heading, after = text.partition("# Lyric\n")
    return (after if heading else text).strip()


def write_one(network: Any, text: PlannedText, on_token: OnToken | None = None) -> PlannedText:
    """Writes a text to its end and returns it."""
    write_texts(network, [text], on_token)
    return text
