"""Files that build on another one of their folder: `base = "flute"`, and only what differs.

Tables are merged field by field; everything else, arrays too, replaces what the base has. Names are never
inherited: each file has its own `title`, `words` and `stands_in_for`. A sound with another `voice` is another
table altogether.
"""

from __future__ import annotations

from typing import Any

BASE = "base"
_OWN = frozenset({"title", "words", "stands_in_for"})


def resolve_base(name: str, files: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The fields of a file with those of the files that it builds on. Raises ValueError for a wrong base."""
    return _resolve(name, files, ())


def _resolve(name: str, files: dict[str, dict[str, Any]], above: tuple[str, ...]) -> dict[str, Any]:
    own = {field: value for field, value in files[name].items() if field != BASE}
    base = files[name].get(BASE)
    if base is None:
        return own
    if base not in files or base in (*above, name):
        raise ValueError(f"{name}.toml: its base {base!r} is not another file of the folder")
    inherited = _resolve(base, files, (*above, name))
    return _merge_tables({field: value for field, value in inherited.items() if field not in _OWN}, own)


def _merge_tables(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    if own.get("voice", base.get("voice")) != base.get("voice"):
        return own
    merged = dict(base)
    for field, value in own.items():
        before = base.get(field)
        if isinstance(before, dict) and isinstance(value, dict):
            value = _merge_tables(before, value)
        merged[field] = value
    return merged
