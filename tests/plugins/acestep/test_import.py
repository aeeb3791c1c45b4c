"""`bandmate import-acestep`: an installation laid out as upstream does, taken over, and music made with it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from click.testing import CliRunner
from huggingface_hub._local_folder import write_download_metadata

from bandmate_bridge.listen_page.examples import read_example
from bandmate_plugins._acestep_requests import model_name
from bandmate_plugins._app.root import bandmate
from bandmate_plugins._engines.acestep.planner.variants import PLANNERS
from bandmate_plugins._engines.acestep.variants import VARIANTS
from bandmate_plugins._host.known_models import models_named
from bandmate_plugins._models.links import linked_folder
from bandmate_plugins._models.place import MIRROR, find_model
from bandmate_plugins._models.verify import check_model
from bandmate_plugins._tasks.vocals import LanguageCode
from bandmate_protocol.errors import RequestError
from bandmate_protocol.messages import Accepted, Done
from bandmate_server.acestep_import.env_file import read_env_file
from bandmate_server.acestep_import.report import ImportReport
from bandmate_server.acestep_import.run import import_installation
from bandmate_server.config import settings_file
from tests.bridge.test_pages import PAGES, typed
from tests.running import RunningServer
from tests.server.wire import Wire, timeline_of

_PATIENCE_S = 200.0
"""The first job waits for torch."""
_ENV = """# settings
ACESTEP_CONFIG_PATH=acestep-v15-base
export ACESTEP_LM_MODEL_PATH="acestep-5Hz-lm-1.7B"
ACESTEP_QUEUE_MAXSIZE=50 # jobs
ACESTEP_API_KEY='sk-very-secret'
ACESTEP_API_PORT=8001
ACESTEP_INIT_LLM=
ACESTEP_SOMETHING_NEW=7
HF_TOKEN=not-ours
"""
_SAVED = {
    "task_type": "text2music",
    "instruction": "Fill the audio semantic mask based on the given conditions:",
    "caption": "slow jazz with brushes",
    "lyrics": "[Verse]\nhello",
    "vocal_language": "en",
    "bpm": 96,
    "keyscale": "F minor",
    "timesignature": "3",
    "duration": 12.0,
    "inference_steps": 12,
    "guidance_scale": 7.0,
    "shift": 3.0,
    "seed": 4711,
    "thinking": False,
    "lm_temperature": 0.85,
    "audio_codes": "<|audio_code_1|>",
    "mood_slider": 3,
}


@pytest.fixture(scope="session")
def master(tiny: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with real geometry: the main model and a base checkpoint, as the hub's library leaves them."""
    from tests.plugins.acestep import checkpoints

    root = tmp_path_factory.mktemp("upstream") / "ACE-Step-1.5"
    there = root / "checkpoints"
    shutil.copytree(tiny["original"].parent, there)
    shutil.move(checkpoints.write_original(tiny["base"], root.parent / "apart"), there / "acestep-v15-base")
    for place in (there, there / "acestep-v15-base"):
        note_hashes(place)
    (root / ".env").write_text(_ENV)
    (root / "pyproject.toml").write_text('[project]\nname = "ace-step"\n')
    saved = root / "gradio_outputs" / "batch_1"
    saved.mkdir(parents=True)
    (saved / "first.json").write_text(json.dumps(_SAVED))
    (saved / "broken.json").write_text('{"caption": "x", "task_type":')
    cover = {"task_type": "cover", "caption": "8-bit", "src_audio": "a b.wav", "audio_cover_strength": 0.25}
    (saved / "cover.json").write_text(json.dumps(cover))
    (root / "my.toml").write_text(
        'task_type = "text2music"\ncaption = "trap"\nbpm = 140\nconfig_path = "acestep-v15-base"\n'
    )
    (root / "package.json").write_text('{"name": "x"}')
    lora = root / "lora_output" / "final" / "adapter"
    lora.mkdir(parents=True)
    (lora / "adapter_config.json").write_text('{"r": 8, "lora_alpha": 16}')
    (lora / "adapter_model.safetensors").write_bytes(b"x")
    return root


def note_hashes(place: Path) -> None:
    """Does what `snapshot_download(local_dir=...)` does beside each file."""
    for path in [path for path in place.rglob("*") if path.is_file() and ".cache" not in path.parts]:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        write_download_metadata(place, path.relative_to(place).as_posix(), "a" * 40, digest)


