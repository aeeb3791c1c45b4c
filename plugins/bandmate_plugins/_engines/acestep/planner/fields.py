"""The metadata that the planner writes ahead of its codes: names, legal values, and their form as YAML.

The form is that of upstream's training data, read in its `llm_inference.py`: keys in alphabetical order, no quotes
where YAML needs none, lines wrapped at 80 columns with two spaces before the second.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from bandmate_plugins._tasks.vocals import LanguageCode

FieldName = Literal["bpm", "caption", "duration", "genres", "keyscale", "language", "timesignature"]

FIELD_ORDER: tuple[FieldName, ...] = get_args(FieldName)
"""The order in which fields are written."""

BPM_VALUES = range(30, 301)
DURATION_VALUES = range(10, 601)
"""Seconds."""
METRE_VALUES = (2, 3, 4, 6)
"""How the model names a metre: 6 stands for 6/8."""
KEY_VALUES: tuple[str, ...] = tuple(
    f"{letter}{accidental} {mode}"
    for letter in "ABCDEFG"
    for accidental in ("", "#", "b", "♯", "♭")
    for mode in ("major", "minor")
)
LANGUAGE_VALUES: tuple[str, ...] = get_args(LanguageCode)

LINE_WIDTH = 80
"""Columns at which a long value is wrapped."""
_VALUES: dict[str, Any] = {
    "bpm": BPM_VALUES,
    "duration": DURATION_VALUES,
    "keyscale": KEY_VALUES,
    "language": LANGUAGE_VALUES,
    "timesignature": METRE_VALUES,
}


@dataclass(frozen=True)
class PlanFields:
    """Metadata of a piece; None where a field is not given."""

    bpm: int | None = None
    caption: str | None = None
    duration: int | None = None
    """Seconds."""
    genres: str | None = None
    keyscale: str | None = None
    language: str | None = None
    timesignature: int | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for a value that the model was not trained with."""
        for name, legal in _VALUES.items():
            value = getattr(self, name)
            if value is not None and value not in legal:
                raise ValueError(f"the planner does not support the {name} {value!r}")

    def given_values(self) -> dict[FieldName, Any]:
        """The fields that are not None, in order."""
        return {name: getattr(self, name) for name in FIELD_ORDER if getattr(self, name) is not None}

    def to_yaml(self) -> str:
        """The given fields as the planner writes them, a newline at the end."""
        return "".join(field_lines(name, value) for name, value in self.given_values().items())


def legal_values(name: FieldName) -> tuple[Any, ...]:
    """All values of a field; empty for `caption` and `genres`, which are free text."""
    return tuple(_VALUES.get(name, ()))


def field_lines(name: FieldName, value: Any) -> str:
    """A field with its value, over several lines if it is long, a newline at the end."""
    import yaml

    plain = " ".join(value.split()) if isinstance(value, str) else value
    text: str = yaml.safe_dump({name: plain}, allow_unicode=True, width=LINE_WIDTH)
    return text


def read_fields(text: str) -> PlanFields:
    """The fields in what the planner wrote. Lines that begin with spaces belong to the field above them.

    Unlike a YAML reader, it takes any free text: a caption with a colon or an open quote is still a caption.
    Raises ValueError for an unknown field, a repeated one, or a value that is not legal.
    """
    found: dict[str, Any] = {}
    name = ""
    for line in text.split("\n"):
        if not line.strip():
            continue
        if line.startswith(" ") and name:
            found[name] = f"{found[name]} {line.strip()}"
            continue
        name, separator, value = line.partition(":")
        if not separator or name not in FIELD_ORDER or name in found:
            raise ValueError(f"the planner wrote the line {line!r}")
        found[name] = value.strip()
    return PlanFields(**{key: _typed_value(key, value) for key, value in found.items()})


def _typed_value(name: str, text: str) -> Any:
    kind = next(field.type for field in fields(PlanFields) if field.name == name)
    value = _unquote(text)
    return int(value) if str(kind).startswith("int") else value


def _unquote(text: str) -> str:
    """The text without YAML's quotes, if it has them on both ends."""
    for quote, inner in (("'", "''"), ('"', '\\"')):
        if len(text) > 1 and text[0] == text[-1] == quote:
            return text[1:-1].replace(inner, quote)
    return text
