"""What is on a stand-in of the hub, and the panel that a musician fetches it by, drawn in either way."""

import random
import shutil
import time
from collections.abc import Callable

from bandmate_bridge.client import Client
from bandmate_protocol.messages import Invoke, Invoked
from tests.patience import PATIENCE_SECONDS
from tests.plugins.models.hub import Hub
from tests.reaper.imgui_double import CONSTANTS
from tests.running import RunningServer

REPOSITORY = "adefossez/HTDemucs"
WEIGHTS = "955717e8.safetensors"
DATA = random.Random(1).randbytes(6_000_000)


def stock(hub: Hub, server: RunningServer) -> None:
    """The hub has one model, whole and near, and the server has none of it."""
    shutil.rmtree(server.home / "hf", ignore_errors=True)
    for pins in server.home.rglob("models.json"):
        pins.unlink()
    hub.repositories = {REPOSITORY: {"htdemucs.yaml": b"models: ['955717e8']", WEIGHTS: DATA}}
    hub.licences = {REPOSITORY: "mit"}
    hub.sent.clear()
    hub.gated.clear()
    hub.break_after, hub.gone_after_break, hub.corrupt, hub.pause_seconds = None, False, False, 0.0


def invoked(stage, **wish) -> Invoked:
    """A surface's wish for the project in REAPER, which the server may not know yet, and the answer."""
    with Client.connect(stage.server.address, token=stage.server.token) as client:
        while True:
            client.send(Invoke(request="i", **wish))
            while (answer := client.poll(0.005)) is None:
                stage.reaper.tick()
            if isinstance(answer, Invoked):
                return answer


class View:
    """What the panel shows, and what is done to it."""

    def __init__(self, stage, *, imgui: bool) -> None:
        self.stage = stage
        self.imgui = imgui
        if imgui:
            stage.reaper.install_imgui()

    def open(self) -> None:
        self.stage.action("Panel")
        self.until(lambda: "Separate" in self.texts)

    @property
    def texts(self) -> list[str]:
        if self.imgui:
            return self.stage.reaper.imgui.texts if self.stage.reaper.imgui else []
        return self.stage.reaper.service.gfx.texts

    @property
    def said(self) -> str:
        """All of it, as lines are read on."""
        return " ".join(self.texts)

    def until(self, found: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
        self.stage.reaper.run_until(found, seconds)

    def until_said(self, *words: str) -> None:
        self.until(lambda: all(word in self.said for word in words))

    def ticks(self, count: int) -> None:
        for _ in range(count):
            self.stage.reaper.tick()
            time.sleep(0.01)

    def click(self, label: str) -> None:
        """The first element of that label."""
        self.until(lambda: label in self.texts)
        if self.imgui:
            self.stage.reaper.play(click=label)
            self.ticks(2)
            return
        gfx = self.stage.reaper.service.gfx
        gfx.click(*gfx.find(label))
        self.ticks(1)
        gfx.release()
        self.ticks(2)

    def press_enter(self) -> None:
        """Runs the form."""
        if self.imgui:
            self.stage.reaper.play(key=CONSTANTS["Key_Enter"])
        else:
            self.stage.reaper.service.gfx.keys.append(13)
        self.ticks(2)

    def list_of(self, engine: str) -> None:
        """The models of an engine."""
        self.click("Models")
        self.click(engine)

    def offered(self) -> None:
        """HTDemucs is asked about in the list, and the hub's answer is there."""
        self.list_of("demucs")
        self.click("Download ...")
        self.until_said("Accept the licence and download")

    def fetching(self) -> None:
        """HTDemucs is accepted, and on its way."""
        self.offered()
        self.click("Accept the licence and download")
        self.until_said("Downloading htdemucs", " of 6.0 MB, ")
