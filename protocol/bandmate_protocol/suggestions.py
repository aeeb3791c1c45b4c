"""From what an engine reports of a prompt to the answer to `suggest`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from bandmate_protocol.messages import Suggested

_SUGGESTED = ("bpm", "numerator", "denominator", "key", "bars", "seconds")
_FIELDS = {field.name: field.type for field in msgspec.structs.fields(Suggested)}


def suggested_from_report(request: str, engine: str, report: Mapping[str, Any]) -> Suggested:
    """The answer with what a report says of `bpm`, `numerator`, `denominator`, `key`, `bars` and `seconds`.

    What is missing or out of bounds is left out, and so is half a metre.
    """
    found = {name: _fitting(report.get(name), name) for name in _SUGGESTED}
    if found["numerator"] is None or found["denominator"] is None:
        found["numerator"] = found["denominator"] = None
    return Suggested(request=request, engine=engine, **found)


def _fitting(value: Any, name: str) -> Any:
    try:
        return msgspec.convert(value, _FIELDS[name])
    except msgspec.ValidationError:
        return None
