"""Models, slots, projects, settings and the server itself over REST."""

from __future__ import annotations

import threading

from bandmate_protocol.errors import ErrorCode
from bandmate_protocol.messages import Context, Invoke, Invoked, ListSlots, Slot, StoreSlot
from tests.server.rest.client import read_events
from tests.server.wire import Wire, timeline_of


def test_models_are_listed_and_their_jobs_start(rest):
    models = rest.get("/models")["models"]
    assert {model["engine"] for model in models} >= {"demucs", "acestep"}
    assert all("size_bytes" in model and model["present"] is False for model in models)
    for doing, body in (("verify", {}), ("remove", {"only_ask": True}), ("pull", {"only_ask": True})):
        job = rest.expect(201, "POST", f"/models/{doing}", {"model": "no such model", **body})["job"]
        ended = rest.ended(job)
        assert (ended["state"], ended["end"]["code"]) == ("failed", "no_such_engine")


def test_slots_are_those_of_the_wire(rest, wire):
    before = rest.get("/slots")["slots"]
    stored = rest.expect(200, "PUT", "/slots/41", {"task": "generate", "params": {"prompt": "ska"}})
    assert [slot["number"] for slot in stored["slots"]] == [*(slot["number"] for slot in before), 41]
    assert (
        Slot(number=41, task="generate", params={"prompt": "ska"}) in wire.ask(ListSlots(request="l")).slots
    )
    assert rest.expect(422, "PUT", "/slots/41", {"task": "sing"})["code"] == "no_such_task"
    assert rest("PUT", "/slots/65", {"task": "generate"}).status == 404
    assert rest.expect(200, "DELETE", "/slots/41")["slots"] == before
    wire.ask(StoreSlot(request="s", slot=Slot(number=41, task="generate")))
    rest.expect(200, "DELETE", "/slots/41")


def test_a_project_is_seen_and_acted_on(rest):
    assert rest.get("/projects") == {"type": "projects"}
    refused = rest.expect(409, "POST", "/invoke", {"task": "generate"})
    assert refused["code"] == "no_target"
    with Wire(rest.server, role="reaper") as bridge, rest.opened("GET", "/projects/events") as stream:
        events = read_events(stream)
        assert next(events).data == {"type": "projects"}
        bridge.send(Context(project="p1", project_name="song", timeline=timeline_of(4.0)))
        assert next(events).data["projects"][0]["project_name"] == "song"
        assert rest.get("/projects")["projects"][0]["project"] == "p1"
        answers = []
        body = {"task": "generate", "params": {"prompt": "ska"}, "where": {"bars": 2}}
        asking = threading.Thread(target=lambda: answers.append(rest("POST", "/invoke", body)))
        asking.start()
        asked = bridge.until(lambda event: isinstance(event, Invoke))
        assert (asked.task, asked.params, asked.where.bars) == ("generate", {"prompt": "ska"}, 2)
        bridge.send(Invoked(request=asked.request, job="abcdefgh"))
        asking.join()
        assert (answers[0].status, answers[0].json["job"]) == (200, "abcdefgh")
        asking = threading.Thread(target=lambda: answers.append(rest("POST", "/invoke", body)))
        asking.start()
        bridge.until(lambda event: isinstance(event, Invoke))
    asking.join()
    assert (answers[1].status, answers[1].json["code"]) == (409, ErrorCode.NO_TARGET.value)


def test_the_server_says_how_it_is(rest):
    assert rest.get("/health")["status"] == "ok"
    metrics = rest("GET", "/metrics")
    assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert b"bandmate_sessions" in metrics.data
    findings = rest.get("/doctor")["findings"]
    assert len(findings) > 3
    assert {finding["state"] for finding in findings} <= {"good", "note", "bad"}


def test_settings_are_changed(rest):
    names = {setting["name"]: setting for setting in rest.get("/settings")["settings"]}
    assert "token" not in names or "value" not in names["token"]
    changed = rest.expect(200, "PATCH", "/settings/jobs_in_all", {"value": 1234})
    assert {setting["name"]: setting for setting in changed["settings"]}["jobs_in_all"]["value"] == 1234
    rest.expect(200, "PATCH", "/settings/jobs_in_all", {"value": None})
    assert rest.expect(422, "PATCH", "/settings/jobs_in_all", {"value": "x"})["code"] == "bad_params"
    assert rest("PATCH", "/settings/nothing", {"value": 1}).status in (403, 422)
    assert rest.expect(403, "PATCH", "/settings/host", {"value": "0.0.0.0"})["code"] == "not_allowed"
