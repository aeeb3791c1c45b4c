"""The task `pull` through a whole server: a model comes from a stand-in of the hub and is used then."""

import io
import random

import numpy as np
import pytest
import soundfile

from bandmate_protocol.messages import Cancel, Describe, Done, Error, Failed, Input, ListJobs, Slot, StoreSlot
from bandmate_protocol.session import JobProgress
from tests.plugins.models.hub import Hub

NAME = "adefossez/HTDemucs"
WEIGHTS = random.Random(1).randbytes(6_000_000)


@pytest.fixture(scope="module")
def hub():
    with Hub() as hub:
        yield hub


@pytest.fixture(autouse=True)
def _stocked(hub):
    hub.repositories = {NAME: {"htdemucs.yaml": b"models: ['955717e8']", "955717e8.safetensors": WEIGHTS}}
    hub.licences = {NAME: "mit"}
    hub.sent.clear()
    hub.gated.clear()
    hub.sizes.clear()
    hub.pause_seconds = 0.0


@pytest.fixture(scope="module")
def server(hub, tmp_path_factory):
    with hub.server(tmp_path_factory.mktemp("home")) as running:
        yield running


def blobs(server):
    return sorted((server.home / "hf" / "hub").glob("models--adefossez--HTDemucs/blobs/*"))


def test_without_weights_the_command_that_fetches_them_is_named_and_the_engine_that_needs_none(wire):
    refused = wire.submit("separate", engine="demucs", inputs=(given(wire),))
    assert isinstance(refused, Error)
    assert refused.code == "engine_unavailable"
    assert "bandmate models pull htdemucs" in refused.sentence
    assert "Ready for `separate`: dsp." in refused.remedy
    accepted = wire.submit("separate", inputs=(given(wire),))
    assert accepted.engine == "dsp"
    assert isinstance(wire.end(accepted.job, 120), Done)


def pulled(wire, params):
    """How a pull ends. Its worker is started for it alone, which takes long on a machine that is busy."""
    return wire.end(wire.submit("pull", params).job, 120)


def given(wire):
    """A second of a tone, as a source."""
    buffer = io.BytesIO()
    tone = 0.1 * np.sin(np.arange(48_000) / 20)
    soundfile.write(buffer, np.stack((tone, tone), axis=1), 48_000, format="WAV")
    return Input(role="source", sha256=wire.upload(buffer.getvalue()))


def test_to_ask_is_no_mistake(wire, hub):
    done = pulled(wire, {"model": "htdemucs", "only_ask": True})
    assert done.report["licence"] == "mit"
    assert done.report["models"][0]["missing_bytes"] == len(WEIGHTS) + 20
    assert not hub.sent


def test_the_licence_is_shown_and_nothing_comes_before_it_is_accepted(server, wire, hub):
    for given, words in (("", "licence: mit"), ("gpl", "licence: mit, not gpl")):
        failed = pulled(wire, {"model": "htdemucs", "licence": given})
        assert isinstance(failed, Failed)
        assert failed.code == "not_allowed"
        assert words in failed.sentence
        assert "6.0 MB to download" in failed.sentence
        assert "research only" in failed.sentence
        assert failed.remedy.endswith("mit")
    assert not hub.sent


@pytest.mark.parametrize(
    ("params", "code", "words"),
    [
        ({"model": "htdmucs"}, "no_such_engine", "htdmucs"),
        ({"model": "htdemucs", "licence": "mit", "most_gb": 0.001}, "bad_params", "6.0 MB"),
        ({}, "bad_params", "Model"),
    ],
)
def test_what_cannot_be_fetched_is_said(wire, hub, params, code, words):
    failed = pulled(wire, params)
    assert isinstance(failed, Failed)
    assert failed.code == code
    assert words in failed.sentence + failed.remedy
    assert not hub.sent


def test_what_the_disk_does_not_hold_is_not_begun(wire, hub):
    hub.sizes["955717e8.safetensors"] = 9 * 10**12
    failed = pulled(wire, {"model": "htdemucs", "licence": "mit", "most_gb": 10_000})
    assert failed.code == "disk_full"
    assert "needs 9000.0 GB" in failed.sentence
    assert not hub.sent


def test_a_cancel_keeps_what_came_and_others_work_meanwhile(server, wire, hub):
    hub.pause_seconds = 0.05
    accepted = wire.submit("pull", {"model": "htdemucs", "licence": "MIT"})
    wire.until(
        lambda event: (
            isinstance(event, JobProgress)
            and event.message.job == accepted.job
            and event.message.step >= 1_000_000
        ),
        120,
    )
    # The CPU's lane is free: a job goes through while the download runs.
    assert isinstance(wire.run("noise"), Done)
    listed = wire.ask(ListJobs(request="l", prefix=accepted.job))
    assert listed.jobs[0].state == "running"
    wire.send(Cancel(job=accepted.job))
    assert type(wire.end(accepted.job)).__name__ == "Cancelled"
    (part,) = [path for path in blobs(server) if path.suffix == ".incomplete"]
    came = part.stat().st_size
    assert 1_000_000 <= came < len(WEIGHTS)
    assert part.read_bytes() == WEIGHTS[:came]
    assert not status(wire, "demucs").models[0].present

    hub.pause_seconds = 0.0
    begun = len(wire.events)
    done = pulled(wire, {"model": "htdemucs", "licence": "mit"})
    assert isinstance(done, Done), done
    assert [start for file, start in hub.sent if file == "955717e8.safetensors"] == [0, came]
    steps = [event.message for event in wire.events[begun:] if isinstance(event, JobProgress)]
    assert {"Downloading htdemucs"} <= {step.stage for step in steps}
    assert steps[-1].step == steps[-1].steps == len(WEIGHTS) - came
    assert done.report["licence"] == "mit"
    assert done.report["models"][0]["size_bytes"] == len(WEIGHTS) + 20
    # Weights that came make the engine ready in the server that runs.
    assert status(wire, "demucs").status == "ready"
    assert [model.present for model in status(wire, "demucs").models] == [True, False, False]
    again = pulled(wire, {"model": "htdemucs", "licence": "mit"})
    assert again.remarks == ("htdemucs: already complete.",)


def status(wire, engine):
    catalogue = wire.ask(Describe(request=wire.session.new_request_id()))
    return next(each for each in catalogue.engines if each.name == engine)


def test_no_slot_takes_a_download(wire):
    slot = Slot(number=1, name="Free weights", task="pull", params={"model": "htdemucs", "licence": "mit"})
    refused = wire.ask(StoreSlot(request="s", slot=slot))
    assert isinstance(refused, Error)
    assert refused.code == "not_allowed"
