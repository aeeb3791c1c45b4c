"""Names for new tracks as Ardour takes them: each once, and without what separates a port from its track."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bandmate_bridge.rpp.lines import to_one_line
from bandmate_bridge.rpp.track_names import TakenNames

_SEPARATORS = re.compile(r"[/:]+")
_RESERVED = ("Master", "Monitor", "Click", "Auditioner", "Metronome", "LTC-Out", "LTC-In")


class ArdourNames:
    """The names that tracks have."""

    def __init__(self, names: Iterable[str]) -> None:
        self._taken = TakenNames([*names, *_RESERVED])

    def free_name(self, wanted: str) -> str:
        """The name, without what Ardour does not take; with a number where it is taken."""
        plain = " ".join(to_one_line(_SEPARATORS.sub(" ", wanted)).split())
        return self._taken.free_name(plain or "Bandmate")
