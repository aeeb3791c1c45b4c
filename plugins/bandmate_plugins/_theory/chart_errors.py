"""What is said of a chord chart that cannot be read."""

from __future__ import annotations

from typing import Any

from bandmate_plugins._theory.chart_symbols import plain_symbol
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_MAX_SHOWN = 40
_FORMS = "Write chords as Am, F#m7, Bbmaj7, G7sus4, C/E or N.C., as Roman numerals (ii V7 I) or as numbers (1 4 5 6-)."


def chart_error(sentence: str, remedy: str, **values: Any) -> RequestError:
    """An error of a chart as a whole."""
    return RequestError(ErrorCode.BAD_PARAMS, say(sentence, **values), say(remedy, **values))


def unread_chord_error(written: str, bar: int) -> RequestError:
    """The error for a chord that cannot be read: its name, its bar, and what would have worked."""
    shown = written if len(written) <= _MAX_SHOWN else written[: _MAX_SHOWN - 1] + "…"
    sentence = say("The chord {shown!r} in bar {bar} of the chart cannot be read.", shown=shown, bar=bar)
    if written[:1] in ("H", "h"):
        return RequestError(
            ErrorCode.BAD_PARAMS,
            sentence,
            say("German H is B here, and German B is Bb. {forms}", forms=_FORMS),
        )
    nearest = next(
        (written[:end] for end in range(len(written) - 1, 0, -1) if plain_symbol(written[:end])), ""
    )
    if nearest:
        return RequestError(
            ErrorCode.BAD_PARAMS,
            sentence,
            say("{nearest} can be read. {forms}", nearest=nearest, forms=_FORMS),
        )
    return RequestError(ErrorCode.BAD_PARAMS, sentence, _FORMS)
