"""What was not read of a project, in sentences."""

from __future__ import annotations

from collections.abc import Mapping

from bandmate_bridge.dawproject.as_rpp import ReadProject


def unread_remarks(unread: Mapping[str, int]) -> list[str]:
    """What was not read, in a sentence; none where everything was."""
    if not unread:
        return []
    named = ", ".join(f"{count} {what}" for what, count in sorted(unread.items()))
    return [f"Not read from the project: {named}."]


def project_remark(content: ReadProject) -> str:
    """What to tell the user of a project that was read."""
    said = unread_remarks(content.unread)
    if not content.rate_is_known:
        said.insert(
            0, f"The project has no audio, so no sample rate; Bandmate assumes {content.sample_rate} Hz."
        )
    return " ".join(said)
