"""What a prompt suggests is asked of the server; an older server is asked by a job."""

from __future__ import annotations

import json

import pytest

from bandmate_bridge.client import Client
from bandmate_bridge.progress import ignore_progress
from bandmate_bridge.requests.timing import TempoMetreKey, suggest_tempo_and_key
from bandmate_protocol.errors import RequestError
from tests.bridge.command_line import CommandLine
from tests.bridge.double_server import TOKEN, DoubleServer
from tests.running import RunningServer

PROMPT = "rock at 143 bpm in F# minor, 7/8"
SUGGESTED = TempoMetreKey(143.0, (7, 8), "F# minor")


def suggested(client: Client, given: TempoMetreKey, engine: str | None = None) -> TempoMetreKey:
    return suggest_tempo_and_key(client, PROMPT, given, engine, 1, ignore_progress)


def test_what_is_open_is_suggested_without_a_job(server: RunningServer) -> None:
    with Client.connect(server.address, token=server.token, role="test") as client:
        before = [job.job for job in client.jobs()]
        assert suggested(client, TempoMetreKey()) == SUGGESTED
        assert suggested(client, TempoMetreKey(bpm=90.0)) == TempoMetreKey(90.0, (7, 8), "F# minor")
        whole = TempoMetreKey(90.0, (3, 4), "C major")
        assert suggested(client, whole) is whole
        assert suggested(client, TempoMetreKey(), "acetsep") == TempoMetreKey(), (
            "no such engine: all stays open"
        )
        assert [job.job for job in client.jobs()] == before


def test_generate_leaves_one_job(bandmate: CommandLine) -> None:
    made = bandmate.good("generate", PROMPT, "-o", "x.wav", "--bars", 1)
    assert "Chosen automatically: 143 bpm, 7/8, F# minor." in made.out + made.err
    jobs = json.loads(bandmate.good("jobs", "--json", "--most", 2).out)
    assert [job["task"] for job in jobs[:1]] == ["generate"]


def test_a_prompt_that_no_message_holds_is_refused_with_a_sentence(server: RunningServer) -> None:
    with Client.connect(server.address, token=server.token, role="test") as client:
        with pytest.raises(RequestError, match="This request is not possible") as caught:
            client.suggest("x" * 100_000)
        assert caught.value.code == "bad_params"
        assert client.suggest(PROMPT).bpm == 143.0


def test_an_older_server_suggests_by_its_hidden_task(double: DoubleServer) -> None:
    double.report = {"bpm": 143.0, "numerator": 7, "denominator": 8, "key": "F# minor"}
    with Client.connect(double.address, token=TOKEN, role="test", start=False) as client:
        assert suggested(client, TempoMetreKey(), "sketch") == SUGGESTED
    (job,) = double.jobs.values()
    assert (job.task, job.params, job.engine, job.seed) == ("suggest", {"prompt": PROMPT}, "sketch", 1)
    assert job.origin["for"] == "tempo and key"
