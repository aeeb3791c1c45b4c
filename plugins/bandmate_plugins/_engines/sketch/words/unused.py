"""What the musician asked for that only an engine with a model can do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bandmate_plugins._tasks.model_params import unused_param_remarks
from bandmate_plugins.outputs import Remark

_MODEL_ONLY: dict[str, tuple[Any, str]] = {
    "model": ("", "it has no models"),
    "steps": (None, "it takes no steps"),
    "guidance": (None, "it is not guided"),
    "sampler": ("ode", "it does not sample"),
    "mask": ("explicit", "it takes no mask"),
    "hold": (0.5, "it takes no steps"),
    "noise_start": (0.0, "it does not set out from noise"),
}
"""Parameters with their defaults, and why they change nothing."""


def ignored_params(params: Any) -> Iterator[Remark]:
    """A remark for each parameter that the embedded band leaves aside."""
    if getattr(params, "lyrics", "").strip():
        yield Remark(
            "The embedded band does not sing, so the lyrics were left out; acestep sings, with its model."
        )
    if getattr(params, "layer", "auto") != "auto":
        yield Remark("The embedded band goes by the prompt alone: name there what it shall add.")
    yield from unused_param_remarks(params, "the embedded band", _MODEL_ONLY)
