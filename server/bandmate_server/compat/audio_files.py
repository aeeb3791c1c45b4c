"""The finished audio of a job as a file in the form that a client asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from bandmate_server.compat.api import CompatContext
from bandmate_server.web.downloads import DownloadOrder, make_download

Container = Literal["wav", "flac", "mp3"]


async def make_audio(context: CompatContext, job: str, stem: int, container: Container) -> Path:
    """A stem of a finished job as a file, in a folder of its own that the caller deletes; 24 bits where it has any.

    Raises RequestError: `no_such_job`, `input_missing`, `file_unusable`, `quota_exceeded` while too many are made.
    """
    with context.limits.place("exports"):
        return await make_download(context.services, DownloadOrder(job=job, stem=stem, container=container))
