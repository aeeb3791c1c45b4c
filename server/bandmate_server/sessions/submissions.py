"""Submissions that a client may send again: under one key there is one job, also after a restart.

The key gives the job its id, and the digest of what was asked lies with the job's origin. So nothing beside the job has
to be written, and the key is known for as long as the job is.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import msgspec

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Submit
from bandmate_protocol.texts import say
from bandmate_server.jobs.events import JobEvents
from bandmate_server.jobs.job import id_of_key
from bandmate_server.services import Services

DIGEST = "idempotency"
"""The entry of the origin."""
_MAX_ORIGIN = 32


@dataclass(frozen=True)
class SubmissionKey:
    """A key that a client chose, and what it asks for under it."""

    key: str
    asked: bytes

    @property
    def digest(self) -> str:
        """Of both."""
        return hashlib.sha256(self.key.encode() + b"\0" + self.asked).hexdigest()[:32]


def find_submission(services: Services, key: SubmissionKey) -> JobEvents | None:
    """The job of an earlier submission under the same key; None where there is none.

    Raises RequestError (`bad_params`) for a key that stands for something else.
    """
    job_id = id_of_key(key.key)
    if not services.desk.is_known(job_id):
        return None
    feed = services.desk.events_of(job_id)
    if feed.job.submit.origin.get(DIGEST) != key.digest:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say("Job {job} was submitted under this key, with another request.", job=job_id),
            "Send the same request again, or use a key of its own for each.",
        )
    return feed


def with_digest(message: Submit, key: SubmissionKey) -> Submit:
    """The submission, with the digest in its origin. Raises RequestError (`bad_params`) where there is no room."""
    origin = {**message.origin, DIGEST: key.digest}
    if len(origin) > _MAX_ORIGIN:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say("The origin has {most} entries, and with a key there may be one less.", most=_MAX_ORIGIN),
            "Leave an entry out.",
        )
    return msgspec.structs.replace(message, origin=origin)
