"""Nothing known, nothing made: a prompt without a known word is refused, with the words nearest to it."""

from __future__ import annotations

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.words.decisions import FALLBACK
from bandmate_plugins._engines.sketch.words.parsed_prompt import ParsedPrompt
from bandmate_plugins._engines.sketch.words.search import nearest_words
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_MAX_PROMPT = 60


def refuse_unknown(prompt: str, wish: ParsedPrompt, *, anyway: bool) -> None:
    """Raises RequestError (`bad_params`) for words of which none is known, unless it shall play `anyway`."""
    if anyway or wish.has_terms or not wish.unknown:
        return
    short = prompt.strip()
    short = short if len(short) <= _MAX_PROMPT else short[: _MAX_PROMPT - 1] + "…"
    near = nearest_words(" ".join(wish.unknown))
    style = library.genres()[FALLBACK].title
    if near:
        remedy = say(
            "Nearest: {words}. `bandmate words TEXT` searches the vocabulary, and --anyway plays {style}.",
            words=", ".join(near),
            style=style,
        )
    else:
        remedy = say(
            "`bandmate words` lists the vocabulary, and --anyway plays {style}. Try `rock drums`, "
            "`warm upright bass` or `string quartet`.",
            style=style,
        )
    raise RequestError(
        ErrorCode.BAD_PARAMS, say("The embedded band knows no word of {prompt!r}.", prompt=short), remedy
    )
