"""The scripts by themselves: how they are found, named and started."""


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


def test_looking_writes_nothing_into_the_project(stage):
    stage.action("Panel")
    stage.reaper.run_until(lambda: "Generate" in stage.reaper.service.gfx.texts)
    for _ in range(20):
        stage.reaper.tick()
    stage.reaper.close()
    assert stage.project.ext == {}
    assert stage.undone() == []
