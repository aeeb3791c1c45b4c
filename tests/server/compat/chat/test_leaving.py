"""A client that goes away takes its jobs with it."""

from __future__ import annotations

import http.client
import json
import time
from contextlib import closing

import pytest

from tests.patience import PATIENCE_SECONDS
from tests.server.compat.chat.music import COMPLETIONS, request_for
from tests.server.rest.client import RestClient

HOUR = {"duration": 3_600, "format": "wav"}


@pytest.fixture(scope="module")
def rest(compat_server):
    return RestClient(compat_server)


def newest_jobs(rest, prompt):
    return rest.get("/jobs", words=prompt, brief="true")["jobs"]


def wait_for_states(rest, prompt, states):
    until = time.monotonic() + PATIENCE_SECONDS
    while (found := [job["state"] for job in newest_jobs(rest, prompt)]) != states:
        assert time.monotonic() < until, found
        time.sleep(0.02)


@pytest.mark.parametrize("stream", [True, False])
def test_the_jobs_of_a_client_that_leaves_are_cancelled(chat, rest, stream):
    prompt = f"drums that nobody waits for {'streamed' if stream else 'whole'}"
    body = json.dumps(request_for(prompt, audio_config=HOUR, batch_size=2, stream=stream, seed=1))
    headers = {"Authorization": f"Bearer {chat.token}", "Content-Type": "application/json"}
    with closing(http.client.HTTPConnection("127.0.0.1", chat.port, timeout=PATIENCE_SECONDS)) as connection:
        connection.request("POST", COMPLETIONS, body, headers)
        if stream:
            answer = connection.getresponse()
            while b'"state":"running"' not in answer.readline():
                pass
        wait_for_states(rest, prompt, ["queued", "running"])
    wait_for_states(rest, prompt, ["cancelled", "cancelled"])


def test_a_job_that_is_cancelled_elsewhere_ends_the_request(chat, rest):
    prompt = "drums that somebody cancels"
    body = json.dumps(request_for(prompt, audio_config=HOUR, stream=True))
    headers = {"Authorization": f"Bearer {chat.token}", "Content-Type": "application/json"}
    with closing(http.client.HTTPConnection("127.0.0.1", chat.port, timeout=PATIENCE_SECONDS)) as connection:
        connection.request("POST", COMPLETIONS, body, headers)
        answer = connection.getresponse()
        wait_for_states(rest, prompt, ["running"])
        (job,) = newest_jobs(rest, prompt)
        rest.expect(202, "POST", f"/jobs/{job['job']}/cancel")
        said = answer.read().decode()
    assert "Error: The job was cancelled." in said
    assert said.endswith("data: [DONE]\n\n")
