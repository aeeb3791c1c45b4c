"""The examples of docs/rest.md, run by bash against a server."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import mido
import soundfile

from tests.patience import PATIENCE_SECONDS

PAGE = Path(__file__).parents[3] / "docs" / "rest.md"


def test_the_examples_of_the_page_run(rest, tmp_path):
    blocks = re.findall(r"^```bash\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) > 6
    environ = dict(os.environ) | {"API": f"http://{rest.server.address}/api/v1", "TOKEN": rest.server.token}
    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(blocks)],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    assert run.returncode == 0, run.stdout[-3_000:] + run.stderr[-3_000:]
    assert run.stdout.count("event: done") == 2
    for name, form in (("drums.wav", "WAV"), ("drums.flac", "FLAC"), ("drums.mp3", "MP3")):
        assert soundfile.info(tmp_path / name).format == form
    assert soundfile.info(tmp_path / "drums.wav").frames == 192_000
    assert (tmp_path / "beginning.wav").read_bytes() == (tmp_path / "drums.wav").read_bytes()[:65_536]
    assert len(mido.MidiFile(tmp_path / "drums.mid").tracks) == 2
