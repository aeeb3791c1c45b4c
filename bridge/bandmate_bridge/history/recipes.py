"""How a recording was made, where Bandmate made it: an engine can then change its very notes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from bandmate_bridge.client import Client
from bandmate_bridge.history.job_list import requested_place
from bandmate_bridge.jobs.job_origin import FileOrigin, FolderOrigin, origin_of
from bandmate_bridge.outputs import ledger
from bandmate_bridge.path_text import path_text
from bandmate_plugins._theory.placed_chords import place_given_chart
from bandmate_protocol.errors import BandmateError
from bandmate_protocol.messages import JobSummary, Probed, Timeline

_GENERATE = "generate"
_MAX_JOBS_READ = 200
_MAX_CHORDS = 4096
"""What a timeline may carry."""


@dataclass(frozen=True, slots=True)
class RecordingRecipe:
    """The job that made a recording."""

    prompt: str
    seed: int
    timeline: Timeline
    part: str
    """The stem's name; empty for a mix."""
    sound: str = "auto"
    soundfont: str = ""
    """The hash of the SoundFont that it was played from, `none` for own synthesis, empty if unknown."""
    pattern: str = ""
    """The drum pattern that was written."""
    only: str = ""
    """The sections that it plays in; empty for all."""

    def fits_file(self, probed: Probed) -> bool:
        """Whether a file may be all of what the job made: then its timeline is that of the file."""
        made = self.timeline
        same = (probed.sample_rate, probed.frames) == (made.sample_rate, made.frames)
        return same and made.start_frame == 0

    def as_params(self) -> dict[str, Any]:
        """As the task `repaint` takes it."""
        return {
            "prompt": self.prompt,
            "seed": self.seed,
            "timeline": msgspec.to_builtins(self.timeline),
            "part": self.part,
            "key": self.timeline.key or "",
            "sound": self.sound,
            "soundfont": self.soundfont,
        } | {name: value for name in ("pattern", "only") if (value := getattr(self, name))}


def find_recipe(client: Client, file: Path) -> RecordingRecipe | None:
    """The recipe of a file; None for what was not made here.

    It is a hint: the engine looks whether the file still holds what the recipe gives.
    """
    found = _find_in_ledger(client, file) or _find_among_jobs(client, file)
    if found is None:
        return None
    job, part = found
    if job.task != _GENERATE or job.timeline is None:
        return None
    # Jobs of earlier versions have the options among the parameters.
    usual = {"prompt": "", "sound": "auto", "soundfont": "", "pattern": "", "only": "", "chords": ""}
    values = usual | job.params | job.options
    prompt, *options = (str(values[name]) for name in ("prompt", "sound", "soundfont", "pattern", "only"))
    timeline = place_given_chart(str(values["chords"]), job.timeline)
    timeline = msgspec.structs.replace(timeline, chords=timeline.chords[:_MAX_CHORDS])
    return RecordingRecipe(prompt, job.seed, timeline, part, *options)


def _find_in_ledger(client: Client, file: Path) -> tuple[JobSummary, str] | None:
    maker = ledger.find_maker(path_text(file))
    if maker is None:
        return None
    try:
        return client.job(maker[0]), maker[1]
    except BandmateError:
        # The server has forgotten it.
        return None


def _find_among_jobs(client: Client, file: Path) -> tuple[JobSummary, str] | None:
    """The newest job whose result was this file, or a stem of that name in its folder."""
    whole, folder = _absolute_path(file), _absolute_path(file.parent)
    for job in client.jobs(_MAX_JOBS_READ):
        origin, place = origin_of(job), requested_place(job)
        if isinstance(origin, FileOrigin) and str(place) == whole:
            return job, ""
        if isinstance(origin, FolderOrigin) and place is not None and _absolute_path(place) == folder:
            for stem in job.stems:
                if stem.name == file.stem:
                    return job, stem.name
    return None


def _absolute_path(path: Path) -> str:
    return os.path.abspath(path)
