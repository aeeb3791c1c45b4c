"""What came of a run: lines for people, files, and what its jobs said."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from bandmate_bridge.jobs.job_run import FinishedJob
from bandmate_bridge.jobs.receive import ReceivedStem
from bandmate_protocol.messages import Accepted


@dataclass
class RunResult:
    """What came of it."""

    lines: list[str] = field(default_factory=list)
    """What is where, for people."""
    decided: list[str] = field(default_factory=list)
    """Sentences on what was decided before any job ran."""
    accepted: list[Accepted] = field(default_factory=list)
    outcomes: list[FinishedJob] = field(default_factory=list)
    received: list[list[ReceivedStem]] = field(default_factory=list)
    """The stems of each job."""
    files: list[Path] = field(default_factory=list)
    """With audio and notes, where they stay."""
    project_file: Path | None = None
    """The project that was written, if the result went into one."""
    again: str = ""
    """What makes another try, if anything does."""

    def add(self, further: RunResult) -> None:
        """Adds what came of a further run into the same project."""
        self.lines += further.lines
        self.decided += further.decided
        self.accepted += further.accepted
        self.outcomes += further.outcomes
        self.received += further.received
        self.files += further.files
        self.project_file = further.project_file or self.project_file
        self.again = further.again

    @property
    def remarks(self) -> list[str]:
        """What the engine wants the musician to know, and what there is to say of the files, each once."""
        of_jobs = [remark for outcome in self.outcomes for remark in outcome.done.remarks]
        of_files = [remark for stems in self.received for one in stems for remark in one.remarks]
        return list(dict.fromkeys(of_jobs + of_files))
