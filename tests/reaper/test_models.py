"""Models in the panel: what there is, what one costs, fetched beside other jobs, and what goes wrong."""

import contextlib
import re
import time

import pytest

from bandmate_bridge.client import Client
from bandmate_bridge.reaper.agent.models import keep_absent_models, model_ready_text
from bandmate_bridge.reaper.mailbox_messages import AgentAlive, JobDone, WorkFailed
from bandmate_bridge.runs.pull_model import fetch_params, pull_request
from bandmate_protocol.messages import Catalogue, EngineInfo, ModelInfo
from tests.patience import PATIENCE_SECONDS
from tests.plugins.models.hub import Hub
from tests.reaper.model import Project, Track
from tests.reaper.models_stage import DATA, REPOSITORY, WEIGHTS, View, invoked, stock
from tests.reaper.pictures import source_item
from tests.reaper.stage import Stage
from tests.running import RunningServer

ACCEPT = "Accept the licence and download"
CHUNK = 1 << 18
"""Bytes that lie on the disk at a time; less than that is lost when a line breaks."""
SLOW = 0.5
"""Seconds a piece of 100 kB: a pull that is still on its way when an agent was started anew."""


@pytest.fixture(scope="module")
def hub():
    with Hub() as hub:
        yield hub


@pytest.fixture(scope="module")
def server(hub, tmp_path_factory):
    with hub.server(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture(params=[False, True], ids=["gfx", "imgui"])
def either(request, hub, server, stage):
    """The panel drawn in either way."""
    stock(hub, server)
    view = View(stage, imgui=request.param)
    view.open()
    return view


@pytest.fixture
def view(hub, server, stage):
    stock(hub, server)
    view = View(stage, imgui=False)
    view.open()
    return view


def starts(hub) -> list[int]:
    """From which byte on the weights were fetched."""
    return [start for file, start in hub.sent if file == WEIGHTS]


def test_a_model_is_listed_offered_and_fetched_while_music_is_made(either, stage, hub):
    view = either
    view.list_of("demucs")
    for words in ("Drums, bass, vocals and other", "84.0 MB", "HTDemucs needs weights", "research only"):
        assert words in view.said
    view.click("Download ...")
    view.until_said(ACCEPT)
    assert "6.0 MB, 6.0 MB of it to download, licence: mit." in view.said
    assert f"To the disk of the server, {stage.server.address}." in view.said
    view.click("Not now")
    assert ACCEPT not in view.said
    assert not hub.sent
    hub.pause_seconds = 0.05
    view.click("Download ...")
    view.click(ACCEPT)
    view.until_said("Downloading htdemucs", " of 6.0 MB, ")
    assert re.search(r"\d MB of 6\.0 MB, \d+ %", view.said)
    assert "downloading" in view.texts
    stage.project.selection = (0.0, 2.0)
    stage.make("generate", prompt="drums")
    assert "Installed" not in view.texts, "the music came before the model"
    hub.pause_seconds = 0.0
    view.until_said("htdemucs is installed, and the engine demucs is ready.")
    assert "installed" in view.texts
    view.click("Close")
    assert "Downloading htdemucs" not in view.said
    # Its engine can be chosen from now on.
    view.click("Models")
    view.click("Separate")
    assert {"dsp", "demucs"} <= set(view.texts)


def test_what_lacks_weights_offers_them_right_there(either, stage, hub):
    """A slot on a surface names an engine without weights."""
    view = either
    item = source_item(stage.song, 1.0)
    item.selected = True
    stage.project.tracks = [Track("Loop", items=[item])]
    answer = invoked(stage, task="separate", engine="demucs")
    assert "bandmate models pull htdemucs" in answer.sentence
    view.until_said("bandmate models pull htdemucs")
    view.click("Download htdemucs ...")
    view.until_said(ACCEPT)
    assert "Download htdemucs ..." not in view.texts
    assert "licence: mit" in view.said
    assert "Prompt" in view.texts, "the forms are still there"
    view.click(ACCEPT)
    view.until_said("htdemucs is installed")
    assert starts(hub) == [0]


def test_a_job_that_fails_for_want_of_another_model_offers_that(view, stage, hub):
    view.offered()
    view.click(ACCEPT)
    view.until_said("htdemucs is installed")
    item = source_item(stage.song, 1.0)
    item.selected = True
    stage.project.tracks = [Track("Loop", items=[item])]
    view.click("Models")
    stage.ask("separate", mode="six")
    view.until_said("No weights of HTDemucs are installed for the mode `six`.")
    assert "Download htdemucs ..." not in view.texts
    view.click("Download htdemucs_6s ...")
    # The stand-in has no such model, and the hub's answer is shown in its place.
    view.until_said("The hub no longer has adefossez/HTDemucs-6s", "Try again")


def catalogue(*, ready: bool, present: bool) -> Catalogue:
    about = {"revision": "main", "licence": "mit", "size_bytes": 1, "about": "Drums"}
    engine = EngineInfo(
        name="demucs",
        title="HTDemucs",
        abilities=("separate",),
        status="ready" if ready else "needs_weights",
        reason="" if ready else "`bandmate models pull other` fetches them.",
        models=(
            ModelInfo(name="a/one", pull="one", present=present, **about),
            ModelInfo(name="a/other", pull="other", present=False, **about),
        ),
    )
    return Catalogue(request="r", tasks=(), engines=(engine,), plugins=())


def test_what_would_help_is_offered_if_it_is_a_model_that_is_not_here():
    failed = WorkFailed(code="no_server", sentence="No.", models=("one", "other", "demucs"))
    assert keep_absent_models(failed, catalogue(ready=False, present=False)).models == ("one", "other")
    assert keep_absent_models(failed, catalogue(ready=True, present=True)).models == ("other",)
    assert keep_absent_models(failed, None).models == ()
    done = JobDone(job="abcd1234", seconds=1.0, remarks=("It was made by dsp.",), models=("one", "other"))
    assert keep_absent_models(done, catalogue(ready=True, present=True)).models == ("other",)
    assert keep_absent_models(AgentAlive(), None) == AgentAlive()


def test_what_came_says_what_it_is_for_or_what_is_lacking_still():
    said = model_ready_text(catalogue(ready=True, present=True), "one")
    assert said == "one is installed, and the engine demucs is ready. What it does: Drums."
    said = model_ready_text(catalogue(ready=False, present=True), "one")
    assert said == "one is installed. HTDemucs needs weights. `bandmate models pull other` fetches them."


def test_a_cancel_keeps_what_came_and_it_goes_on_from_there(view, hub):
    hub.pause_seconds = 0.05
    view.fetching()
    view.until(lambda: re.search(r"[1-5]\.\d MB of 6", view.said))
    view.click("Cancel")
    view.until_said("Cancelled", "What was downloaded is kept.")
    hub.pause_seconds = 0.0
    view.click("Resume")
    view.until_said("htdemucs is installed")
    assert starts(hub)[0] == 0
    assert 0 < starts(hub)[1] < len(DATA)


def test_a_line_that_breaks_is_said_and_it_goes_on_from_there(view, hub):
    hub.break_after, hub.gone_after_break = 2_000_000, True
    view.offered()
    view.click(ACCEPT)
    view.until_said("Failed", f"Accept it at https://huggingface.co/{REPOSITORY}")
    hub.gated.clear()
    view.click("Resume")
    view.until_said("htdemucs is installed")
    assert starts(hub) == [0, 2_000_000 // CHUNK * CHUNK]


def test_wrong_bytes_are_said_and_fetched_anew(view, hub):
    hub.corrupt = True
    view.offered()
    view.click(ACCEPT)
    view.until_said("has wrong bytes in", "nothing of it was kept")
    hub.corrupt = False
    view.click("Resume")
    view.until_said("htdemucs is installed")
    assert starts(hub) == [0, 0]


def test_a_licence_that_is_another_one_by_now_is_shown_anew(view, hub):
    view.offered()
    hub.licences[REPOSITORY] = "cc-by-nc-4.0"
    view.click(ACCEPT)
    view.until_said("Failed", "has this licence: cc-by-nc-4.0, not mit")
    assert not hub.sent
    view.click("Resume")
    view.until_said(ACCEPT, "licence: cc-by-nc-4.0.")
    view.click(ACCEPT)
    view.until_said("htdemucs is installed")


def test_a_killed_agent_finds_what_is_on_its_way(view, stage, hub):
    hub.pause_seconds = SLOW
    view.fetching()
    stage.kill_agent()
    view.until(lambda: len(stage.reaper.processes) == 2, 60)
    hub.pause_seconds = 0.0
    view.until_said("htdemucs is installed")
    assert starts(hub) == [0]


def test_what_came_while_the_agent_was_gone_is_said(view, stage, hub):
    hub.pause_seconds = SLOW
    view.fetching()
    stage.kill_agent()
    hub.pause_seconds = 0.0
    with Client.connect(stage.server.address, token=stage.server.token) as client:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while client.jobs(1)[0].state != "done":
            assert time.monotonic() < deadline
            time.sleep(0.05)
    view.until_said("htdemucs is installed")


def test_reaper_closed_and_opened_again(view, stage, hub):
    hub.pause_seconds = SLOW
    view.fetching()
    stage.reaper.close()
    stage.reopen(Project(stage.folder / "again"))
    view.open()
    view.until_said("Downloading htdemucs", " of 6.0 MB, ")
    hub.pause_seconds = 0.0
    view.until_said("htdemucs is installed")
    assert starts(hub) == [0]


def test_what_others_fetch_is_shown(view, stage, hub):
    hub.pause_seconds = SLOW
    with Client.connect(stage.server.address, token=stage.server.token) as client:
        pull_request(fetch_params("htdemucs", "mit", 1.0)).submit(client)
        view.click("Models")
        view.until_said("Downloading htdemucs", " of 6.0 MB, ")
        hub.pause_seconds = 0.0
        view.until_said("htdemucs is installed")


def test_no_surface_fetches(view, stage, hub):
    answer = invoked(stage, task="pull", params={"model": "htdemucs", "licence": "mit"})
    assert (answer.job, answer.sentence) == (None, "REAPER does not know the task pull.")
    assert not hub.sent


def test_a_long_list_is_scrolled(view, stage):
    """Without ReaImGui the window has its own wheel."""
    view.list_of("acestep")
    gfx = stage.reaper.service.gfx
    stage.reaper.service.gfx.table["h"] = 300
    view.ticks(2)
    assert "acestep_v15_xl_base" not in view.texts
    gfx.turn(-40)
    view.ticks(2)
    assert "acestep_v15_xl_base" in view.texts
    assert "Bandmate" not in view.texts
    gfx.turn(40)
    view.ticks(2)
    assert "Bandmate" in view.texts


@pytest.fixture
def own_server(tmp_path, hub):
    """A server that a test may kill."""
    home = tmp_path / "home"
    running = RunningServer(home, environ=hub.environ(home) | {"BANDMATE_MODELS": str(home / "none")})
    running.start()
    stock(hub, running)
    yield running
    running.stop()


@pytest.fixture
def own_stage(tmp_path, own_server):
    (tmp_path / "stage").mkdir()
    made = Stage(tmp_path / "stage", own_server)
    yield made
    made.end()


def test_a_server_that_ends_meanwhile(own_stage, own_server, hub):
    """What was seen goes on by itself; what nobody saw is left to whoever wants it."""
    hub.pause_seconds = SLOW
    with Client.connect(own_server.address, token=own_server.token) as client:
        job = pull_request(fetch_params("htdemucs", "mit", 1.0)).submit(client).job
        while client.job(job).state != "running" or not hub.sent:
            time.sleep(0.05)
    own_server.kill()
    own_server.start()
    view = View(own_stage, imgui=False)
    view.open()
    view.until_said("Interrupted", "The server stopped in the meantime")
    view.click("Resume")
    view.until_said("Downloading htdemucs", " of 6.0 MB, ")
    own_server.kill()
    own_server.start()
    hub.pause_seconds = 0.0
    view.until_said("htdemucs is installed")


def test_without_a_server_it_is_kept_for_later(own_stage, own_server, hub):
    view = View(own_stage, imgui=False)
    view.open()
    view.offered()
    own_server.kill()
    view.until_said("No server")
    view.click(ACCEPT)
    view.until_said("Failed", "There is no server yet.")
    own_server.start()
    view.until_said("Ready")
    view.click("Resume")
    view.until_said("htdemucs is installed")


@pytest.mark.parametrize("imgui", [False, True])
def test_a_hub_out_of_reach_is_a_sentence(tmp_path, imgui):
    home = tmp_path / "home"
    environ = {
        "HF_HOME": str(home / "hf"),
        "HF_ENDPOINT": "http://127.0.0.1:9",
        "BANDMATE_MODELS": str(home / "none"),
    }
    running = RunningServer(home, environ=environ).start()
    (tmp_path / "stage").mkdir()
    stage = Stage(tmp_path / "stage", running)
    try:
        view = View(stage, imgui=imgui)
        view.open()
        view.list_of("demucs")
        view.click("Download ...")
        view.until_said("adefossez/HTDemucs could not be downloaded", "Try again when you are online")
        view.click("Try again")
        view.until_said("Contacting the hub about htdemucs")
        view.click("Not now")
        assert "Contacting the hub" not in view.said
    finally:
        stage.end()
        with contextlib.suppress(Exception):
            running.stop()
