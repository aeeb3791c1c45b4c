"""Values of a request as upstream's clients write them, by the table of fields; without I/O."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgspec

from bandmate_plugins._acestep_requests import TRUE_WORDS
from bandmate_server.compat.songs.fields import FIELDS, META_NAMES, PARAM_OBJECT, ApiField

_MAX_DIGITS = 64
_BY_NAME = {field.name: field for field in FIELDS}


class FieldValues:
    """What a body says, by upstream's order of places. Never fails: what cannot be read counts as not given."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        places = [body, _as_object(body.get(PARAM_OBJECT))]
        metas = (_as_object(place.get(name)) for place in places for name in META_NAMES)
        places.append(next((found for found in metas if found), {}))
        self._places = places

    def text(self, name: str) -> str:
        """A text; numbers as text, lists with commas."""
        return str(self._value(_BY_NAME[name]) or "")

    def number(self, name: str) -> float | None:
        """A finite number within the field's bounds, or its default."""
        found = self._value(_BY_NAME[name])
        return None if found is None else float(found)

    def whole(self, name: str) -> int | None:
        """As `number`, without what follows the point."""
        found = self.number(name)
        return None if found is None else int(found)

    def flag(self, name: str) -> bool:
        """True for true, 1, yes, y and on."""
        return bool(self._value(_BY_NAME[name]))

    def is_given(self, name: str) -> bool:
        """Whether a client gave it a value that can be read."""
        return self._given(_BY_NAME[name]) is not None

    def _value(self, field: ApiField) -> Any:
        found = self._given(field)
        return field.default if found is None else found

    def _given(self, field: ApiField) -> Any:
        for place in self._places:
            for name in field.names:
                if place.get(name) is not None:
                    return _read(field, place[name])
        return None


def _as_object(value: Any) -> Mapping[str, Any]:
    """An object, which clients also send as JSON text."""
    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}


def _read(field: ApiField, value: Any) -> Any:
    if field.kind == "flag":
        return read_flag(value)
    if field.kind in ("number", "whole"):
        return _within(field, read_number(value))
    if field.kind == "words" or isinstance(value, list):
        return _words_text(value)
    return as_text(value)


def read_flag(value: Any) -> bool:
    """Upstream's reading of a flag: true, and these words in any case."""
    return value is True or as_text(value).strip().lower() in TRUE_WORDS


def read_number(value: Any) -> float | None:
    """A finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and len(value) > _MAX_DIGITS:
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def as_text(value: Any) -> str:
    """Text as Unicode can write it; numbers and flags as JSON does, nothing for objects."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.15g}"
    # Python refuses to write out a number of thousands of digits.
    return str(value) if isinstance(value, int) and abs(value) < 10**_MAX_DIGITS else ""


def _words_text(value: Any) -> str:
    """A list of words with commas; clients send an array, or JSON or words as text."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError):
            return as_text(value)
    if isinstance(value, list):
        return ", ".join(filter(None, map(as_text, value[:64])))
    return as_text(value)


def _within(field: ApiField, number: float | None) -> float | None:
    if number is None:
        return None
    least = number if field.least is None else max(field.least, number)
    return least if field.most is None else min(field.most, least)
