"""Bandmate from Python: connect to a server, ask for music, and use what comes back.

    import bandmate

    with bandmate.connect() as band:
        band.generate("dusty lo-fi drums", bars=8, bpm=84, seed=7).save("drums.wav")

docs/python.md explains it.
"""

from bandmate.aio import AsyncJob, AsyncProject, AsyncSession, aconnect
from bandmate.job import Job
from bandmate.progress import Progress
from bandmate.project import Project, ProjectResult, Section
from bandmate.result import Note, Result, Stem, Stems
from bandmate.session import Session, connect
from bandmate_protocol.errors import BandmateError, ErrorCode

__all__ = [
    "AsyncJob",
    "AsyncProject",
    "AsyncSession",
    "BandmateError",
    "ErrorCode",
    "Job",
    "Note",
    "Progress",
    "Project",
    "ProjectResult",
    "Result",
    "Section",
    "Session",
    "Stem",
    "Stems",
    "aconnect",
    "connect",
]
