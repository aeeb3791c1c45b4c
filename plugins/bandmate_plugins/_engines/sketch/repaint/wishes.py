"""What a prompt asks of a repainted range next to what was there: more notes or fewer, a fill, louder."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bandmate_plugins._engines.sketch.words.terms import fold_term

_MORE = (
    "busier", "busy", "denser", "dense", "more notes", "more complex", "fuller", "intricate", "livelier",
    "more active", "faster notes",
)  # fmt: skip
_FEWER = (
    "simpler", "simple", "sparser", "sparse", "fewer notes", "less busy", "less notes", "calmer", "minimal",
    "stripped", "stripped down", "emptier", "more space",
)  # fmt: skip
_FILL = ("drum fill", "fill", "fills", "roll", "tom fill", "snare roll", "big fill", "turnaround")
_LOUDER = ("louder", "stronger", "with more force")
_SOFTER = ("quieter", "softer", "more quiet", "less loud")
_TERMS = {
    term: name
    for name, terms in (
        ("more", _MORE),
        ("fewer", _FEWER),
        ("fill", _FILL),
        ("louder", _LOUDER),
        ("softer", _SOFTER),
    )
    for term in terms
}
_STEP_LU = 3.0


@dataclass(frozen=True)
class RepaintChange:
    """How the new range is to differ from what is around it."""

    density: int = 0
    """1 for more notes, -1 for fewer."""
    fill: bool = False
    loudness: float = 0.0
    """LU."""
    words: tuple[str, ...] = ()
    """What was understood."""

    @property
    def density_factor(self) -> float:
        """How many notes there are to be, next to what is around."""
        return {1: 1.7, 0: 1.0, -1: 0.55}[self.density]


def parse_change(prompt: str) -> tuple[RepaintChange, str]:
    """What a prompt asks for, and the rest of it, which `prompt.read` understands."""
    found: list[str] = []
    taken: set[str] = set()
    # The longest term first, so that `less busy` is not busy.
    for term in sorted(_TERMS, key=len, reverse=True):
        prompt, count = re.subn(rf"(?<!\w){re.escape(term)}(?!\w)", " ", prompt, flags=re.IGNORECASE)
        if count:
            taken.add(_TERMS[term])
            found.append(fold_term(term))
    return (
        RepaintChange(
            density=("more" in taken) - ("fewer" in taken),
            fill="fill" in taken,
            loudness=_STEP_LU * (("louder" in taken) - ("softer" in taken)),
            words=tuple(found),
        ),
        prompt,
    )
