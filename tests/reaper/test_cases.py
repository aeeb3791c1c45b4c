"""What goes wrong, and what musicians do while a job runs."""

import contextlib
import json
import os
import time
from itertools import pairwise
from pathlib import Path

import pytest

from bandmate_bridge.client import Client
from bandmate_bridge.reaper.mailbox import Mailbox
from tests.reaper import rpp_file
from tests.reaper.model import Item, Project, Take, Track
from tests.reaper.pictures import source_item
from tests.reaper.stage import Stage
from tests.running import RunningServer

LONG = (0.0, 400.0)
"""Seconds; takes the embedded engine long enough to be disturbed."""
BAND = "jazz trio, strings, brass"


@pytest.fixture
def own_server(tmp_path):
    running = RunningServer(tmp_path / "home", environ={"PYTHONPATH": os.environ.get("PYTHONPATH", "")})
    yield running.start()
    running.stop()


def begun(stage) -> None:
    """A long job, up to where its tracks are there and audio arrives."""
    stage.forget_jobs()
    stage.project.selection = LONG
    stage.ask("generate", prompt=BAND)
    stage.reaper.run_until(lambda: stage.project.tracks and audible(stage.project))


def audible(project: Project) -> bool:
    for item in project.items():
        file = item.takes[item.active].source.file
        with contextlib.suppress(OSError), open(file, "rb") as data:
            if any(data.read(400_000)[200:]):
                return True
    return False


def checked(stage, job: str) -> None:
    """Every stem of the job lies in the project, whole."""
    with Client.connect(stage.server.address, token=stage.server.token) as client:
        stems = {stem.name: stem for stem in client.job(job).stems}
    assert stems
    import hashlib

    files = {take.name: take.source.file for item in stage.project.items() for take in item.takes}
    for name, stem in stems.items():
        data = Path(files[name]).read_bytes()
        data = data[data.find(b"data") + 8 :]
        assert hashlib.sha256(data).hexdigest() == stem.sha256, name


def test_cancel_leaves_nothing(stage):
    begun(stage)
    files = [item.takes[0].source.file for item in stage.project.items()]
    stage.action("Cancel")
    stage.finish()
    assert stage.project.tracks == []
    assert stage.undone() == []
    assert not any(os.path.exists(file) for file in files)


def test_cancel_after_other_edits_takes_back_only_its_own(stage):
    stage.project.tracks = [Track("before")]
    stage.project.tracks[0].values["I_FOLDERDEPTH"] = 0.0
    begun(stage)
    stage.project.done.append(("the musician's own edit", stage.project.snapshot()))
    stage.action("Cancel")
    stage.finish()
    assert [track.name for track in stage.project.tracks] == ["before"]
    assert stage.undone()[-1] == f"Bandmate: take back {BAND}"


@pytest.mark.parametrize("ticks", [0, 1, 2, 4, 8])
def test_cancel_before_anything_was_accepted(stage, ticks):
    """At once, with the agent not started yet, and while the ask is on its way."""
    if ticks:
        stage.action("Panel")
        stage.reaper.run_until(lambda: "Generate" in stage.reaper.service.gfx.texts)
    stage.project.selection = LONG
    stage.ask("generate", prompt=BAND)
    for _ in range(ticks):
        stage.reaper.tick()
    stage.action("Cancel")
    for _ in range(60):
        stage.reaper.tick()
        time.sleep(0.02)
    stage.reaper.run_until(lambda: not stage.running)
    assert stage.project.tracks == []
    assert not list(stage.song.glob("*.wav"))


def test_a_killed_agent_is_started_again_and_fills_the_same_files(stage):
    begun(stage)
    (job,) = stage.running
    stage.kill_agent()
    stage.finish(120)
    assert len(stage.reaper.processes) == 2
    assert stage.undone() == [f"Bandmate: {BAND}"]
    checked(stage, job["id"])


def test_a_killed_server_comes_back(tmp_path, own_server):
    (tmp_path / "stage").mkdir()
    stage = Stage(tmp_path / "stage", own_server)
    try:
        begun(stage)
        (job,) = stage.running
        own_server.kill()
        for _ in range(20):
            stage.reaper.tick()
        own_server.start()
        stage.finish(120)
        assert stage.undone() == [f"Bandmate: {BAND}"]
        checked(stage, job["id"])
    finally:
        stage.end()


