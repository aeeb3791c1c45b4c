"""Plays what was made, each job's stems together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bandmate_bridge.audiofiles.mixdown import write_mixdown
from bandmate_bridge.cli.player import play_file
from bandmate_bridge.files import temporary_folder
from bandmate_bridge.jobs.receive import ReceivedStem


def play_results(jobs: Sequence[Sequence[ReceivedStem]]) -> None:
    """One after the other. Raises RequestError (`file_unusable`) when there is no player."""
    for stems in jobs:
        if len(stems) == 1:
            play_file(stems[0].path)
        elif stems:
            with temporary_folder() as folder:
                mixed = Path(folder) / "mix.wav"
                write_mixdown([(received.stem, received.path) for received in stems], mixed)
                play_file(mixed)
