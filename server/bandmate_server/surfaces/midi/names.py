"""Names of MIDI ports: telling controllers of one name apart, and pairing the two directions. No I/O.

What a name looks like depends on the system. Linux (ALSA) ends it with an address, whose first number is that
of the controller (`Launchpad Mini:Launchpad Mini MIDI 1 24:0`), Windows with a running number that differs by
direction (`Launchpad Mini 1`), macOS with nothing, so that two of a kind have the very same name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from fnmatch import fnmatchcase

_PLACE = re.compile(r" \(\d+ of \d+\)$")
_ADDRESS = re.compile(r"\s(\d+):\d+$")
_RUNNING_NUMBER = re.compile(r"\s\d+$")


def distinct_names(names: Sequence[str]) -> list[str]:
    """The names in their order; those that only a place in the list tells apart end with it, as `(1 of 2)`.

    How many there are is part of the name, so that all of them change when one comes or goes: the system does
    not say which one it was.
    """
    kinds = [_RUNNING_NUMBER.sub("", name) for name in names]
    count, seen = Counter(kinds), Counter[str]()
    found = []
    for name, kind in zip(names, kinds, strict=True):
        seen[kind] += 1
        found.append(name if count[kind] == 1 else f"{name} ({seen[kind]} of {count[kind]})")
    return found


def system_name(name: str) -> str:
    """The system's own name."""
    return _PLACE.sub("", name)


def bare_name(name: str) -> str:
    """A port's name without the numbers that Linux and Windows put behind it."""
    words = system_name(name).split()
    while words and words[-1].replace(":", "").isdigit():
        words.pop()
    return " ".join(words) or name


def feedback_port(name: str, output: str, outputs: Sequence[str], siblings: Sequence[str] = ()) -> str | None:
    """The port on which the controller at `name` takes feedback; None when it has none.

    `output` is a pattern of its name; without one it is called like the other. `siblings` are the controllers
    of the same kind, in the system's order. Each gets the output that has its address or its name, and those
    without one get the others in their order.
    """
    if output:
        free = [each for each in outputs if fnmatchcase(system_name(each).lower(), output.lower())]
        inputs = list(siblings)
    else:
        free = [each for each in outputs if _shared_name(each) == _shared_name(name)]
        inputs = [each for each in siblings if _shared_name(each) == _shared_name(name)]
    if name not in inputs:
        inputs = [name]
    pairs: dict[str, str] = {}
    for each in inputs:
        own = next((one for one in free if _is_same_device(each, one)), None)
        if own is not None:
            pairs[each] = own
            free.remove(own)
    for each in inputs:
        if each not in pairs and free:
            pairs[each] = free.pop(0)
    return pairs.get(name)


def _is_same_device(one: str, other: str) -> bool:
    """Whether an address or the name says that two ports are those of one controller."""
    addresses = [_ADDRESS.search(system_name(each)) for each in (one, other)]
    if addresses[0] and addresses[1]:
        return addresses[0][1] == addresses[1][1]
    return one == other and not _RUNNING_NUMBER.search(system_name(one))


def _shared_name(name: str) -> str:
    """What the two directions of a controller's port have in common.

    Windows calls a second port `MIDIIN2 (...)` and `MIDIOUT2 (...)`; some name theirs `... In` and `... Out`.
    """
    return re.sub(r"^MIDI(IN|OUT)(?=\d)|\s(In|Out)$", "", bare_name(name))
