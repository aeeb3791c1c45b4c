"""Jobs go where the settings say: to an executor that a plugin registered."""

import subprocess
import sys

from tests.running import RunningServer, server_environ
from tests.server.wire import Wire


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
