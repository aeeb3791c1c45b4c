"""What a result that follows a recording keeps of how it was detected, so that a redo can tell."""

from __future__ import annotations

from typing import Any

from bandmate_plugins._listening.version import LISTENING_VERSION
from bandmate_plugins.outputs import RECIPE
from bandmate_protocol.texts import say


def with_listening(report: dict[str, Any]) -> dict[str, Any]:
    """A report whose recipe also has the version of what listened."""
    return {**report, RECIPE: {**report.get(RECIPE, {}), "listening": LISTENING_VERSION}}


def listening_remarks(before: str) -> list[str]:
    """What is said of a redo; `before` is the version that listened when the result was first made, or empty."""
    if before in ("", LISTENING_VERSION):
        return []
    return [
        say(
            "The recording was first analysed by version {before} of the analysis and now by version {now}, "
            "so the result may differ.",
            before=before,
            now=LISTENING_VERSION,
        )
    ]
