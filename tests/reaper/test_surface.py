"""An OSC surface acts on the project in REAPER, through the agent, and sees what becomes of it."""

import time

import pytest

from tests.reaper.model import Track
from tests.server.osc.surface import Surface


@pytest.fixture
def surface(stage, osc_port):
    """Subscribed, with REAPER's project in focus."""
    found = Surface(osc_port)
    found.subscribe()
    stage.project.tracks = [Track("Voice"), Track("Keys", selected=True)]
    stage.project.selection = (4.0, 8.0)
    stage.action("Panel")
    wanted = {"track": "Keys", "start": 4.0, "seconds": 4.0}
    until(stage, found, lambda: {what: found.last(f"selection/{what}") for what in wanted} == wanted)
    yield found
    found.send("unsubscribe")
    found.close()


def until(stage, surface, so):
    """REAPER goes on and the surface hears, until it is so."""

    def heard():
        surface.hear()
        return so()

    stage.reaper.run_until(heard, 60)


def test_a_press_generates_into_the_selected_range_and_the_states_come_in_order(stage, surface):
    surface.send("param/generate/prompt", "drums, bass")
    surface.send("task/generate", 1.0)
    surface.send("task/generate", 0.0)
    until(stage, surface, lambda: surface.last("job/state") == "done")
    stage.reaper.run_until(lambda: not stage.running)
    states = [state for state in surface.every("job/state") if state != "idle"]
    assert states == sorted(states, key=["asked", "queued", "running", "done"].index)
    assert {"asked", "done"} <= set(states)
    assert surface.every("job/progress") == sorted(surface.every("job/progress"))
    assert surface.last("job/progress") == 1.0
    # It goes into the selected track, which is empty: as a mix.
    assert [surface.last(f"stem/{number}/name") for number in (1, 2)] == ["Mix", ""]
    keys = stage.project.tracks[1]
    assert [(item.position, item.values["D_LENGTH"]) for item in keys.items] == [(4.0, 4.0)]
    assert stage.undone() == ["Bandmate: drums, bass"]


def test_what_reaper_cannot_do_is_said_on_the_surface(stage, surface):
    surface.send("task/repaint")
    until(stage, surface, lambda: surface.last("job/state") == "failed")
    assert "item" in str(surface.last("error")).lower()
    assert stage.undone() == []


def test_a_press_cancels_the_job_in_reaper(stage, surface):
    stage.project.selection = (4.0, 604.0)
    until(stage, surface, lambda: surface.last("selection/seconds") == 600.0)
    surface.send("param/generate/prompt", "funk band")
    surface.send("task/generate", 1)
    until(stage, surface, lambda: surface.last("job/state") == "running")
    time.sleep(0.05)
    surface.send("job/cancel", 1)
    until(stage, surface, lambda: surface.last("job/state") == "cancelled")
    stage.reaper.run_until(lambda: not stage.running)
