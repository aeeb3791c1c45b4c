"""The example of docs/acestep-api.md, run by bash against a server."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import soundfile

from bandmate_server.compat.songs.fields import META_NAMES
from bandmate_server.compat.songs.music_request import TaskType
from tests.patience import PATIENCE_SECONDS
from tests.server.compat.acestep.flow import ended

PAGE = (Path(__file__).parents[4] / "docs" / "acestep-api.md").read_text(encoding="utf-8")


def test_the_example_of_the_page_runs(acestep, tmp_path):
    blocks = re.findall(r"^```bash\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 2
    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(blocks)],
        cwd=tmp_path,
        env=dict(os.environ) | {"API": acestep.base, "TOKEN": acestep.token},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-3_000:] + run.stderr[-3_000:]
    assert soundfile.info(tmp_path / "song.mp3").format == "MP3"
    status, items = ended(acestep, json.loads(run.stdout)["data"]["task_id"])
    assert (status, len(items)) == (1, 4)


def test_the_page_names_every_task_and_place():
    known = TaskType.__args__  # type: ignore[attr-defined]
    assert [name for name in (*known, *META_NAMES) if f"`{name}`" not in PAGE] == ["analysis"]
