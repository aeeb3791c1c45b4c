"""Server-sent events: of a job from its start to its end, taken up again after a break, and of lists."""

from __future__ import annotations

import itertools

from tests.server.rest.client import read_events


def test_a_job_is_followed_to_its_end(rest):
    job = rest.submit("noise", {"stems": 2, "pieces": 20, "delay_ms": 5})
    with rest.opened("GET", f"/jobs/{job}/events") as answer:
        assert answer.getheader("content-type").startswith("text/event-stream")
        events = list(read_events(answer))
    names = [event.name for event in events if event.name != "progress"]
    assert sorted(names) == ["attached", "done", "notes", "stem", "stem", "stem_end", "stem_end"]
    assert (names[0], names[-1]) == ("attached", "done")
    assert [event.data["sha256"] for event in events if event.name == "stem_end"] == [
        stem["sha256"] for stem in rest.get(f"/jobs/{job}")["stems"]
    ]
    numbered = [event.id for event in events if event.id]
    assert numbered == ["0-1", "0-2", "0-3", "0-4", "0-5", "0-end"]


def test_an_interrupted_stream_goes_on_where_it_was(rest):
    job = rest.submit("noise", {"stems": 3, "pieces": 1_000, "delay_ms": 20})
    with rest.opened("GET", f"/jobs/{job}/events") as answer:
        seen = list(itertools.islice((event for event in read_events(answer) if event.id), 2))
    rest.expect(202, "POST", f"/jobs/{job}/cancel")
    with rest.opened("GET", f"/jobs/{job}/events", headers={"Last-Event-ID": seen[-1].id}) as answer:
        rest_of_them = [event for event in read_events(answer) if event.id]
    assert [event.id for event in (*seen, *rest_of_them)] == ["0-1", "0-2", "0-3", "0-end"]
    assert rest_of_them[-1].name == "cancelled"
    assert rest("GET", f"/jobs/{job}/events", headers={"Last-Event-ID": "0-end"}).status == 204


def test_an_id_that_is_none_starts_at_the_beginning(rest):
    job = rest.submit(params={"stems": 1})
    rest.ended(job)
    for wrong in ("x", "1-", "-", "9" * 400 + "-1", "0-end-0"):
        with rest.opened("GET", f"/jobs/{job}/events", headers={"Last-Event-ID": wrong}) as answer:
            assert next(event.id for event in read_events(answer) if event.id) == "0-1"


def test_the_list_of_jobs_is_watched(rest):
    with rest.opened("GET", "/jobs/events") as answer:
        events = read_events(answer)
        assert next(events).name == "jobs_changed"
        rest.submit(params={"stems": 1})
        assert next(events).name == "jobs_changed"


def test_a_job_that_was_interrupted_says_how_it_goes_on(own_server):
    from tests.server.rest.client import RestClient

    rest = RestClient(own_server)
    job = rest.submit("noise", {"pieces": 100_000, "delay_ms": 5, "stems": 1})
    rest.when(job, lambda found: found["state"] == "running")
    own_server.kill()
    own_server.start()
    refused = RestClient(own_server).get(f"/jobs/{job}/events", 409)
    assert (refused["code"], f"/jobs/{job}/resume" in refused["remedy"]) == ("interrupted", True)


def test_a_stream_holds_up_no_end_of_the_server(own_server):
    """The server ends in order while somebody follows."""
    from tests.server.rest.client import RestClient

    rest = RestClient(own_server)
    job = rest.submit("noise", {"pieces": 100_000, "delay_ms": 5, "stems": 1})
    with rest.opened("GET", f"/jobs/{job}/events") as answer:
        next(read_events(answer))
        assert own_server.stop() == 0
