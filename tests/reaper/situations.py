"""Situations that several tests begin with, and how their end is judged."""

import contextlib
import hashlib
from pathlib import Path

from bandmate_bridge.client import Client
from tests.reaper.model import Project

LONG = (0.0, 160.0)
"""Seconds; takes the embedded engine long enough to be disturbed."""
BAND = "jazz trio, strings, brass"


def begun(stage) -> None:
    """A long job, up to where its tracks are there and audio arrives."""
    stage.forget_jobs()
    stage.project.selection = LONG
    stage.ask("generate", prompt=BAND)
    stage.reaper.run_until(lambda: stage.project.tracks and audible(stage.project))


def audible(project: Project) -> bool:
    for item in project.items():
        file = item.takes[item.active].source.file
        with contextlib.suppress(OSError), open(file, "rb") as data:
            if any(data.read(400_000)[200:]):
                return True
    return False


def checked(stage, job: str) -> None:
    """Every stem of the job lies in the project, whole."""
    with Client.connect(stage.server.address, token=stage.server.token) as client:
        stems = {stem.name: stem for stem in client.job(job).stems}
    assert stems
    files = {take.name: take.source.file for item in stage.project.items() for take in item.takes}
    for name, stem in stems.items():
        data = Path(files[name]).read_bytes()
        data = data[data.find(b"data") + 8 :]
        assert hashlib.sha256(data).hexdigest() == stem.sha256, name