def test_reaper_closed_and_opened_again(stage):
    begun(stage)
    (job,) = stage.running
    path = stage.song / "song.rpp"
    rpp_file.save(stage.project, path)
    stage.reaper.close()
    stage.reopen(rpp_file.load(path))
    assert [known["id"] for known in stage.running] == [job["id"]]
    stage.action("Panel")
    stage.finish(120)
    assert stage.undone() == []
    checked(stage, job["id"])


def test_reaper_crashed_before_the_project_was_saved(stage):
    begun(stage)
    stage.reaper.crash()
    path = stage.song / "song.rpp"
    rpp_file.save(Project(stage.song, ext=dict(stage.project.ext)), path)
    (job,) = stage.running
    stage.reopen(rpp_file.load(path))
    stage.action("Panel")
    stage.finish(120)
    checked(stage, job["id"])


def test_a_track_that_was_deleted_meanwhile(stage):
    stage.project.tracks = [Track("Target", selected=True)]
    stage.project.selection = (0.0, 4.0)
    stage.forget_jobs()
    stage.ask("generate", prompt="drums")
    stage.reaper.run_until(lambda: stage.running)
    if not stage.project.items():
        stage.project.tracks.clear()
    stage.finish()
    assert len(stage.project.items()) == 1
    assert [track.name for track in stage.project.tracks] != ["Target"]


def test_another_project_opened_in_its_place(stage):
    """What was made waits for its project, and goes into it when it is open again."""
    first = stage.project
    path = stage.song / "first.rpp"
    stage.project.selection = LONG
    stage.forget_jobs()
    stage.ask("generate", prompt="drums, bass")
    stage.reaper.run_until(lambda: stage.running)
    rpp_file.save(first, path)
    had = len(first.tracks)
    other = Project(stage.folder / "other")
    stage.reaper.projects[:] = [other]
    stage.reaper.current = other
    for _ in range(60):
        stage.reaper.tick()
    assert other.tracks == []
    stage.open(path)
    stage.finish(120)
    assert len(stage.project.tracks) == 3
    assert had in (0, 3)
    assert other.tracks == []


def test_two_projects_in_two_tabs(stage):
    first, second = stage.project, Project(stage.folder / "second")
    first.selection = (0.0, 4.0)
    stage.reaper.projects.append(second)
    stage.forget_jobs()
    stage.ask("generate", prompt="drums")
    stage.reaper.run_until(lambda: stage.running is not None)
    stage.reaper.current = second
    stage.finish()
    assert len(first.tracks) == 1
    assert second.tracks == []
    assert stage.reaper.current is second


def test_inserted_when_done_by_setting(stage):
    stage.settings(growing=False)
    stage.project.selection = LONG
    stage.forget_jobs()
    stage.ask("generate", prompt="drums")
    stage.reaper.run_until(lambda: stage.running)
    assert stage.project.tracks == []
    stage.finish(120)
    assert stage.undone() == ["Bandmate: drums"]


NAMES = [
    'a "quoted" name',
    'it\'s `all` "three"',
    "two\nlines\tand a tab",
    "schöne Größe 🎸 日本",
    "}>{<",
    "%s $HOME ../../etc",
]


def test_names_of_all_sorts(stage):
    stage.project.selection = (0.0, 2.0)
    for name in NAMES:
        stage.make("generate", prompt=f"drums, bass {name}")
    read = rpp_file.save(stage.project, stage.song / "song.rpp")
    assert len(read.tracks) == 3 * len(NAMES)
    for track in read.tracks:
        for item in track.items:
            assert item.take.source.file.is_file()
            assert item.take.source.file.parent == stage.song
    import rpp

    parsed = rpp.loads(Path(stage.song / "song.rpp").read_text())
    assert len(list(parsed.findall("TRACK"))) == 3 * len(NAMES)


@pytest.mark.parametrize("rate", [44_100, 96_000])
def test_the_projects_own_rate(stage, rate):
    stage.project.rate = rate
    stage.project.selection = (1 / 3, 2 + 1 / 7)
    stage.make("generate", prompt="drums")
    (item,) = stage.project.items()
    data = Path(item.takes[0].source.file).read_bytes()
    assert int.from_bytes(data[24:28], "little") == rate
    read = rpp_file.save(stage.project, stage.song / "song.rpp")
    assert read.tracks[0].items[0].start_frame == round(rate / 3)
    assert read.tracks[0].items[0].frames == round(rate * (2 + 1 / 7)) - round(rate / 3)


