"""`bandmate models` against a stand-in of the hub: pulled, pinned, checked, removed, and what goes wrong."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from bandmate_plugins._models.place import files_of, find_model
from bandmate_plugins._models.room import size_text
from bandmate_plugins.model import Model
from tests.plugins.models.hub import NEWER, Hub

NAME = "adefossez/HTDemucs"
CHUNK = 1 << 18
"""What lies on the disk at a time; less than that is lost when a line breaks."""
WEIGHTS = random.Random(1).randbytes(14_000_000)


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as hub:
        hub.repositories[NAME] = {"htdemucs.yaml": b"models: ['955717e8']", "955717e8.safetensors": WEIGHTS}
        hub.licences[NAME] = "mit"
        yield hub


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def models(home: Path, hub: Hub | None, *arguments: str, **more: str) -> tuple[int, str]:
    """Runs the command line; its exit code and all that it said."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "BANDMATE"))}
    environ |= {"BANDMATE_HOME": str(home / "home"), "HF_HOME": str(home / "hf")}
    environ |= hub.environ(home) if hub else {"HF_ENDPOINT": "http://127.0.0.1:9"}
    environ |= more
    command = [sys.executable, "-m", "bandmate_plugins", "models", *arguments]
    ended = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120)
    return ended.returncode, ended.stdout + ended.stderr


def weights(home: Path) -> Path:
    (found,) = (home / "hf" / "hub").rglob("955717e8.safetensors")
    return found


def test_a_model_is_pulled_pinned_checked_and_removed(home: Path, hub: Hub) -> None:
    code, said = models(home, hub, "pull", "htdemucs", "--yes")
    assert code == 0, said
    assert "14.0 MB, licence: mit" in said
    assert weights(home).read_bytes() == WEIGHTS
    assert "htdemucs: whole" in models(home, None, "verify", "htdemucs")[1]
    assert "yes, 01234567" in models(home, None, "list")[1]
    code, said = models(home, None, "remove", "demucs")
    assert "htdemucs: removed" in said
    assert "yes, " not in models(home, None, "list")[1]


def test_a_second_pull_fetches_nothing_and_stays_at_its_commit(home: Path, hub: Hub) -> None:
    models(home, hub, "pull", "htdemucs", "--yes")
    before = len(hub.sent)
    assert models(home, hub, "pull", "htdemucs", "--yes")[0] == 0
    assert len(hub.sent) == before


def test_an_update_moves_the_pin(home: Path, hub: Hub) -> None:
    models(home, hub, "pull", "htdemucs", "--yes")
    hub.commit = NEWER
    assert models(home, hub, "pull", "htdemucs", "--yes", "--update")[0] == 0
    assert f"yes, {NEWER[:8]}" in models(home, None, "list")[1]


def test_a_pattern_means_the_files_of_its_folder(tmp_path: Path) -> None:
    model = Model("a/b", "main", "mit", 0, ("vae/*.safetensors", "config.json"))
    there = ["vae/one.safetensors", "vae/deep/two.safetensors", "config.json", "lm/three.safetensors"]
    assert files_of(model, there) == {
        "vae/*.safetensors": ["vae/one.safetensors"],
        "config.json": ["config.json"],
    }
    assert files_of(replace(model, files=()), there) == {"*": sorted(there)}
    assert find_model(model, {"BANDMATE_MODELS": str(tmp_path)}) is None
    for name in there:
        path = tmp_path / "a" / "b" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert find_model(model, {"BANDMATE_MODELS": str(tmp_path)}) == tmp_path / "a" / "b"


def test_without_a_yes_nothing_is_fetched(home: Path, hub: Hub) -> None:
    code, said = models(home, hub, "pull", "htdemucs")
    assert code != 0
    assert "licence: mit" in said
    assert not hub.sent


def test_a_licence_that_nobody_states_is_said(home: Path, hub: Hub) -> None:
    hub.licences.clear()
    assert "licence: not stated" in models(home, hub, "pull", "htdemucs")[1]


