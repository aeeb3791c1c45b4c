"""What was not read of a project, in sentences."""

from __future__ import annotations

from collections.abc import Mapping


def unread_remarks(unread: Mapping[str, int]) -> list[str]:
    """What was not read, in a sentence; none where everything was."""
    if not unread:
        return []
    named = ", ".join(f"{count} {what}" for what, count in sorted(unread.items()))
    return [f"Not read from the project: {named}."]
