"""The scripts call what REAPER has; and the stand-in is as strict as it says."""

import re

import pytest

from bandmate_protocol.version import __version__
from tests.reaper.model import Project
from tests.reaper.reaper_double import Reaper
from tests.reaper.signatures import IMGUI, NAMES
from tests.reaper.stage import SCRIPTS

FILES = sorted(SCRIPTS.rglob("*.lua"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_call_is_in_the_reference(file):
    called = set(re.findall(r"reaper\.(\w+)", file.read_text()))
    assert called <= set(NAMES | IMGUI)
    if called & set(IMGUI):
        assert {f"ImGui_{name}" for name in re.findall(r"\bim\.(\w+)", file.read_text())} <= set(IMGUI)


def test_no_script_opens_a_dialog_or_a_global():
    for file in FILES:
        text = file.read_text()
        assert not re.search(r"reaper\.(MB|GetUserInputs|ShowMessageBox)\b", text), file
        assert not re.search(r"^\w+ = ", text, re.MULTILINE), file


def test_the_scripts_are_of_this_version():
    assert f'"{__version__}"' in (SCRIPTS / "bandmate" / "version.lua").read_text()


@pytest.fixture
def reaper(tmp_path) -> Reaper:
    return Reaper(tmp_path, Project(tmp_path), {})


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("reaper.CountTrax(0)", "CountTrax"),
        ("reaper.CountTracks(0, 1)", "takes 1 arguments"),
        ("reaper.GetTrack(0)", "takes 2 arguments"),
        ("reaper.GetTrack(0, 'first')", "is a integer"),
        ("reaper.GetTrack(0, 1.5)", "is a integer"),
        ("reaper.SetExtState('a', 'b', 'c', 1)", "is a boolean"),
        ("reaper.InsertTrackAtIndex(0, false)", "outside an undo block"),
        ("reaper.Undo_BeginBlock2(0)", "open beyond its tick"),
        ("reaper.PreventUIRefresh(1)", "not balanced"),
        (
            "reaper.Undo_BeginBlock2(0) reaper.Undo_BeginBlock2(0) reaper.Undo_EndBlock2(0, 'a', -1)",
            "must not nest",
        ),
        ("reaper.MB('Really?', 'Bandmate', 4)", "modal"),
        ("reaper.ShowConsoleMsg('hello')", "raises a window"),
        ("pcall(reaper.GetTrack, 0)", "takes 2 arguments"),
        ("reaper.mine = 1", "mine"),
    ],
)
def test_the_stand_in_refuses(reaper, tmp_path, code, problem):
    script = tmp_path / "script.lua"
    script.write_text(code)
    with pytest.raises(Exception, match=problem):
        reaper.run_script(script)
    if reaper.mistakes:
        assert problem in " ".join(reaper.mistakes)


def test_a_deleted_track_is_a_dead_pointer(reaper, tmp_path):
    script = tmp_path / "script.lua"
    script.write_text(
        "reaper.Undo_BeginBlock2(0) reaper.InsertTrackAtIndex(0, false)\n"
        "local track = reaper.GetTrack(0, 0) reaper.DeleteTrack(track)\n"
        "reaper.Undo_EndBlock2(0, 'both', -1) reaper.GetTrackGUID(track)"
    )
    with pytest.raises(Exception, match="not there any more"):
        reaper.run_script(script)
