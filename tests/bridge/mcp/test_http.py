"""`bandmate mcp --http`: the same tools over HTTP, behind the server's token, Host and Origin checks."""

from __future__ import annotations

import asyncio
import base64
import http.client
import io
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import soundfile

from tests.bridge.mcp.assistant import assistant_over_http, good, refused
from tests.bridge.mcp.test_mcp_calls import Person, last_job_cancelled
from tests.patience import PATIENCE_SECONDS
from tests.running import RunningServer, server_environ

MODES = ("auto", "legacy")
"""The newest revision of MCP, without sessions, and those before it, with them."""


@pytest.fixture(scope="module")
def address(server: RunningServer) -> Iterator[str]:
    command = [sys.executable, "-m", "bandmate_plugins", "mcp", "--http", "0"]
    process = subprocess.Popen(
        command,
        env=server_environ(server.home) | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    said = process.stdout.readline()
    where = process.stdout.readline()
    assert str(server.home / "config" / "token") in where
    assert "Assistants reach Bandmate at http://127.0.0.1:" in said, process.communicate()
    yield said.split(" at ")[1].split(". ")[0]
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, err
    assert "Traceback" not in err, err[-4000:]


@pytest.mark.parametrize("mode", MODES)
def test_progress_audio_and_consent(server: RunningServer, address: str, tmp_path: Path, mode: str) -> None:
    out = tmp_path / "out.wav"
    out.write_bytes(b"mine")
    person, reports = Person(agrees=True), []

    async def note_progress(progress: float, total: float | None, message: str | None) -> None:
        reports.append((progress, total, message))

    async def work() -> None:
        options: dict[str, Any] = {"mode": mode, "elicitation_callback": person.answer}
        async with assistant_over_http(address, server.token, **options) as client:
            made = await client.call_tool(
                "generate",
                {"prompt": "tambourine", "bars": 1, "bpm": 120, "output": str(out), "seed": 1},
                progress_callback=note_progress,
            )
            assert not made.is_error, made
            heard = await client.call_tool("preview", {"take": str(out), "seconds": 1})
            assert heard.content[0].type == "audio"
            samples, rate = soundfile.read(io.BytesIO(base64.b64decode(heard.content[0].data)))
            assert (rate, samples.ndim) == (24_000, 1)
            assert abs(samples).max() > 0.001
            with pytest.raises(Exception, match="no_such_job"):
                await client.read_resource("bandmate://jobs/zzzzzzzz")

    asyncio.run(work())
    assert out.read_bytes()[:4] == b"RIFF"
    assert person.questions == [f"Replace the file {out}?"]
    percents = [percent for percent, _, _ in reports]
    assert percents
    assert percents == sorted(percents)
    assert all(total == 100 and message for _, total, message in reports)


@pytest.mark.parametrize("mode", MODES)
def test_a_cancelled_call_cancels_its_job(server: RunningServer, address: str, mode: str) -> None:
    begun = asyncio.Event()

    async def note_progress(progress: float, total: float | None, message: str | None) -> None:
        begun.set()

    async def work() -> None:
        async with assistant_over_http(address, server.token, mode=mode) as client:
            arguments = {"task": "generate", "bars": 2_000, "params": {"prompt": "slow jazz trio"}}
            call = asyncio.ensure_future(
                client.call_tool("run_task", arguments, progress_callback=note_progress)
            )
            await asyncio.wait_for(begun.wait(), PATIENCE_SECONDS)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
            await asyncio.wait_for(last_job_cancelled(client), PATIENCE_SECONDS)

    asyncio.run(work())


def test_two_assistants_at_once_do_not_mix(server: RunningServer, address: str) -> None:
    async def one(seed: int) -> dict[str, Any]:
        async with assistant_over_http(address, server.token, mode=MODES[seed % 2]) as client:
            await refused(client, "get_job", job="zzzzzzzz")
            return await good(
                client, "run_task", task="generate", bars=1, seed=seed, params={"prompt": "shaker"}
            )

    async def work() -> list[dict[str, Any]]:
        return await asyncio.gather(*(one(seed) for seed in range(4)))

    assert [made["seed"] for made in asyncio.run(work())] == [0, 1, 2, 3]


def test_only_who_shows_the_token_to_the_right_name_comes_in(server: RunningServer, address: str) -> None:
    netloc = address.split("/")[2]
    token = {"Authorization": f"Bearer {server.token}"}
    port = netloc.rpartition(":")[2]
    cases: list[tuple[dict[str, str], int, str]] = [
        ({}, 401, "The token is missing or wrong"),
        ({"Authorization": "Bearer nonsense"}, 401, "The token is missing or wrong"),
        ({**token, "Host": f"evil.example:{port}"}, 403, "The Host header"),
        ({**token, "Origin": "http://evil.example"}, 403, "Web pages of this origin"),
        ({**token, "Origin": "http://127.0.0.1:1"}, 403, "Web pages of this origin"),
        ({**token, "Sec-Fetch-Site": "cross-site"}, 403, "Web pages of other sites"),
        ({**token, "Host": f"localhost:{port}"}, 200, '"bandmate"'),
        (token, 200, '"bandmate"'),
    ]
    hello = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "t", "version": "1"},
        },
    }
    for headers, status, said in cases:
        connection = http.client.HTTPConnection(netloc, timeout=PATIENCE_SECONDS)
        sent = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        connection.request("POST", "/mcp", json.dumps(hello).encode(), sent | headers)
        answer = connection.getresponse()
        assert (answer.status, said in answer.read().decode()) == (status, True), headers
        connection.close()


def test_a_port_that_is_taken_is_said(server: RunningServer, address: str) -> None:
    port = address.rpartition(":")[2].partition("/")[0]
    command = [sys.executable, "-m", "bandmate_plugins", "mcp", "--http", port]
    done = subprocess.run(
        command, env=server_environ(server.home), capture_output=True, text=True, timeout=PATIENCE_SECONDS
    )
    assert done.returncode == 1
    assert f"Port {port} on 127.0.0.1 is in use" in done.stderr
    assert "`bandmate mcp --http 0`" in done.stderr
