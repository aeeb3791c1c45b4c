"""Jobs go where the settings say: to an executor that a plugin registered, or to this machine's workers."""

import asyncio
import subprocess
import sys

import pytest

from bandmate_protocol.messages import Submit
from bandmate_server.audio import BlobStore
from bandmate_server.config import Settings
from bandmate_server.jobs import Job, JobStore, executor, lingering
from bandmate_server.spool import JobSpool
from tests.running import RunningServer, server_environ
from tests.server.wire import Wire, timeline_of


def test_an_executor_of_a_plugin_gets_the_jobs(tmp_path):
    server = RunningServer(tmp_path, environ={"BANDMATE_SERVER_EXECUTOR": "refusing"}).start()
    with Wire(server) as wire:
        failed = wire.run("noise")
    assert (failed.code, failed.sentence) == ("engine_unavailable", f"No machine takes {failed.job}.")
    assert server.stop() == 0


def test_an_unknown_executor_is_said_with_those_there_are(tmp_path):
    command = [sys.executable, "-m", "bandmate_plugins", "serve", "--port", "0"]
    environ = server_environ(tmp_path) | {"BANDMATE_SERVER_EXECUTOR": "ray"}
    ended = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert "ray" in ended.stderr
    assert "local, refusing" in ended.stderr


def download(name: str) -> Job:
    """A job that fails soon, as no model is called that."""
    submit = Submit(request="r", task="pull", params={"model": "none"}, timeline=timeline_of(1), seed=1)
    return Job(
        id=name, owner="me", submit=submit, engine="", reason="", placement="network", seed=1, version="1"
    )


@pytest.mark.anyio
async def test_the_worker_for_downloads_stays_for_the_next_and_leaves_then(tmp_path, monkeypatch):
    monkeypatch.setenv("BANDMATE_HOME", str(tmp_path))
    local = executor.LocalExecutor(Settings(), JobStore(tmp_path / "jobs"), BlobStore(tmp_path / "shelf"))
    worker, pids = local.workers["network"], []
    try:
        for name, seconds in (("aaaaaaaa", 60.0), ("bbbbbbbb", 0.2), ("cccccccc", 0.2)):
            monkeypatch.setattr(lingering, "LINGER_SECONDS", seconds)
            async for _ in local.run(download(name), JobSpool(tmp_path / name)):
                pids.append(worker.pid)
            for _ in range(600 if name != "aaaaaaaa" else 0):
                if worker.pid is None:
                    break
                await asyncio.sleep(0.05)
    finally:
        await local.close()
    assert None not in pids
    assert len(set(pids)) == 2, "the second job found the first one's worker, the third did not"
