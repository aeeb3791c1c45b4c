"""The example of docs/acestep-cpp-api.md, run by bash against a server."""

from __future__ import annotations

import io
import os
import re
import subprocess
from pathlib import Path

import soundfile

from bandmate_server.compat.acestep_cpp.routes import acestep_cpp_routes
from tests.patience import PATIENCE_SECONDS

PAGE = (Path(__file__).parents[4] / "docs" / "acestep-cpp-api.md").read_text(encoding="utf-8")


def test_the_example_of_the_page_runs(acestep_cpp, tmp_path):
    (block,) = re.findall(r"^```bash\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block],
        cwd=tmp_path,
        env=dict(os.environ) | {"API": acestep_cpp.base, "TOKEN": acestep_cpp.token},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-3_000:] + run.stderr[-3_000:]
    _, _, body = (tmp_path / "result.multipart").read_bytes().partition(b"\r\n\r\n")
    assert soundfile.info(io.BytesIO(body.partition(b"\r\n--ace-batch-boundary")[0])).frames == 6 * 48_000


def test_the_page_names_every_route():
    paths = re.findall(
        r'route\("(?:GET|POST)", "(/\w+)"', Path(acestep_cpp_routes.__code__.co_filename).read_text("utf-8")
    )
    assert len(paths) == 8
    assert [path for path in paths if path not in PAGE] == []
