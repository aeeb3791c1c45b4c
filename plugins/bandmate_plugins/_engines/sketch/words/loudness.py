"""Words that say how loud a part is beside the other audio: `soft`, `far in the background`, `in front`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FAR_LU, _SOFT_LU, _LOUD_LU = -6.0, -3.0, 3.0
_MAX_LU = 9.0
_TERMS = (
    (
        _FAR_LU,
        r"(?:far|way|deep) (?:in|into) the (?:background|back|distance)|far (?:away|back)|barely audible",
    ),
    (_FAR_LU, r"very (?:soft|softly|quiet|quietly)"),
    (_SOFT_LU, r"(?:in|into) the (?:background|back|distance)|background|distant"),
    (_SOFT_LU, r"softly|softer|soft|quietly|quieter|quiet|subtle|low in the mix"),
    (2 * _LOUD_LU, r"very loud|as loud as possible"),
    (_LOUD_LU, r"(?:in|at|to) the (?:front|foreground)|in front|up ?front|foreground|high in the mix"),
    (_LOUD_LU, r"louder|loudly|loud|solo|prominent|featured"),
)
_NOT_LEVELS = re.compile(
    r"\b(?:background|backing) (?:vocals?|singers?|music)\b|\bsolo (?:piano|voice|vocals?)\b"
)
"""Where the words mean something else."""
_WORD = re.compile(
    r"(?P<negation>\b(?:not|no|without|never)(?: (?:too|so|very|that|a))? )?\b(?:"
    + "|".join(f"(?P<t{number}>{words})" for number, (_, words) in enumerate(_TERMS))
    + r")\b"
)


@dataclass(frozen=True)
class LoudnessWish:
    """What a prompt says of the level."""

    level_lu: float = 0.0
    """LU relative to the usual level of the part."""
    words: tuple[str, ...] = ()


def read_loudness(prompt: str) -> LoudnessWish:
    """The level that a prompt asks for; each kind of word counts once, and a negation turns it round."""
    text = _NOT_LEVELS.sub(" ", re.sub(r"[-_\s]+", " ", prompt.casefold()))
    found: dict[float, str] = {}
    for match in _WORD.finditer(text):
        number = next(at for at in range(len(_TERMS)) if match[f"t{at}"] is not None)
        level = _TERMS[number][0] * (-1 if match["negation"] else 1)
        found.setdefault(level, match[0])
    level = min(max(sum(found), -_MAX_LU), _MAX_LU)
    return LoudnessWish(level, tuple(found.values()))
