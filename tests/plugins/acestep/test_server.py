"""The engine through a whole server: chosen by itself, streamed, repeated, and passed over."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from bandmate_plugins._models.place import MIRROR
from bandmate_protocol.messages import Accepted, ChordMark, Done, Input, Redo
from tests.running import RunningServer
from tests.server.test_separate import packed
from tests.server.wire import Wire, timeline_of

_PATIENCE_S = 200.0
"""The first job waits for torch."""


@pytest.fixture(scope="module")
def wire(hub: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    models = tmp_path_factory.mktemp("models")
    shutil.copytree(hub / "ACE-Step" / "Ace-Step1.5", models / "ACE-Step" / "Ace-Step1.5")
    environ = {MIRROR: str(models), "HF_HUB_CACHE": str(models / "cache"), "OMP_NUM_THREADS": "1"}
    running = RunningServer(tmp_path_factory.mktemp("home"), environ=environ).start()
    with Wire(running) as connected:
        yield connected
    assert running.stop() == 0, running.log


def run(
    wire: Wire, task: str, params: dict[str, object], **more: object
) -> tuple[Accepted, Done, np.ndarray]:
    accepted = wire.submit(task, params, **more)
    assert isinstance(accepted, Accepted), accepted
    done = wire.end(accepted.job, _PATIENCE_S)
    assert isinstance(done, Done), done
    return accepted, done, np.frombuffer(bytes(wire.audio[accepted.job, 0]), "<f4").reshape(-1, 2)


def test_a_song_is_made_repeated_and_covered_through_the_server(wire: Wire) -> None:
    params = {"prompt": "slow jazz", "lyrics": "[Verse]\nhello", "language": "en"}
    accepted, done, audio = run(wire, "generate", params, timeline=timeline_of(2.0, 44_100), seed=5)
    assert (accepted.engine, done.report["model"]) == ("acestep", "ace_step1.5")
    assert "best engine that makes music from text" in accepted.reason
    assert len(audio) == 2 * 44_100
    _, _, again = run(wire, "generate", params, timeline=timeline_of(2.0, 44_100), seed=5)
    assert np.array_equal(audio, again)
    given = Input(role="source", sha256=wire.upload(packed(audio, 44_100, "WAV", "FLOAT")))
    covered, _, cover = run(
        wire, "cover", {"prompt": "8-bit"}, timeline=timeline_of(2.0, 44_100), inputs=(given,), seed=5
    )
    assert covered.engine == "acestep"
    assert cover.shape == audio.shape
    assert not np.array_equal(cover, audio)


def test_a_guide_is_in_the_report_and_in_the_recipe_and_a_redo_has_the_same(wire: Wire) -> None:
    timeline = msgspec.structs.replace(
        timeline_of(2.0, 44_100), chords=(ChordMark(position=0, symbol="Ebm7"),)
    )
    params = {"prompt": "upright bass", "fit": "off"}
    accepted, done, audio = run(wire, "generate", params, timeline=timeline, seed=5)
    assert accepted.engine == "acestep"
    assert done.report["guide"]["from"] == "project"
    asked = wire.ask(Redo(request="again", job=accepted.job, seed=5))
    assert isinstance(asked, Accepted)
    repeated = wire.end(asked.job, _PATIENCE_S)
    assert isinstance(repeated, Done)
    assert repeated.report["guide"] == done.report["guide"]
    assert repeated.report["recipe"]["guide"] == done.report["guide"]["sha256"]
    assert np.array_equal(audio, np.frombuffer(bytes(wire.audio[asked.job, 0]), "<f4").reshape(-1, 2))
    # Chords that are given go to it as well.
    params = {"prompt": "upright bass", "chords": "Am F"}
    given, done, _ = run(wire, "generate", params, timeline=timeline_of(2.0, 44_100))
    assert (given.engine, done.report["guide"]["from"]) == ("acestep", "given")


def test_without_a_base_model_another_engine_accompanies_and_the_reason_says_so(wire: Wire) -> None:
    tone = 0.2 * np.sin(np.arange(44_100) / 20).astype(np.float32)[:, None]
    given = Input(role="source", sha256=wire.upload(packed(tone, 44_100, "WAV", "FLOAT")))
    asked = {"timeline": timeline_of(1.0, 44_100), "inputs": (given,)}
    accepted = wire.submit("accompany", {"prompt": "jazz trio"}, **asked)
    assert isinstance(accepted, Accepted)
    assert accepted.engine == "sketch"
    refused = wire.submit("accompany", {"prompt": "jazz trio"}, engine="acestep", **asked)
    assert "models pull acestep_v15_base" in refused.sentence
    assert refused.models == ("acestep_v15_base",)