@pytest.fixture
def installed(master: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of `master`, with a home and a cache that have nothing in them."""
    monkeypatch.delenv(MIRROR, raising=False)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("BANDMATE_HOME", str(tmp_path / "home"))
    return Path(shutil.copytree(master, tmp_path / "ACE-Step-1.5"))


def outcomes(report: ImportReport, part: str) -> dict[str, str]:
    return {thing.name: thing.outcome for thing in getattr(report, part)}


def sentence(report: ImportReport, part: str, name: str) -> str:
    return next(thing.sentence for thing in getattr(report, part) if thing.name == name)


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    """Length and time of everything in a folder."""
    return {
        str(path.relative_to(folder)): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
    }


def test_an_installation_is_taken_over_where_it_is(installed: Path) -> None:
    before = snapshot(installed)
    report = import_installation(installed, {})
    assert outcomes(report, "models") == {"ace_step1.5": "taken_over", "acestep_v15_base": "taken_over"}
    assert "its hashes are right" in sentence(report, "models", "ace_step1.5")
    base = models_named("acestep_v15_base")[0].model
    assert find_model(base) == installed / "checkpoints" / "acestep-v15-base"
    assert check_model(base).state == "whole"
    assert outcomes(report, "settings") == {
        "ACESTEP_API_KEY": "noted",
        "ACESTEP_API_PORT": "noted",
        "ACESTEP_CONFIG_PATH": "noted",
        "ACESTEP_LM_MODEL_PATH": "noted",
        "ACESTEP_QUEUE_MAXSIZE": "taken_over",
        "ACESTEP_SOMETHING_NEW": "skipped",
    }
    assert "`--model acestep_v15_base`" in sentence(report, "settings", "ACESTEP_CONFIG_PATH")
    assert tomllib.loads(settings_file().read_text()) == {"jobs_in_all": 50}
    assert outcomes(report, "adapters") == {"lora_output/final/adapter": "noted"}
    assert "of rank 8" in sentence(report, "adapters", "lora_output/final/adapter")
    assert "sk-very-secret" not in "\n".join(report.lines())
    # Nothing of theirs is changed.
    assert snapshot(installed) == before


def test_saved_requests_become_examples_that_are_read_again(installed: Path, tmp_path: Path) -> None:
    target = tmp_path / "examples"
    report = import_installation(installed, {}, target)
    assert outcomes(report, "requests") == {
        "my.toml": "taken_over",
        "gradio_outputs/batch_1/broken.json": "skipped",
        "gradio_outputs/batch_1/cover.json": "noted",
        "gradio_outputs/batch_1/first.json": "taken_over",
    }
    example = read_example(target / "gradio-outputs-batch-1-first.json")
    assert (example.prompt, example.lyrics, example.language) == (
        "slow jazz with brushes",
        "[Verse]\nhello",
        "en",
    )
    assert (example.bpm, example.metre, example.key, example.seconds) == (96, "3/4", "F minor", 12)
    assert (example.seed, example.engine, example.options) == (4711, "acestep", {"steps": 12})
    said = sentence(report, "requests", "gradio_outputs/batch_1/first.json")
    assert "Without a counterpart here: audio_codes." in said
    assert "Not known: mood_slider." in said
    assert read_example(target / "my.json").options == {"model": "acestep_v15_base"}
    cover = sentence(report, "requests", "gradio_outputs/batch_1/cover.json")
    assert "`bandmate cover 'a b.wav' 8-bit --strength 0.75 --engine acestep -o cover.wav`" in cover


def test_a_second_run_does_nothing_new(installed: Path, tmp_path: Path) -> None:
    import_installation(installed, {})
    home = snapshot(tmp_path / "home")
    report = import_installation(installed, {})
    parts = ("models", "settings", "requests")
    assert "taken_over" not in {outcome for part in parts for outcome in outcomes(report, part).values()}
    assert outcomes(report, "models") == {"ace_step1.5": "already_here", "acestep_v15_base": "already_here"}
    assert snapshot(tmp_path / "home") == home


def test_a_dry_run_says_the_same_and_changes_nothing(installed: Path, tmp_path: Path) -> None:
    dry = import_installation(installed, {}, dry_run=True)
    assert not [
        path for path in (tmp_path / "home").rglob("*") if path.name in ("model_folders.json", "server.toml")
    ]
    assert linked_folder(models_named("ace_step1.5")[0].model) is None
    assert not (tmp_path / "home" / "data" / "examples").exists()
    wet = import_installation(installed, {})
    assert (dry.models, dry.settings, dry.requests) == (wet.models, wet.settings, wet.requests)
    assert "Nothing was changed" in list(dry.lines())[-1]


def test_damaged_and_incomplete_models_are_said_and_skipped(installed: Path) -> None:
    there = installed / "checkpoints"
    weights = there / "acestep-v15-base" / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    shutil.copytree(there / "acestep-v15-turbo", there / "acestep-v15-sft")
    (there / "acestep-v15-sft" / "silence_latent.pt").unlink()
    shutil.copytree(there / "acestep-v15-turbo", there / "acestep-v15-turbo-of-mine")
    report = import_installation(installed, {})
    assert outcomes(report, "models") == {
        "ace_step1.5": "taken_over",
        "acestep_v15_sft": "skipped",
        "acestep_v15_base": "skipped",
        "acestep-v15-turbo-of-mine": "skipped",
    }
    assert "model.safetensors: its bytes have changed" in sentence(report, "models", "acestep_v15_base")
    assert "silence_latent.pt is missing" in sentence(report, "models", "acestep_v15_sft")
    assert "does not know this model" in sentence(report, "models", "acestep-v15-turbo-of-mine")


def test_files_without_noted_hashes_are_checked_by_length(installed: Path) -> None:
    there = installed / "checkpoints"
    for place in (there, there / "acestep-v15-base"):
        shutil.rmtree(place / ".cache")
    with (there / "acestep-v15-base" / "model.safetensors").open("ab") as file:
        file.write(b"more")
    report = import_installation(installed / "checkpoints", {})
    assert "its hashes unknown" in sentence(report, "models", "ace_step1.5")
    assert "bytes instead of" in sentence(report, "models", "acestep_v15_base")


def test_links_of_the_users_own_are_followed(installed: Path, tmp_path: Path) -> None:
    """To another disk, say: such a link leads to a file whose name is no hash."""
    weights = installed / "checkpoints" / "acestep-v15-base" / "model.safetensors"
    other = tmp_path / "other-disk.safetensors"
    shutil.move(weights, other)
    weights.symlink_to(other)
    assert outcomes(import_installation(installed, {}), "models")["acestep_v15_base"] == "taken_over"


def test_checkpoints_elsewhere_are_found_by_the_variable(installed: Path, tmp_path: Path) -> None:
    shutil.move(installed / "checkpoints", tmp_path / "shared models")
    assert import_installation(installed, {}).models == []
    named = {"ACESTEP_CHECKPOINTS_DIR": "../shared models", "PATH": "/x"}
    report = import_installation(installed, named)
    assert outcomes(report, "models")["ace_step1.5"] == "taken_over"
    assert "PATH" not in outcomes(report, "settings")


def test_what_moved_away_is_missing_and_can_be_taken_over_again(installed: Path, tmp_path: Path) -> None:
    import_installation(installed, {})
    model = models_named("ace_step1.5")[0].model
    moved = shutil.move(installed, tmp_path / "moved")
    assert find_model(model) is None
    import_installation(Path(moved), {})
    assert find_model(model) == tmp_path / "moved" / "checkpoints"


def test_a_removed_model_stays_where_it_is(installed: Path) -> None:
    import_installation(installed, {})
    before = snapshot(installed)
    result = CliRunner().invoke(bandmate, ["models", "remove", "acestep_v15_base"])
    assert "no longer used from" in result.output
    assert find_model(models_named("acestep_v15_base")[0].model) is None
    assert find_model(models_named("ace_step1.5")[0].model) is not None
    assert snapshot(installed) == before


def test_a_setting_that_is_there_already_is_kept(installed: Path) -> None:
    settings_file().parent.mkdir(parents=True)
    settings_file().write_text("jobs_in_all = 7 # mine\n")
    report = import_installation(installed, {})
    assert "server.toml has 7" in sentence(report, "settings", "ACESTEP_QUEUE_MAXSIZE")
    assert settings_file().read_text() == "jobs_in_all = 7 # mine\n"


@pytest.mark.parametrize("value", ["many", "0", "1e99", "-3"])
def test_a_setting_that_cannot_be_is_said_and_skipped(installed: Path, value: str) -> None:
    (installed / ".env").write_text(f"ACESTEP_QUEUE_MAXSIZE={value}\n")
    assert outcomes(import_installation(installed, {}), "settings") == {"ACESTEP_QUEUE_MAXSIZE": "skipped"}
    assert not settings_file().exists()


@pytest.mark.parametrize("what", ["nothing", "a file", "empty", "gguf"])
def test_a_folder_without_anything_of_it_is_refused(tmp_path: Path, what: str) -> None:
    folder = tmp_path / "there"
    if what == "a file":
        folder.write_text("x")
    elif what != "nothing":
        folder.mkdir()
        if what == "gguf":
            (folder / "dit.gguf").write_bytes(b"GGUF")
    with pytest.raises(RequestError) as caught:
        import_installation(folder, {})
    assert caught.value.code == "file_unusable"
    assert str(folder) in caught.value.sentence
    assert ("GGUF" in caught.value.sentence) == (what == "gguf")


def test_saved_files_that_mean_harm_are_skipped(installed: Path, tmp_path: Path) -> None:
    odd = installed / "odd"
    odd.mkdir()
    (odd / "deep.json").write_text("[" * 100_000)
    (odd / "large.json").write_text(json.dumps({"caption": "x" * (1 << 20), "task_type": "text2music"}))
    (odd / "types.json").write_text(
        json.dumps(
            {"caption": "y", "bpm": [1], "duration": {"a": 1}, "seed": "x", "keyscale": 5, "thinking": []}
        )
    )
    (odd / "other.json").write_text(json.dumps({"caption": "z", "task_type": "../../x", "lyrics": None}))
    (odd / "bytes.json").write_bytes(b"\xff\xfe\x00")
    os.symlink(tmp_path, odd / "outside")
    target = tmp_path / "examples"
    found = outcomes(import_installation(installed, {}, target), "requests")
    assert found["odd/deep.json"] == found["odd/bytes.json"] == "skipped"
    assert "odd/large.json" not in found
    assert found["odd/types.json"] == "taken_over"
    assert read_example(target / "odd-types.json").prompt == "y"
    assert found["odd/other.json"] == "noted"
    assert not any("outside" in name for name in found)


def test_an_env_file_is_read_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(
        b'\xef\xbb\xbfA=1\r\n# B=2\r\n\r\n export C = \'x # y\' # z\r\nD="a \\" b"\r\nE=x#y\r\nF= #only\r\n'
        b'G="C:\\models"\r\nnonsense\r\nH="open\r\n9=1\r\nA=2\r\nI=' + b"x" * 5000
    )
    values, faults = read_env_file(path)
    assert values == {"A": "2", "C": "x # y", "D": 'a " b', "E": "x#y", "F": "", "G": "C:\\models"}
    assert [fault.split()[1] for fault in faults] == ["9", "10", "11", "13"]
    assert read_env_file(tmp_path / "none") == ({}, [])


def test_every_model_of_theirs_has_its_name_here() -> None:
    folders = [each.folder or each.model.hub_id.split("/")[1] for each in (*VARIANTS, *PLANNERS)]
    names = [each.name for each in (*VARIANTS, *PLANNERS)]
    assert [model_name(folder) for folder in folders] == names
    assert model_name("/x/checkpoints/acestep-v15-turbo/") == "ace_step1.5"
    assert "en" in get_args(LanguageCode)


@pytest.mark.parametrize("task", ["cover", "cover-nofsq", "repaint", "lego", "complete", "extract"])
def test_the_command_for_a_task_on_a_recording_can_be_typed(installed: Path, task: str) -> None:
    raw = {
        "task_type": task, "caption": "it's 'loud'", "src_audio": "C:\\my song.wav", "track_name": "Drums",
        "repainting_start": 1.5, "repainting_end": 4,
    }  # fmt: skip
    (installed / "one.json").write_text(json.dumps(raw))
    said = sentence(import_installation(installed, {}), "requests", "one.json")
    words = shlex.split(said[1 : said.index("` does")])
    assert typed(words[1:]).params["words"][0] == "C:\\my song.wav"


def test_every_command_on_the_page_can_be_typed() -> None:
    page = (PAGES / "docs" / "from-acestep.md").read_text("utf-8")
    commands = re.findall(r"`bandmate ([^`]+)`", page)
    assert len(commands) > 15
    for command in commands:
        typed(shlex.split(command))


def test_the_command_prints_the_report(installed: Path) -> None:
    runner = CliRunner()
    dry = runner.invoke(bandmate, ["import-acestep", str(installed), "--dry-run"])
    assert dry.exit_code == 0, dry.output
    assert "ace_step1.5: used from" in dry.output
    assert dry.output.rstrip().endswith("Nothing was changed; this was a dry run.")
    result = runner.invoke(bandmate, ["import-acestep", str(installed), "--json"])
    assert result.exit_code == 0, result.exception
    shown: dict[str, Any] = json.loads(result.output)
    assert [model["outcome"] for model in shown["models"]] == ["taken_over", "taken_over"]


@pytest.fixture
def wire(installed: Path, tmp_path: Path) -> Iterator[Wire]:
    environ = {"HF_HUB_CACHE": str(tmp_path / "cache"), "OMP_NUM_THREADS": "1"}
    running = RunningServer(tmp_path / "home", environ=environ).start()
    with Wire(running) as connected:
        yield connected
    assert running.stop() == 0, running.log


def test_music_is_made_with_what_was_taken_over_while_the_server_runs(installed: Path, wire: Wire) -> None:
    import_installation(installed, {})
    accepted = wire.submit("generate", {"prompt": "slow jazz"}, timeline=timeline_of(2.0, 48_000), seed=5)
    assert isinstance(accepted, Accepted), accepted
    done = wire.end(accepted.job, _PATIENCE_S)
    assert isinstance(done, Done), done
    assert (accepted.engine, done.report["model"]) == ("acestep", "ace_step1.5")
    audio = np.frombuffer(bytes(wire.audio[accepted.job, 0]), "<f4").reshape(-1, 2)
    assert len(audio) == 2 * 48_000
    assert np.abs(audio).max() > 0
