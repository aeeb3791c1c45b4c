"""What upstream's fields say of tempo, metre, key, language and seeds, in Bandmate's terms; without I/O."""

from __future__ import annotations

import re
from typing import get_args

from bandmate_plugins._tasks.vocals import LanguageCode
from bandmate_plugins._theory.keys import parse_key
from bandmate_server.compat.songs.values import FieldValues, read_number

Metre = tuple[int, int]
_METRES: dict[str, Metre] = {"2": (2, 4), "3": (3, 4), "4": (4, 4), "6": (6, 8)}
_METRE = re.compile(r"([0-9]{1,2}) ?/ ?([0-9]{1,2})", re.ASCII)
_LANGUAGES = frozenset(get_args(LanguageCode))
_NOTHING_SUNG = frozenset({"", "[inst]", "[instrumental]"})
_MAX_SEED = 2**32 - 1


def read_metre(text: str) -> Metre | None:
    """`4`, `3/4`, `6/8`; a bare 6 means 6/8, as the model was trained. None where there is none."""
    text = text.strip()
    if text in _METRES:
        return _METRES[text]
    found = _METRE.fullmatch(text)
    if found is None:
        return None
    metre = (int(found[1]), int(found[2]))
    return metre if min(metre) > 0 else None


def metre_text(metre: Metre) -> str:
    """As upstream writes it: `4` for 4/4, `6` for 6/8."""
    return next((name for name, known in _METRES.items() if known == metre), f"{metre[0]}/{metre[1]}")


def read_key(text: str) -> str | None:
    """A key that Bandmate knows, as it was written; None for one that it does not."""
    text = " ".join(text.split())
    return text if len(text) <= 64 and parse_key(text) is not None else None


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
    known = [int(seed) for seed in given if seed is not None and 0 <= seed <= _MAX_SEED]
    if len(known) == 1:
        known = [(known[0] + number) % (_MAX_SEED + 1) for number in range(count)]
    return [*known, *[None] * count][:count]
