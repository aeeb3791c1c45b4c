"""Several reports of a job as one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bandmate_plugins.outputs import RECIPE


def merge_report(whole: dict[str, Any], values: Mapping[str, Any]) -> None:
    """Adds values to a report. Later ones replace those of the same name; a recipe gains parameters instead."""
    recipe = values.get(RECIPE)
    before = whole.get(RECIPE)
    whole.update(values)
    if isinstance(recipe, Mapping) and isinstance(before, Mapping):
        whole[RECIPE] = {**before, **recipe}