def test_redo_takes_and_audition(stage):
    stage.project.selection = (4.0, 8.0)
    stage.make("generate", prompt="drums, bass")
    stage.forget_jobs()
    stage.action("Redo with a new seed")
    stage.finish()
    items = stage.project.items()
    assert [len(item.takes) for item in items] == [2, 2]
    assert [item.active for item in items] == [1, 1]
    one, other = (Path(take.source.file).read_bytes() for take in items[0].takes)
    assert one != other
    stage.action("Previous take")
    stage.reaper.tick()
    assert [item.active for item in items] == [0, 0]
    stage.action("Next take")
    stage.reaper.tick()
    assert [item.active for item in items] == [1, 1]
    assert stage.undone()[-2:] == ["Bandmate: previous take", "Bandmate: next take"]
    stage.action("Audition")
    stage.reaper.tick()
    assert (stage.project.playing, stage.project.cursor) == (True, 4.0)
    stage.action("Audition")
    stage.reaper.tick()
    assert not stage.project.playing


def test_the_notes_come_as_midi_by_setting(stage):
    stage.settings(midi=True)
    stage.project.selection = (2.0, 6.0)
    stage.make("generate", prompt="electric bass")
    assert [track.name for track in stage.project.tracks] == ["Electric bass", "Electric bass MIDI"]
    take = stage.project.tracks[1].items[0].takes[0]
    assert len(take.notes) > 4
    assert all(0 <= start < end <= 4 * 2 * 960 + 960 for start, end, *_ in take.notes)


def test_no_selection_is_eight_bars_from_the_cursors_bar(stage):
    stage.project.cursor = 5.1
    stage.make("generate", prompt="drums")
    (item,) = stage.project.items()
    assert (item.position, item.values["D_LENGTH"]) == (4.0, 16.0)


def test_nothing_selected_is_said_in_a_sentence(stage):
    stage.action("Separate selected items")
    stage.reaper.run_until(lambda: stage.reaper.console)
    assert "No item is selected" in stage.reaper.console[0]
    assert stage.undone() == []


def test_stale_scripts_are_named_with_the_command_that_mends_them(stage):
    (stage.here / "bandmate" / "version.lua").write_text('return "0.0.1"')
    stage.action("Panel")
    stage.reaper.run_until(lambda: stage.reaper.console)
    assert "0.0.1" in stage.reaper.console[0]
    assert "bandmate install reaper" in stage.reaper.console[0]


def test_scripts_without_an_installation_say_so(stage):
    (stage.here / "bandmate.json").unlink()
    stage.action("Panel")
    stage.reaper.tick()
    assert "bandmate install reaper" in stage.reaper.console[0]
    assert stage.reaper.processes == []


def test_register_and_self_test(stage):
    stage.action("Register actions")
    assert len(stage.reaper.commands) == 13
    stage.action("Self-test")
    text = stage.reaper.console[-1]
    assert text.count("ok     ") == 7, text
    assert "WRONG" not in text
    assert stage.project.tracks == []


def test_a_surface_acts_on_the_project(stage):
    stage.action("Panel")
    stage.reaper.run_until(
        lambda: stage.reaper.ext.get(("bandmate", "service")) and stage.reaper.service.gfx.picture
    )
    stage.project.selection = (0.0, 2.0)
    stage.forget_jobs()
    from bandmate_protocol.messages import Invoke

    with Client.connect(stage.server.address, token=stage.server.token, role="surface") as client:
        for _ in range(60):
            stage.reaper.tick()
            time.sleep(0.03)
        client.send(Invoke(request="press-1", task="generate", params={"prompt": "drums"}))
        stage.finish()
        answer = client.poll(5)
    assert answer.job
    assert [track.name for track in stage.project.tracks] == ["Drums"]
    assert json.loads(stage.project.ext["last"])["job"] == answer.job


