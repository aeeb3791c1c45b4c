"""What fits the planner: ten minutes with the longest lyrics do, and what does not is refused with both lengths."""

from __future__ import annotations

import pytest

from bandmate_plugins._engines.acestep.planner.fields import FIELD_ORDER, PlanFields
from bandmate_plugins._engines.acestep.planner.limits import (
    CONTEXT_TOKENS,
    check_context,
    check_lyrics,
    code_count,
)
from bandmate_plugins._engines.acestep.planner.prompts import PromptWriter
from bandmate_plugins._engines.acestep.sampling.prompt import LYRIC_TOKENS
from bandmate_protocol.errors import ErrorCode, RequestError
from tests.plugins.acestep.planner.tiny import kit, vocabulary


@pytest.mark.parametrize(("latents", "codes"), [(1, 1), (5, 1), (6, 2), (128, 26), (15_000, 3_000)])
def test_codes_cover_the_latents(latents: int, codes: int) -> None:
    assert code_count(latents) == codes


def test_ten_minutes_with_the_longest_lyrics_and_caption_fit() -> None:
    tokens = vocabulary()
    word = tokens.encode_text(" la")
    lyrics = " la" * (LYRIC_TOKENS // len(word))
    check_lyrics(len(tokens.encode_text(lyrics)))
    caption = "word " * 100
    prompt = PromptWriter(tokens).codes(caption, lyrics, PlanFields(caption=caption, duration=600))
    check_context(len(prompt), 3_000, CONTEXT_TOKENS)
    thought = kit().thought(PlanFields(), FIELD_ORDER)
    check_context(len(PromptWriter(tokens).plan(caption, lyrics)), thought.most_tokens, CONTEXT_TOKENS)


def test_what_does_not_fit_is_refused_with_the_numbers() -> None:
    with pytest.raises(RequestError, match="2049 tokens") as caught:
        check_lyrics(LYRIC_TOKENS + 1)
    assert caught.value.code == ErrorCode.BAD_PARAMS
    with pytest.raises(RequestError, match=r"1500 tokens.*3000.*4096 fit") as caught:
        check_context(1_500, 3_000, 4_096)
    assert "Without `think`" in caught.value.remedy
