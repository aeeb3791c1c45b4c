"""The planner's prompts: turns in ChatML, in upstream's wording (`llm_inference.py`), as tokens.

Two published forms differ by white space: upstream's Python ends the system turn with two newlines, acestep.cpp with
one and puts more around the user's text. This is the Python form, which the checkpoint's own chat template renders from
upstream's messages. The assistant's turn stays open behind `</think>` and two newlines, where the codes go on, since
the checkpoint's template puts the answer to a thought there.
"""

from __future__ import annotations

from bandmate_plugins._engines.acestep.planner.fields import PlanFields
from bandmate_plugins._engines.acestep.planner.vocabulary import PlannerVocabulary
from bandmate_plugins._engines.acestep.sampling.prompt import INSTRUMENTAL

PLAN = "Generate audio semantic tokens based on the given conditions:"
EXPAND = "Expand the user's input into a more detailed and specific musical description:"
FORMAT = "Format the user's input into a more detailed and specific musical description:"
UNDERSTAND = "Understand the given musical conditions and describe the audio semantics accordingly:"


class PromptWriter:
    """Writes prompts with one vocabulary."""

    def __init__(self, vocabulary: PlannerVocabulary) -> None:
        self._vocabulary = vocabulary

    def plan(self, caption: str, lyrics: str) -> list[int]:
        """The prompt for the plan of a piece; its answer is a thought."""
        return self._question(PLAN, self._text(f"{_song_text(caption, lyrics)}\n"))

    def codes(self, caption: str, lyrics: str, thought: PlanFields) -> list[int]:
        """The same with the plan thought through; its answer is audio codes."""
        return [*self.plan(caption, lyrics), *self._thought(thought.to_yaml().rstrip("\n"))]

    def codes_without_thought(self, caption: str, lyrics: str) -> list[int]:
        """As `codes` with an empty thought: what classifier-free guidance leads away from."""
        return [*self.plan(caption, lyrics), *self._thought("")]

    def expand(self, query: str, *, instrumental: bool) -> list[int]:
        """The prompt for a song from a query; its answer is a thought and lyrics."""
        switch = "true" if instrumental else "false"
        return self._question(EXPAND, self._text(f"{query}\n\ninstrumental: {switch}"))

    def tidy(self, caption: str, lyrics: str) -> list[int]:
        """The prompt for a song whose caption and lyrics are there; its answer is as for `expand`."""
        return self._question(FORMAT, self._text(_song_text(caption, lyrics)))

    def understand(self, codes: list[int]) -> list[int]:
        """The prompt for a description of audio codes; its answer is as for `expand`."""
        return self._question(UNDERSTAND, self._vocabulary.code_tokens(codes))

    def _question(self, instruction: str, content: list[int]) -> list[int]:
        """A system turn, the user's turn, and the beginning of the assistant's."""
        system = self._text(f"# Instruction\n{instruction}\n\n")
        return [
            *self._turn("system", system),
            *self._turn("user", content),
            self._vocabulary.turn_start,
            *self._text("assistant\n"),
        ]

    def _turn(self, role: str, content: list[int]) -> list[int]:
        marks = self._vocabulary
        return [marks.turn_start, *self._text(f"{role}\n"), *content, marks.turn_end, *self._text("\n")]

    def _thought(self, text: str) -> list[int]:
        marks = self._vocabulary
        return [marks.think_start, *self._text(f"\n{text}\n"), marks.think_end, *self._text("\n\n")]

    def _text(self, text: str) -> list[int]:
        return self._vocabulary.encode_text(text)


def _song_text(caption: str, lyrics: str) -> str:
    return f"# Caption\n{caption}\n\n# Lyric\n{lyrics.strip() or INSTRUMENTAL}"