def test_a_pull_that_was_cut_off_goes_on_where_it_stopped(home: Path, hub: Hub) -> None:
    hub.break_after = 12_000_000
    hub.gone_after_break = True
    code, said = models(home, hub, "pull", "htdemucs", "--yes")
    assert code == 1
    assert "Traceback" not in said
    hub.gated.clear()
    code, said = models(home, hub, "pull", "htdemucs", "--yes")
    assert code == 0, said
    assert "14.0 MB, licence" in said
    assert "2.2 MB to download" in said
    assert weights(home).read_bytes() == WEIGHTS
    assert [start for file, start in hub.sent if file.endswith(".safetensors")] == [
        0,
        12_000_000 // CHUNK * CHUNK,
    ]


def test_a_line_that_breaks_once_is_not_even_noticed(home: Path, hub: Hub) -> None:
    hub.break_after = 5_000_000
    code, said = models(home, hub, "pull", "htdemucs", "--yes")
    assert code == 0, said
    assert weights(home).read_bytes() == WEIGHTS
    assert [start for file, start in hub.sent if file.endswith(".safetensors")] == [
        0,
        5_000_000 // CHUNK * CHUNK,
    ]


def test_what_the_disk_does_not_hold_is_not_begun(home: Path, hub: Hub) -> None:
    hub.sizes["955717e8.safetensors"] = 10**15
    code, said = models(home, hub, "pull", "htdemucs", "--yes")
    assert code == 1
    assert "needs 1000000.0 GB, but only" in said
    assert "HF_HOME" in said
    assert not hub.sent


def test_wrong_bytes_are_not_kept(home: Path, hub: Hub) -> None:
    hub.corrupt = True
    code, said = models(home, hub, "pull", "htdemucs", "--yes")
    assert code == 1
    assert "wrong bytes in 955717e8.safetensors" in said
    hub.corrupt = False
    assert models(home, hub, "pull", "htdemucs", "--yes")[0] == 0
    assert weights(home).read_bytes() == WEIGHTS


def test_changed_bytes_are_found(home: Path, hub: Hub) -> None:
    models(home, hub, "pull", "htdemucs", "--yes")
    with weights(home).open("r+b") as file:
        file.seek(1_234)
        file.write(b"\0\0\0\0")
    code, said = models(home, None, "verify")
    assert code == 1
    assert "955717e8.safetensors: its bytes have changed" in said
    assert "models pull htdemucs" in said


def test_a_hub_out_of_reach_is_a_sentence(home: Path) -> None:
    code, said = models(home, None, "pull", "htdemucs", "--yes")
    assert code == 1
    assert "could not be downloaded: " in said
    assert "[Errno" not in said
    assert "Traceback" not in said


@pytest.mark.parametrize("fault", ["gone", "gated", "file gone"])
def test_what_the_hub_does_not_give_is_a_sentence(home: Path, hub: Hub, fault: str) -> None:
    if fault == "gone":
        hub.repositories.clear()
    elif fault == "gated":
        hub.gated.add(NAME)
    else:
        del hub.repositories[NAME]["955717e8.safetensors"]
    code, said = models(home, hub, "pull", "htdemucs", "--yes")
    assert code == 1
    assert "Traceback" not in said
    assert {
        "gone": "Update Bandmate",
        "gated": "accept its licence",
        "file gone": "no longer has the file 955717e8",
    }[fault] in said


def test_an_unknown_name_says_which_there_are(home: Path) -> None:
    code, said = models(home, None, "pull", "htdmucs", "--yes")
    assert code == 1
    assert "htdemucs, htdemucs_ft, htdemucs_6s" in said


TOGETHER = "baicai1145/pymss"
"""A repository with many models."""