def test_repaint_ranges_by_razor_and_again(stage):
    """Each razor edit gets a take; outside of them the pieces play what the item played; redo adds takes."""
    item = source_item(stage.song)
    item.selected = True
    item.takes[0].values["D_STARTOFFS"] = 0.25
    item.values |= {"D_POSITION": 1.0, "D_LENGTH": 12.0, "D_FADEINLEN": 0.02, "D_FADEOUTLEN": 0.01}
    track = Track("Drums", items=[item])
    track.razor = '2.0 4.0 "" 8.0 9.0 "" 3.0 5.0 "{00000000-0000-0000-0000-000000000000}"'
    stage.project.tracks = [track]
    stage.make("repaint", prompt="busier")
    assert len(stage.undone()) == 1
    pieces = sorted(track.items, key=lambda one: one.position)
    assert [len(piece.takes) for piece in pieces] == [1, 2, 1, 2, 1]
    assert [round(piece.position, 3) for piece in pieces] == [1.0, 2.0, 4.0, 8.0, 9.0]
    for piece in pieces:
        old = piece.takes[0].values["D_STARTOFFS"]
        assert abs(old - 0.25 - (piece.position - 1.0)) < 1e-9
        fades = [piece.values["D_FADEINLEN"], piece.values["D_FADEOUTLEN"], piece.values["D_FADEINLEN_AUTO"]]
        assert fades == [0.02 if piece is pieces[0] else 0.0, 0.0 if piece is not pieces[-1] else 0.01, 0.0]
    for one, other in pairwise(pieces):
        assert abs(one.end - other.position) < 1e-9
    stage.forget_jobs()
    stage.action("Redo with a new seed")
    stage.finish()
    assert [len(piece.takes) for piece in pieces] == [1, 3, 1, 3, 1]
    assert [piece.active for piece in pieces] == [0, 2, 0, 2, 0]


def test_looking_writes_nothing_into_the_project(stage):
    stage.action("Panel")
    stage.reaper.run_until(lambda: "Generate" in stage.reaper.service.gfx.texts)
    for _ in range(20):
        stage.reaper.tick()
    stage.reaper.close()
    assert stage.project.ext == {}
    assert stage.undone() == []


def test_a_large_project_is_not_searched_in_every_tick(stage):
    """The number of calls, which cost the same anywhere: some ten thousand make REAPER stutter."""
    track = Track("Loops")
    for index in range(3_000):
        item = Item(takes=[Take("one")])
        item.values |= {"D_POSITION": index * 0.5, "D_LENGTH": 0.4}
        track.items.append(item)
    stage.project.tracks = [track]
    stage.project.selection = (0.0, 4.0)
    most, before = 0, 0
    stage.forget_jobs()
    stage.ask("generate", prompt="drums, bass")
    while stage.running != []:
        stage.reaper.tick()
        now = sum(stage.reaper.calls.values())
        most, before = max(most, now - before), now
        time.sleep(0.01)
    assert len(stage.project.tracks) == 4
    assert most < 1_000


def test_stems_that_come_late_join_the_same_undo_step(stage):
    """Told by the agent in two messages; unless the musician did something in between."""
    for edits in (False, True):
        stage.project.tracks.clear()
        stage.project.done.clear()
        stage.project.selection = (0.0, 60.0)
        stage.forget_jobs()
        stage.ask("generate", prompt="drums, bass")
        stage.reaper.run_until(lambda: stage.project.tracks)
        first = [item.guid for item in stage.project.items()]
        if edits:
            stage.project.changes += 1
        (job,) = stage.running
        late = Path(stage.song / f"late-{edits}.wav")
        late.write_bytes(Path(next(iter(job["files"].values()))).read_bytes())
        said = {
            "stem": 7,
            "name": "Late",
            "colour": "#4aa8a0",
            "file": str(late),
            "position": 0.0,
            "length": 60.0,
        }
        (box,) = [one for one in stage.boxes.iterdir() if (one / "agent.lock").exists()]
        Mailbox(box).send({"type": "stems", "job": job["id"], "stems": [said | {"offset": 0.0, "frames": 1}]})
        stage.reaper.run_until(lambda: any(track.name == "Late" for track in stage.project.tracks))
        assert stage.undone() == ["Bandmate: drums, bass"] * (2 if edits else 1)
        kept = first == [item.guid for item in stage.project.items()][: len(first)]
        assert kept == edits
        stage.action("Cancel")
        stage.finish()
        assert stage.project.items() == []
