"""How often a job is tried."""

from __future__ import annotations

import logging

from bandmate_protocol.errors import ErrorCode
from bandmate_protocol.messages import Failed
from bandmate_server.jobs.job import Job
from bandmate_server.workers import AttemptEnded

_log = logging.getLogger(__name__)

_MAX_RETRIES = 1
"""A worker's death or a lack of memory is tried again once: the second time it is no accident."""


def prepare_retry(job: Job, ended: AttemptEnded, first: int) -> bool:
    """Whether the job is worth another attempt after this one; on less memory, if that is what it lacked.

    `first` is the attempt that this server began with.
    """
    if (
        isinstance(ended.message, Failed)
        and ended.message.code == ErrorCode.OUT_OF_MEMORY
        and job.tier == "full"
    ):
        _log.warning("out of memory: trying the smaller tier")
        job.tier = "small"
    elif ended.code == ErrorCode.WORKER_DIED and job.attempt - first < _MAX_RETRIES:
        _log.warning("the worker died: trying again")
    else:
        return False
    return True
