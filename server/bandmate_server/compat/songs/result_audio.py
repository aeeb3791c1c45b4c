"""The audio of a finished job as clients of ACE-Step expect it: as long as the recording that it was made for."""

from __future__ import annotations

from pathlib import Path

from bandmate_server.compat.api import CompatContext
from bandmate_server.compat.audio_files import Bits, Container, make_audio, make_placed_audio, make_take
from bandmate_server.compat.songs.planning import FRAMES_ORIGIN


async def make_result_audio(
    context: CompatContext, job: str, stem: int, container: Container, bits: Bits
) -> Path:
    """A stem as a file, in a folder of its own that the caller deletes. Raises as `make_audio`."""
    submit = context.services.desk.events_of(job).job.submit
    whole = submit.origin.get(FRAMES_ORIGIN)
    if whole is None:
        return await make_audio(context, job, stem, container, bits)
    make = make_take if submit.task == "repaint" else make_placed_audio
    return await make(context, job, int(whole), container, bits)
