"""Requests that a tool makes up from the OpenAPI document: no 500, and every answer as declared."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.patience import PATIENCE_SECONDS
from tests.server.rest.client import RestClient

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
ENDLESS = "(events|doctor)$"
"""Streams without an end, and a check that starts a process for each request."""


def run_schemathesis(server, config: Path, *options: str) -> str:
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        f"--config-file={config}",
        "run",
        f"http://{server.address}/api/v1/openapi.json",
        f"--header=Authorization: Bearer {server.token}",
        f"--checks={CHECKS}",
        f"--exclude-path-regex={ENDLESS}",
        "--generation-database=none",
        "--seed=1",
        "--no-color",
        "--request-timeout=60",
        *options,
    ]
    run = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, cwd=config.parent)
    assert run.returncode == 0, run.stdout[-6_000:] + run.stderr[-2_000:]
    return run.stdout


def test_made_up_requests_never_break_the_server(own_server, tmp_path, loops):
    config = tmp_path / "schemathesis.toml"
    config.write_text("")
    examples = loops(2, 300)
    said = run_schemathesis(own_server, config, "--phases=coverage,fuzzing", f"--max-examples={examples}")
    assert "34 passed" in said
    assert "Traceback" not in own_server.log


def test_reading_a_job_that_exists(own_server, tmp_path, loops):
    rest = RestClient(own_server)
    job = rest.ended(rest.submit("noise", {"stems": 1}))["job"]
    config = tmp_path / "schemathesis.toml"
    config.write_text(
        f'[parameters]\n"path.job" = "{job}"\n"path.stem" = 0\n"query.format" = "wav"\n"query.bits" = 32\n'
    )
    run_schemathesis(
        own_server,
        config,
        "--include-method=GET",
        # Audio has tests of its own, and takes a process for each request that converts it.
        r"--include-path-regex=/jobs/\{job\}(|/notes.*)$",
        "--phases=fuzzing",
        f"--max-examples={loops(5, 300)}",
    )
    assert "Traceback" not in own_server.log
