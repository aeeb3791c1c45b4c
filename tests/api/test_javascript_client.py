"""The client on PROTOCOL.md runs: node makes the file that the command line makes."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

import bandmate
from tests.material.npm_packages import PAGE, modules_folder
from tests.running import RunningServer


@pytest.fixture
def client(tmp_path: Path) -> Path:
    """The page's code beside its packages."""
    (code,) = re.findall(r"^```javascript\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    (tmp_path / "node_modules").symlink_to(modules_folder(), target_is_directory=True)
    file = tmp_path / "client.mjs"
    file.write_text(code, encoding="utf-8")
    return file


def run_node(
    client: Path, server: RunningServer, *arguments: str, token: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["node", client.name, server.address, *arguments],
        cwd=client.parent,
        env=os.environ | {"BANDMATE_TOKEN": token},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_the_pages_client_makes_the_file(
    client: Path, server: RunningServer, band: bandmate.Session, tmp_path: Path
) -> None:
    done = run_node(client, server, "dusty lo-fi drums", "node.wav", token=server.token)
    assert done.returncode == 0, done
    (seed,) = re.findall(r"^Job \w+ on sketch, seed (\d+)\.$", done.stdout, re.MULTILINE)
    given = {"bars": 8, "bpm": 84, "metre": "4/4", "seed": int(seed)}
    band.run("generate", prompt="dusty lo-fi drums", mix=True, **given).save(tmp_path / "python.wav")
    ours, theirs = (soundfile.read(tmp_path / name, dtype="float32") for name in ("node.wav", "python.wav"))
    assert ours[1] == theirs[1] == 48_000
    assert len(ours[0]) == round(8 * 4 * 60 / 84 * 48_000)
    np.testing.assert_array_equal(ours[0], theirs[0])


def test_the_pages_client_keeps_its_token_from_others(client: Path, server: RunningServer) -> None:
    done = run_node(client, server, "drums", "node.wav", token="x" * len(server.token))
    assert done.returncode != 0
    assert "does not know the token" in done.stderr
    assert not (client.parent / "node.wav").exists()


def test_what_the_server_refuses_is_said(client: Path, server: RunningServer) -> None:
    done = run_node(client, server, "x" * 100_000, "node.wav", token=server.token)
    assert done.returncode == 1, done
    assert done.stderr.strip()
