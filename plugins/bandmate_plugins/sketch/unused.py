"""What the musician asked for that only an engine with a model can do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bandmate_plugins.outputs import Remark

_MODEL_ONLY = {
    "model": "it has no models",
    "steps": "it takes no steps",
    "guidance": "it is not guided",
}


def unused(params: Any) -> Iterator[Remark]:
    """A remark for each parameter that the embedded band leaves aside."""
    if getattr(params, "lyrics", "").strip():
        yield Remark(
            "The embedded band does not sing, so the lyrics were left out; acestep sings, with its model."
        )
    if getattr(params, "layer", "auto") != "auto":
        yield Remark("The embedded band goes by the prompt alone: name there what it shall add.")
    for name, why in _MODEL_ONLY.items():
        if getattr(params, name, None):
            yield Remark(f"`{name}` was left aside by the embedded band: {why}.")