def test_models_of_one_repository_are_removed_one_by_one(home: Path, hub: Hub) -> None:
    from bandmate_plugins._engines.roformer.places import KNOWN_CHECKPOINTS

    first, second = list(KNOWN_CHECKPOINTS)[:2]
    files = {name: name.encode() * 50 for model in (first, second) for name in model.files}
    hub.repositories[TOGETHER] = files
    for model in (first, second):
        code, said = models(home, hub, "pull", model.name, "--yes")
        assert code == 0, said
        assert "not stated" in said
    code, said = models(home, hub, "remove", first.name)
    assert (code, said) == (0, f"{first.name}: removed, 0.0 MB freed\n")
    left = {path.name for path in (home / "hf" / "hub").rglob("*.ckpt")}
    assert left == {Path(second.files[0]).name}
    code, said = models(home, None, "verify", second.name)
    assert code == 0, said
    assert "not installed" in models(home, None, "remove", first.name)[1]
    models(home, None, "remove", second.name)
    assert not list((home / "hf" / "hub").rglob("*.ckpt"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_disk_that_fills_up_in_a_pull_is_a_sentence(home: Path, hub: Hub) -> None:
    blobs = home / "hf" / "hub" / f"models--{NAME.replace('/', '--')}" / "blobs"
    blobs.mkdir(parents=True)
    part = blobs / f"{hashlib.sha256(WEIGHTS).hexdigest()}.incomplete"
    part.symlink_to("/dev/full")
    code, said = models(home, hub, "pull", "htdemucs", "--yes")
    assert code == 1
    assert "There is not enough space for adefossez/HTDemucs." in said
    assert "try again; the partial download is kept" in said
    assert "Traceback" not in said
    part.unlink()
    assert models(home, hub, "pull", "htdemucs", "--yes")[0] == 0
    assert weights(home).read_bytes() == WEIGHTS


def test_a_disk_without_a_byte_left_is_said_as_such() -> None:
    assert [size_text(size) for size in (0, 84_000_000, 1_500_000_000)] == ["0.0 MB", "84.0 MB", "1.5 GB"]


@pytest.mark.parametrize("corrupt", [False, True])
def test_where_there_are_no_links_bytes_are_compared_as_they_come(
    home: Path, hub: Hub, corrupt: bool
) -> None:
    hub.corrupt = corrupt
    without = {"HF_HUB_DISABLE_SYMLINKS": "1"}
    code, said = models(home, hub, "pull", "htdemucs", "--yes", **without)
    assert code == int(corrupt), said
    if corrupt:
        assert "wrong bytes in 955717e8.safetensors" in said
        assert "htdemucs: not installed" in models(home, None, "verify", "htdemucs")[1]
        return
    assert not weights(home).is_symlink()
    assert weights(home).read_bytes() == WEIGHTS


@pytest.fixture
def own(home: Path) -> Path:
    """A folder of one's own with HTDemucs in it, of one small tensor."""
    folder = home / "own" / NAME
    folder.mkdir(parents=True)
    (folder / "htdemucs.yaml").write_text("models: ['955717e8']")
    save_file({"one": np.ones(1_000, np.float32)}, folder / "955717e8.safetensors")
    return folder


def test_a_folder_of_ones_own_is_used_looked_at_and_left_alone(home: Path, own: Path) -> None:
    place = {"BANDMATE_MODELS": str(home / "own")}
    assert "yes, a folder" in models(home, None, "list", **place)[1]
    code, said = models(home, None, "verify", "htdemucs", **place)
    assert code == 0, said
    assert "htdemucs: no damage found" in said
    code, said = models(home, None, "remove", "htdemucs", **place)
    assert f"{own} is yours and was kept" in said
    assert len(list(own.iterdir())) == 2


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("cut", "bytes instead of"),
        ("page", "it is not a safetensors file"),
        ("empty", "it is not a safetensors file"),
    ],
)
def test_damage_in_a_folder_of_ones_own_is_seen_by_length(
    home: Path, own: Path, damage: str, words: str
) -> None:
    path = own / "955717e8.safetensors"
    whole = path.read_bytes()
    path.write_bytes({"cut": whole[:-7], "page": b"<html>Not found</html>", "empty": b""}[damage])
    code, said = models(home, None, "verify", "htdemucs", BANDMATE_MODELS=str(home / "own"))
    assert code == 1
    assert words in said
    assert f"Put its files into {own} again" in said.replace("\n", " ")


def test_without_a_connection_what_is_here_is_found_and_the_rest_is_a_sentence(home: Path, hub: Hub) -> None:
    models(home, hub, "pull", "htdemucs", "--yes")
    offline = {"HF_HUB_OFFLINE": "1"}
    assert "htdemucs: whole" in models(home, None, "verify", "htdemucs", **offline)[1]
    code, said = models(home, None, "pull", "htdemucs_ft", "--yes", **offline)
    assert code == 1
    assert "Try again when you are online" in said
    assert "Traceback" not in said
