"""Audio files that a command reads."""

from __future__ import annotations

from pathlib import Path

import click


def readable_audio_file(file: Path) -> Path:
    """A file that is there and can be read twice; what comes from a pipe is kept until the command ends.

    Raises RequestError (`file_unusable`, `quota_exceeded`).
    """
    from bandmate_bridge.requests.piped_audio import check_audio_file, rereadable_file

    check_audio_file(file)
    return click.get_current_context().with_resource(rereadable_file(file))
