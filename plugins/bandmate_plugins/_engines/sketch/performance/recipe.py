"""What a result keeps of how it was made, so that a redo can tell when it cannot be the same."""

from __future__ import annotations

from typing import Any

from bandmate_plugins._engines.sketch.options import SketchOptions
from bandmate_plugins._listening.version import LISTENING_VERSION
from bandmate_plugins.outputs import RECIPE
from bandmate_protocol.texts import say

BAND_VERSION = "4"
"""It rises when the same request gives other notes or another sound.

2: words of the prompt, styles, levels. 3: several of an instrument, octaves, idioms, given notes of ensembles.
4: seven styles that pages about them contradicted, chorus.
"""


def join_reports(*reports: dict[str, Any]) -> dict[str, Any]:
    """One report of several, whose recipes are joined too."""
    recipe = {name: value for report in reports for name, value in report.get(RECIPE, {}).items()}
    joined = {name: value for report in reports for name, value in report.items()}
    return joined | {RECIPE: recipe}


def with_band(report: dict[str, Any]) -> dict[str, Any]:
    """A report whose recipe also has the version of the band that played."""
    return _with_recipe(report, "band", BAND_VERSION)


def with_listening(report: dict[str, Any]) -> dict[str, Any]:
    """A report whose recipe also has the version of what listened."""
    return _with_recipe(report, "listening", LISTENING_VERSION)


def with_tracker(report: dict[str, Any], tracker: str) -> dict[str, Any]:
    """A report whose recipe also has what followed the pitch of a voice; as it is where none was followed."""
    return _with_recipe(report, "tracker", tracker) if tracker else report


def _with_recipe(report: dict[str, Any], name: str, value: str) -> dict[str, Any]:
    return {**report, RECIPE: {**report.get(RECIPE, {}), name: value}}


def version_remarks(made: SketchOptions) -> list[str]:
    """What is said of a redo whose result was first made by other versions, as its options tell; else nothing."""
    said: list[str] = []
    if made.band not in ("", BAND_VERSION):
        said.append(
            say(
                "This was first played by version {before} of the embedded band and now by version {now}, so the "
                "result may differ.",
                before=made.band,
                now=BAND_VERSION,
            )
        )
    if made.listening not in ("", LISTENING_VERSION):
        said.append(
            say(
                "The recording was first analysed by version {before} of the analysis and now by version {now}, "
                "so the result may differ.",
                before=made.listening,
                now=LISTENING_VERSION,
            )
        )
    return said
