"""The panel where ReaImGui is installed: the same panel, drawn by it."""

import time

import pytest

from tests.reaper.model import Tempo, Track

pytestmark = pytest.mark.parametrize("lua", ["5.3", "5.4"], indirect=True)
ENTER, ESCAPE = 525, 526


@pytest.fixture
def panel(stage):
    stage.project.tracks = [Track("Guitar", selected=True), Track("Voice")]
    stage.project.tempo = [Tempo(0.0, 120.0, 4, 4)]
    stage.reaper.install_imgui()
    stage.action("Generate into track")
    stage.reaper.run_until(lambda: "Generate" in texts(stage))
    return stage.reaper


def texts(stage) -> list[str]:
    return stage.reaper.imgui.texts if stage.reaper.imgui else []


def ticks(stage, count=2):
    for _ in range(count):
        stage.reaper.tick()
        time.sleep(0.005)


def test_typing_and_enter_generate(stage, panel):
    assert not stage.reaper.service.gfx.is_open
    assert panel.imgui.focused == "##prompt"
    stage.project.selection = (0.0, 4.0)
    stage.forget_jobs()
    panel.play(type_into="prompt", text="drums, ü 日")
    ticks(stage)
    assert panel.imgui.buffers["##prompt"] == "drums, ü 日"
    panel.play(key=ENTER)
    stage.finish()
    ticks(stage)
    assert stage.undone() == ["Bandmate: drums, ü 日"]
    assert any(text.startswith("Done in") for text in texts(stage))
    panel.play(key=ESCAPE)
    ticks(stage, 4)
    stage.action("Panel")
    ticks(stage)
    assert "Generate" in texts(stage)


def test_tasks_settings_and_cancel_by_clicks(stage, panel):
    panel.play(click="Cover")
    ticks(stage)
    assert "A new take" in texts(stage)
    panel.play(type_into="strength", text="7.5")
    ticks(stage)
    panel.play(click="Generate")
    ticks(stage)
    panel.play(click="Cover")
    ticks(stage)
    assert panel.imgui.buffers["##strength"] == "1"
    panel.play(click="Settings")
    ticks(stage)
    panel.play(click="With effects")
    ticks(stage)
    assert '"input":"render"' in stage.reaper.kept["bandmate", "settings"]
    panel.play(click="Settings")
    ticks(stage)
    panel.play(click="Generate")
    ticks(stage)
    stage.project.selection = (0.0, 400.0)
    stage.forget_jobs()
    panel.play(type_into="prompt", text="jazz trio")
    ticks(stage)
    panel.play(key=ENTER)
    stage.reaper.run_until(lambda: "Cancel" in texts(stage))
    panel.play(click="Cancel")
    stage.finish()
    assert stage.project.items() == []


def test_the_window_is_hidden_or_closed(stage, panel):
    """A hidden window draws nothing and must not be ended; a closed one ends the panel."""
    panel.imgui_visible = False
    ticks(stage, 3)
    panel.imgui_visible = True
    ticks(stage)
    panel.imgui_open = False
    ticks(stage, 3)
    panel.imgui_open = True
    calls = stage.reaper.calls["ImGui_Begin"]
    ticks(stage, 3)
    assert stage.reaper.calls["ImGui_Begin"] == calls


def test_a_reaimgui_that_fails_leaves_the_panel_to_gfx(stage, panel):
    panel.imgui_breaks = True
    with pytest.raises(AssertionError, match="another ReaImGui"):
        stage.reaper.tick()
    stage.reaper.mistakes.clear()
    ticks(stage, 3)
    assert "Generate" in stage.reaper.service.gfx.texts
    assert "ReaImGui cannot draw the panel" in stage.reaper.console[0]
