"""What a project loses on its way into another format: counted, and said in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class Losses:
    """Kinds in the plural, with counts."""

    left_out: Counter[str] = field(default_factory=Counter[str])
    """What is not there any more."""
    changed: Counter[str] = field(default_factory=Counter[str])
    """What is there in another way, with what became of it."""

    def sentences(self) -> list[str]:
        """What to say; nothing where nothing is lost."""
        said = []
        if +self.changed:
            said.append(f"Changed, because the formats differ: {_listed(self.changed)}.")
        if +self.left_out:
            said.append(f"Left out: {_listed(self.left_out)}.")
        return said


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{what} ({count})" for what, count in sorted(counts.items()) if count)
