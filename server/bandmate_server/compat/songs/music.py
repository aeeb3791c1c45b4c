"""What upstream's fields say of tempo, metre, key, language and seeds, in Bandmate's terms; without I/O."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import get_args

from bandmate_plugins._acestep_requests import METRES
from bandmate_plugins._tasks.vocals import LanguageCode
from bandmate_plugins._theory.keys import parse_key
from bandmate_server.compat.songs.values import FieldValues, read_number

Metre = tuple[int, int]
_METRES: dict[str, Metre] = {str(beats): metre for beats, metre in METRES.items()}
_METRE = re.compile(r"([0-9]{1,2}) ?/ ?(1|2|4|8|16|32)", re.ASCII)
_TONIC = re.compile(r"([A-G])\s?(#|♯|sharp|b|♭|flat)?", re.ASCII | re.IGNORECASE)
_ACCIDENTALS = {"#": "#", "♯": "#", "sharp": "#", "b": "b", "♭": "b", "flat": "b"}
_LANGUAGES = frozenset(get_args(LanguageCode))
_NOTHING_SUNG = frozenset({"", "[inst]", "[instrumental]"})
MAX_SEED = 2**32 - 1


def read_metre(text: str) -> Metre | None:
    """`4`, `3/4`, `6/8`; a bare 6 means 6/8, as the model was trained. None where there is none."""
    text = text.strip()
    if text in _METRES:
        return _METRES[text]
    found = _METRE.fullmatch(text)
    if found is None:
        return None
    return (int(found[1]), int(found[2])) if int(found[1]) else None


def metre_text(metre: Metre) -> str:
    """As upstream writes it: `4` for 4/4, `6` for 6/8."""
    return next((name for name, known in _METRES.items() if known == metre), metre_name(metre))


def metre_name(metre: Metre) -> str:
    """Such as `3/4`."""
    return f"{metre[0]}/{metre[1]}"


def read_key(text: str) -> str | None:
    """A key that Bandmate knows, by the tonic that was written; None for one that it does not."""
    text = " ".join(text.split())
    key, tonic = parse_key(text) if len(text) <= 64 else None, _TONIC.match(text)
    if key is None or tonic is None:
        return None
    return f"{tonic[1].upper()}{_ACCIDENTALS.get((tonic[2] or '').lower(), '')} {key.mode}"


def read_language(text: str) -> str:
    """A code of the model's languages; `unknown` for any other."""
    code = text.strip().lower()
    return code if code in _LANGUAGES else "unknown"


def read_lyrics(text: str) -> str:
    """What is sung; nothing for the marks of an instrumental."""
    return "" if text.strip().lower() in _NOTHING_SUNG else text


def read_seeds(fields: FieldValues, count: int) -> list[int | None]:
    """A seed for each audio; None is drawn. `1,2` gives several, and one for several counts up from it."""
    given = (
        []
        if fields.flag("use_random_seed")
        else [read_number(part) for part in fields.text("seed").split(",")]
    )
    return spread_seeds([int(seed) for seed in given if seed is not None and 0 <= seed <= MAX_SEED], count)


def spread_seeds(given: Sequence[int | None], count: int) -> list[int | None]:
    """A seed for each audio: as they are given, then drawn; one for several counts up."""
    if len(given) == 1 and given[0] is not None:
        return [(given[0] + number) % (MAX_SEED + 1) for number in range(count)]
    return [*given, *[None] * count][:count]
