"""Form: sections with an energy, from a loop of some bars to a whole song."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

_SHORT = 12
"""Up to so many measures there is one section."""
_JOINED_INTRO = 4
"""From so many measures on the drums join an intro half-way."""
_KINDS: dict[str, tuple[float, int, tuple[str, ...]]] = {
    "groove": (0.75, 0, ()),
    "intro": (0.4, 0, ("lead",)),
    "verse": (0.6, 0, ()),
    "chorus": (0.95, 1, ()),
    "bridge": (0.5, 2, ("lead",)),
    "outro": (0.45, 0, ("lead",)),
    "drop": (1.0, 1, ()),
    "entry": (0.5, 0, ("lead",)),
}
"""Energy, which of the genre's progressions, and the parts that rest."""


@dataclass(frozen=True, slots=True)
class FormSection:
    """A run of measures with one character."""

    kind: str
    first: int
    measures: int
    energy: float
    """0 to 1."""
    variant: int
    rests: frozenset[str]


class SongForm:
    """The sections of a piece of so many measures, each of `size` or half of that.

    `energy` is added to each section's; `parts` are those that play, for one that plays alone never rests.
    `kind` makes all of it one section: an intro, which the drums join in its second half, a drop, or an outro,
    which ends on the last chord. `plan` says the kinds of the sections and their measures.
    """

    def __init__(
        self,
        measures: int,
        energy: float,
        parts: frozenset[str],
        size: int = 8,
        kind: str = "",
        plan: Sequence[tuple[str, int]] = (),
    ) -> None:
        self.sections: list[FormSection] = []
        first = 0
        for number, (name, length) in enumerate(plan or _plan_sections(measures, size, kind)):
            base, variant, rests = _KINDS[name]
            if kind == "intro" and number == 0 and length < measures and not plan:
                rests = (*rests, "drums")
            resting = frozenset(rests) if len(parts - set(rests)) > 1 else frozenset[str]()
            level = min(max(base + energy, 0.1), 1.0)
            self.sections.append(FormSection(name, first, length, level, variant, resting))
            first += length
        self.ends = kind == "outro" or (not kind and len(self.sections) > 1)
        if plan:
            self.ends = self.sections[-1].kind == "outro"
        """Whether it comes to a close; a loop does not."""
        self._firsts = [section.first for section in self.sections]

    def section_at(self, measure: int) -> FormSection:
        """The section that a measure is in; the last one goes on past the end."""
        return self.sections[max(bisect_right(self._firsts, measure) - 1, 0)]


def _plan_sections(measures: int, size: int, kind: str = "") -> list[tuple[str, int]]:
    if kind == "intro" and measures >= _JOINED_INTRO:
        return [(kind, measures // 2), ("entry", measures - measures // 2)]
    if kind:
        return [(kind, measures)]
    if measures <= _SHORT:
        return [("groove", measures)]
    if measures < 28 and size == 8:
        size = 4
    count = -(-measures // size)
    kinds = _section_kinds(count)
    lengths = [size] * (count - 1) + [measures - size * (count - 1)]
    return list(zip(kinds, lengths, strict=True))


def _section_kinds(count: int) -> list[str]:
    if count <= 4:
        return ["verse", "chorus", "verse", "chorus"][:count]
    middle = ["verse", "verse", "chorus"] * count
    middle = middle[: count - 2]
    if len(middle) >= 6:
        middle[-2:] = ["bridge", "chorus"]
    return ["intro", *middle, "outro"]
