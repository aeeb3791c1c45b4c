"""The names, arguments and types of REAPER's functions, and what checks calls against them."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LINE = re.compile(r"^(?P<returns>[^=]*)=\s*(?P<star>\*?)\s*(?P<name>\w+)\((?P<arguments>.*)\)$")


@dataclass(frozen=True)
class Argument:
    kind: str
    name: str
    optional: bool


@dataclass(frozen=True)
class Signature:
    name: str
    arguments: tuple[Argument, ...]
    returns: tuple[str, ...]
    structural: bool
    """It changes the project and belongs inside an undo block."""

    @property
    def fewest(self) -> int:
        return sum(not argument.optional for argument in self.arguments)

    def check(self, given: tuple[Any, ...], kinds: dict[str, type]) -> None:
        if not self.fewest <= len(given) <= len(self.arguments):
            raise TypeError(f"{self.name} takes {len(self.arguments)} arguments, not {len(given)}")
        for value, argument in zip(given, self.arguments, strict=False):
            if not (value is None and argument.optional) and not _fits(value, argument.kind, kinds):
                raise TypeError(f"{self.name}: {argument.name} is a {argument.kind}, not {value!r}")


def _fits(value: Any, kind: str, kinds: dict[str, type]) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "integer":
        return is_number and float(value).is_integer()
    if kind == "number":
        return is_number
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "string":
        return isinstance(value, str)
    if kind == "function":
        return callable(value)
    if kind == "any":
        return True
    if kind == "ReaProject" and value in (0, None):
        return True
    return isinstance(value, kinds[kind])


def read(path: Path) -> dict[str, Signature]:
    found = {}
    for line in path.read_text().splitlines():
        if line.startswith("#") or not line.strip():
            continue
        match = _LINE.match(line.strip())
        assert match, line
        arguments = []
        for text in filter(None, (piece.strip() for piece in match["arguments"].split(","))):
            kind, name = text.split()
            arguments.append(Argument(kind.rstrip("?"), name, kind.endswith("?")))
        returns = tuple(filter(None, (piece.strip() for piece in match["returns"].split(","))))
        found[match["name"]] = Signature(match["name"], tuple(arguments), returns, bool(match["star"]))
    return found


NAMES = read(Path(__file__).with_name("api.txt"))
IMGUI = read(Path(__file__).with_name("imgui.txt"))
"""Of the extension ReaImGui, where that is installed."""
