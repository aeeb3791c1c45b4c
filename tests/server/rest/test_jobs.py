"""Jobs over REST: the same jobs as on the WebSocket."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from bandmate_protocol.messages import Annotate, ListJobs, Suggest
from tests.server.rest.client import TIMELINE, RestClient


def test_the_catalogue_is_that_of_the_wire(rest, wire):
    found = rest.get("/catalogue")
    assert {task["name"] for task in found["tasks"]} > {"generate", "cover", "noise"}
    assert {engine["name"] for engine in found["engines"]} > {"sketch", "dsp"}
    assert "request" not in found


def test_a_prompt_is_read(rest, wire):
    prompt = "16 bars of techno"
    found = rest.expect(200, "POST", "/suggestions", {"prompt": prompt, "engine": "sketch"})
    suggested = wire.ask(Suggest(request="s", prompt=prompt, engine="sketch"))
    assert (found["bpm"], found["bars"]) == (suggested.bpm, 16)


def test_a_job_from_submission_to_its_stems(rest, wire):
    answer = rest("POST", "/jobs", {"task": "noise", "params": {"stems": 2}, "timeline": TIMELINE, "seed": 7})
    assert answer.status == 201
    accepted = answer.json
    assert accepted["seed"] == 7
    assert answer.headers["location"] == f"/api/v1/jobs/{accepted['job']}"
    done = rest.ended(accepted["job"])
    assert (done["state"], done["end"]["type"], len(done["stems"])) == ("done", "done", 2)
    listed = wire.ask(ListJobs(request="l", prefix=accepted["job"])).jobs
    assert [stem.sha256 for stem in listed[0].stems] == [stem["sha256"] for stem in done["stems"]]


def test_a_report_is_in_the_end_of_a_job(rest):
    job = rest.submit("generate", {"prompt": "slow drums"}, engine="sketch")
    done = rest.ended(job)
    assert done["engine"] == "sketch"
    assert done["reason"]
    assert done["end"]["report"]


def test_a_running_job_shows_its_progress_and_its_coming_stems_and_is_cancelled(rest):
    job = rest.submit("noise", {"pieces": 1_000, "delay_ms": 50})
    running = rest.when(job, lambda found: found.get("announced") and "progress" in found)
    assert running["state"] == "running"
    assert running["progress"]["stage"] == "Rendering"
    assert running["announced"][0]["frames"] == 96_000
    assert rest.expect(202, "POST", f"/jobs/{job}/cancel")["job"] == job
    assert rest.ended(job)["state"] == "cancelled"


def test_a_poll_says_at_once_what_has_changed_meanwhile(rest, wire):
    done = rest.ended(rest.submit("noise", {"stems": 1}))
    address, sha256 = f"/jobs/{done['job']}", done["stems"][0]["sha256"]
    assert rest.get(address) == rest.get(address) == done
    wire.ask(Annotate(request="a", job=done["job"], rating=3))
    assert rest.get(address) == {**done, "rating": 3}
    rest.expect(200, "PUT", "/pins/a mix", {"sha256": [sha256]})
    pinned = rest.get(address)
    assert done["disk_bytes"] > pinned.get("disk_bytes", 0)
    rest.expect(200, "PUT", "/pins/a mix", {"sha256": []})
    assert rest.get(address) == {**done, "rating": 3}


def test_redo_makes_the_same_again(rest):
    first = rest.ended(rest.submit(seed=11))
    again = rest.expect(201, "POST", f"/jobs/{first['job']}/redo", {"seed": 11})
    other = rest.expect(201, "POST", f"/jobs/{first['job']}/redo")
    assert other["seed"] != 11
    hashes = [stem["sha256"] for stem in rest.ended(again["job"])["stems"]]
    assert hashes == [stem["sha256"] for stem in first["stems"]]


def test_a_submission_that_is_sent_again_under_its_key_is_the_same_job(rest):
    body = {"task": "noise", "params": {"stems": 1}, "timeline": TIMELINE}
    key = {"Idempotency-Key": "take-1 of song"}
    first = rest("POST", "/jobs", body, headers=key)
    assert first.status == 201
    again = rest("POST", "/jobs", body, headers=key)
    assert (again.status, again.headers["location"]) == (201, first.headers["location"])
    assert again.json["seed"] == first.json["seed"]
    rest.ended(first.json["job"])
    assert rest("POST", "/jobs", body, headers=key).json["job"] == first.json["job"]
    other = rest("POST", "/jobs", {**body, "seed": 3}, headers=key)
    assert (other.status, other.json["code"]) == (422, "bad_params")
    assert f"Job {first.json['job']} was submitted under this key" in other.json["sentence"]
    assert rest("POST", "/jobs", body, headers={"Idempotency-Key": "take-2"}).json["job"] != first.json["job"]
    assert rest("POST", "/jobs", body).json["job"] != first.json["job"]
    for bad in ("", "x" * 201, "tab\tbed"):
        assert rest("POST", "/jobs", body, headers={"Idempotency-Key": bad}).status == 422, bad
    crowded = {**body, "origin": {str(number): "" for number in range(32)}}
    assert rest("POST", "/jobs", crowded, headers={"Idempotency-Key": "crowded"}).status == 422


def test_a_redo_under_a_key_is_one_job_and_its_own_redo_another(rest):
    job = rest.ended(rest.submit(seed=4))["job"]
    key = {"Idempotency-Key": "once more"}
    first, again = (rest("POST", f"/jobs/{job}/redo", {}, headers=key).json for _ in range(2))
    assert first == again
    assert rest("POST", f"/jobs/{first['job']}/redo", {}, headers=key).status == 422
    assert rest.expect(201, "POST", f"/jobs/{first['job']}/redo")["job"] != first["job"]


def test_a_key_outlasts_the_server(own_server):
    rest = RestClient(own_server)
    body = {"task": "noise", "params": {"stems": 1}, "timeline": TIMELINE}
    key = {"Idempotency-Key": "over a restart"}
    job = rest("POST", "/jobs", body, headers=key).json["job"]
    rest.ended(job)
    own_server.stop()
    own_server.start()
    again = RestClient(own_server)("POST", "/jobs", body, headers=key)
    assert (again.status, again.json["job"]) == (201, job)


def test_many_at_once_under_one_key_are_one_job(rest):
    body = {"task": "noise", "params": {"stems": 1}, "timeline": TIMELINE}
    with ThreadPoolExecutor(8) as pool:
        key = {"Idempotency-Key": "all at once"}
        answers = list(pool.map(lambda _: rest("POST", "/jobs", body, headers=key), range(8)))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.json["job"] for answer in answers}) == 1


def test_lists_have_filters_and_pages(rest):
    jobs = [rest.submit(params={"stems": 1}) for _ in range(5)]
    for job in jobs:
        rest.ended(job)
        rest.expect(200, "PATCH", f"/jobs/{job}", {"note": "paged"})
    page = rest("GET", "/jobs", words="paged", most=2)
    assert page.json["total"] == 5
    found = [each["job"] for each in page.json["jobs"]]
    while "link" in page.headers:
        address = page.headers["link"].partition(">")[0].removeprefix("</api/v1")
        page = rest("GET", address)
        assert page.status == 200, page.data
        found += [each["job"] for each in page.json.get("jobs", ())]
    assert found == jobs[::-1]
    assert rest.get("/jobs", words="paged", task="generate")["jobs"] == []


def test_what_people_say_about_a_job(rest):
    job = rest.submit(params={"stems": 1})
    rest.ended(job)
    changed = rest.expect(200, "PATCH", f"/jobs/{job}", {"rating": 4, "note": "good", "kept": True})
    assert (changed["rating"], changed["note"], changed["kept"]) == (4, "good", True)
    refused = rest.expect(409, "PATCH", f"/jobs/{job}", {"note": "mine", "note_before": "old"})
    assert refused["code"] == "job_changed"
    assert rest.expect(409, "DELETE", f"/jobs/{job}")["code"] == "job_in_use"
    assert "kept" not in rest.expect(200, "PATCH", f"/jobs/{job}", {"kept": False})


def test_jobs_are_dropped_and_restored(rest):
    jobs = [rest.submit(params={"stems": 1}) for _ in range(2)]
    for job in jobs:
        rest.ended(job)
    preview = rest.expect(200, "DELETE", f"/jobs/{jobs[0]}", preview="true")
    assert preview["disk_bytes"] == 4 * 2 * 96_000
    assert "dropped_ms" not in rest.get(f"/jobs/{jobs[0]}")
    assert rest.expect(200, "POST", "/jobs/drop", {"jobs": jobs})["undo_seconds"] > 0
    assert rest.get(f"/jobs/{jobs[1]}")["dropped_ms"] > 0
    restored = rest.expect(200, "POST", "/jobs/restore", {"jobs": jobs})
    assert {job["job"] for job in restored["jobs"]} == set(jobs)
    rest.expect(200, "DELETE", f"/jobs/{jobs[0]}", now="true")
    assert rest.get(f"/jobs/{jobs[0]}", 404)["code"] == "no_such_job"


def test_an_interrupted_job_is_resumed(own_server):
    from tests.server.rest.client import RestClient

    rest = RestClient(own_server)
    job = rest.submit("noise", {"pieces": 100_000, "delay_ms": 5, "stems": 1})
    rest.when(job, lambda found: found["state"] == "running")
    own_server.kill()
    own_server.start()
    rest = RestClient(own_server)
    assert rest.get(f"/jobs/{job}")["state"] == "interrupted"
    assert rest.expect(202, "POST", f"/jobs/{job}/resume")["state"] == "queued"
    assert rest.when(job, lambda found: found["state"] == "running")["attempt"] == 1
    rest.expect(202, "POST", f"/jobs/{job}/cancel")
    rest.ended(job)
