"""What fits the planner, checked before it starts."""

from __future__ import annotations

from bandmate_plugins._engines.acestep.planner.vocabulary import CODES_PER_SECOND
from bandmate_plugins._engines.acestep.sampling.prompt import LYRIC_TOKENS
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

CONTEXT_TOKENS = 8_192
"""Of a prompt with its answer. The longest piece (3 000 codes), the longest lyrics and a plan fit."""
LATENTS_PER_CODE = 5


def code_count(latents: int) -> int:
    """How many audio codes cover so many latents."""
    return -(-latents // LATENTS_PER_CODE)


def check_lyrics(tokens: int) -> None:
    """Raises RequestError (`bad_params`) for longer lyrics than the renderer reads: a plan for them would be lost."""
    if tokens > LYRIC_TOKENS:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say(
                "The lyrics are too long for ACE-Step: {tokens} tokens, but only {lyric_tokens} fit.",
                tokens=tokens,
                lyric_tokens=LYRIC_TOKENS,
            ),
            "Give only those of the selected range.",
        )


def check_context(prompt_tokens: int, answer_tokens: int, context_tokens: int) -> None:
    """Raises RequestError (`bad_params`) where a prompt and its longest answer are more than the model reads."""
    if prompt_tokens + answer_tokens <= context_tokens:
        return
    raise RequestError(
        ErrorCode.BAD_PARAMS,
        say(
            "This is too long for the planner: the prompt with its lyrics is {prompt_tokens} tokens, the plan up to "
            "{answer_tokens} ({per_second} for each second of music), and only {context_tokens} fit.",
            prompt_tokens=prompt_tokens,
            answer_tokens=answer_tokens,
            per_second=CODES_PER_SECOND,
            context_tokens=context_tokens,
        ),
        "Shorten the lyrics, the prompt or the range. Without `think`, ACE-Step renders it unplanned.",
    )
