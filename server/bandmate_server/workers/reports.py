"""What a worker reports, read with care: a plugin may have broken the line, or written to it."""

from __future__ import annotations

from bandmate_protocol.codec import MAX_FRAME_BYTES, SERVER_FRAMES
from bandmate_protocol.errors import RemoteProtocolError
from bandmate_protocol.messages import Cancelled, Done, Failed, Progress, ServerMessage, Stem, StemEnd
from bandmate_server.workers.link import RunJob

MAX_REPORT_BYTES = MAX_FRAME_BYTES + 1024
"""Of one report: a frame of the protocol, and what is around it."""

JobOutcome = Done | Failed | Cancelled


class UnreadableReportError(Exception):
    """Raised for a report that no sound worker makes. Nothing after it can be trusted."""


class RunReports:
    """Reads the frames that one attempt reports, and checks that they belong to it and follow one another."""

    def __init__(self, run: RunJob) -> None:
        self._run = run
        self._announced: set[tuple[int, int]] = set()

    def news_message(self, frame: bytes) -> Progress | Stem | StemEnd:
        """A message that comes in the middle of the job. Raises UnreadableReportError."""
        message = self._decode_own(frame)
        if isinstance(message, Stem):
            self._announced.add((message.stem, message.revision))
        elif isinstance(message, StemEnd):
            if (message.stem, message.revision) not in self._announced:
                raise UnreadableReportError(f"stem {message.stem} ends but never started")
        elif not isinstance(message, Progress):
            raise UnreadableReportError(f"a {type(message).__name__} in the middle of a job")
        return message

    def outcome_message(self, frame: bytes) -> JobOutcome:
        """The message that ends the job. Raises UnreadableReportError."""
        message = self._decode_own(frame)
        if not isinstance(message, Done | Failed | Cancelled):
            raise UnreadableReportError(f"a {type(message).__name__} at the end of a job")
        return message

    def _decode_own(self, frame: bytes) -> ServerMessage:
        try:
            message = SERVER_FRAMES.decode(frame)
        except RemoteProtocolError as error:
            raise UnreadableReportError(error.sentence) from error
        here = (self._run.job, self._run.attempt)
        if (getattr(message, "job", None), getattr(message, "attempt", None)) != here:
            raise UnreadableReportError(f"a {type(message).__name__} of another job or attempt")
        return message
