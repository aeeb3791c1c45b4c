"""A console is told which projects are connected, and whenever that changes."""

from bandmate_protocol.messages import Context, Projects, TrackRef, Transport, WatchProjects
from tests.server.wire import Wire, timeline_of


def next_projects(wire):
    return wire.until(lambda event: isinstance(event, Projects)).projects


def test_projects_come_change_and_go(server, wire):
    assert wire.ask(WatchProjects(request="w")).projects == ()
    with Wire(server, role="project") as bridge:
        timeline, tracks = timeline_of(4.0), (TrackRef(id="1", index=0, name="Bass"),)
        bridge.send(Context(project="p", project_name="song.rpp", timeline=timeline, tracks=tracks))
        (found,) = next_projects(wire)
        assert (found.project, found.project_name, found.focused) == ("p", "song.rpp", True)
        assert (found.timeline, found.tracks) == (timeline, ("Bass",))
        with Wire(server, role="reaper") as other:
            other.send(Context(project="q"))
            assert [each.project for each in next_projects(wire)] == ["q", "p"], "the one in focus first"
        assert [each.project for each in next_projects(wire)] == ["p"]
    assert next_projects(wire) == ()


def test_a_playhead_that_moves_is_no_news(server, wire):
    wire.ask(WatchProjects(request="w"))
    with Wire(server, role="project") as bridge:
        for position in range(20):
            bridge.send(Context(project="p", transport=Transport(position=position * 480, playing=True)))
        bridge.send(Context(project="p", project_name="renamed"))
        assert [each.project_name for each in next_projects(wire)] == [""]
        assert [each.project_name for each in next_projects(wire)] == ["renamed"]


def test_the_latest_watch_of_a_connection_counts(server, wire):
    wire.ask(WatchProjects(request="first"))
    wire.ask(WatchProjects(request="second"))
    with Wire(server, role="project") as bridge:
        bridge.send(Context(project="p"))
        news = wire.until(lambda event: isinstance(event, Projects))
        assert news.request == "second"
