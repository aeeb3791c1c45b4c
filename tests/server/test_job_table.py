"""The list of jobs damaged, of another version, or with bad rows: what can be read is shown."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from bandmate_protocol.errors import RequestError
from bandmate_protocol.messages import Attach, Done, Error, JobList, ListJobs, Submit
from bandmate_server.jobs import Job, JobStore
from bandmate_server.jobs.job_filters import JobFilters
from bandmate_server.jobs.library import JobAnnotation
from bandmate_server.jobs.table import LAYOUT_VERSION
from tests.running import RunningServer, server_environ
from tests.server.wire import Wire, timeline_of

JOBS = 200


def job(number: int, **more: object) -> Job:
    submit = Submit(request="r", task="noise", params={"stems": 1}, timeline=timeline_of(1), seed=number)
    known = {"owner": "me", "engine": "", "reason": "why" * 30, "placement": "cpu", "version": "1"}
    return Job(id=f"{number:08d}", submit=submit, seed=number, **(known | {"state": "done"} | more))


@pytest.fixture(scope="module")
def made_table(tmp_path_factory):
    """A closed table of many jobs, with a pin."""
    path = tmp_path_factory.mktemp("made") / "jobs.sqlite"
    store = JobStore(path)
    for number in range(JOBS):
        store.add(job(number))
    store.replace_pins("song", ["a" * 64])
    store.marks.mark_running()
    store.marks.mark_stopped()
    store.close()
    return path


@pytest.fixture
def table(made_table, tmp_path):
    """A copy of the table for one test."""
    return Path(shutil.copy(made_table, tmp_path / "jobs.sqlite"))


def write_at(path, offset, data):
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


def page_of_ended_jobs(path):
    """Where a page begins that holds rows of jobs and no index: what only reading the jobs comes by."""
    data, size = path.read_bytes(), 4096
    return max(range(0, len(data), size), key=lambda at: data[at : at + size].count(b"why" * 30))


def sql(path, *statements):
    db = sqlite3.connect(path)
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()


def cut_short(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 4])


def folder(path):
    path.unlink()
    path.mkdir()


DAMAGE = {
    "rubbish": (lambda path: path.write_bytes(os.urandom(40_000)), 0),
    "cut short": (cut_short, 50),
    "a page of zeros": (lambda path: write_at(path, 4096, bytes(4096)), 0),
    "rows overwritten": (lambda path: write_at(path, path.stat().st_size // 2, b"\xff" * 3000), JOBS - 20),
    "a column less": (lambda path: sql(path, "ALTER TABLE job DROP COLUMN tier"), 0),
    "a table less": (lambda path: sql(path, "DROP TABLE stem"), JOBS),
    "a folder in its place": (folder, 0),
    "no version, but tables": (lambda path: sql(path, "PRAGMA user_version = 0"), JOBS),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_table_is_set_aside_and_what_can_be_read_is_kept(table, how):
    damage, least = DAMAGE[how]
    damage(table)
    store = JobStore(table)
    (aside,) = table.parent.glob("jobs.sqlite.damaged-????????-??????")
    assert aside.name in store.notice
    kept = store.newest_jobs(1000)
    assert len(kept) >= least
    assert f"{len(kept)} jobs" in store.notice
    assert {each.seed for each in kept} <= set(range(JOBS))
    store.add(job(900))
    assert store.newest_jobs(1)[0].id == "00000900"
    assert store.set_aside_ms() > 0
    store.close()
    store = JobStore(table)
    assert store.notice == "", "the new one is good"
    store.close()


def test_pins_come_along_where_they_can_be_read(table):
    sql(table, "DROP TABLE stem")
    store = JobStore(table)
    assert store.protected_hashes() == {"a" * 64}
    store.close()


def test_a_second_damaged_table_does_not_take_the_place_of_the_first(table):
    for _ in range(3):
        table.write_bytes(b"rubbish" * 1000)
        JobStore(table).close()
    assert len(list(table.parent.glob("jobs.sqlite.damaged-*"))) == 3


def test_a_large_table_is_read_through_after_an_end_out_of_order(table, monkeypatch):
    from bandmate_server.jobs import table as layout

    monkeypatch.setattr(layout, "_SMALL_BYTES", 0)
    write_at(table, page_of_ended_jobs(table), b"\xff" * 3000)
    store = JobStore(table)
    assert store.notice == "", "it ended in order, and what a start reads is there"
    store.marks.mark_running()
    store.marks.mark_stopped()
    store.close()
    store = JobStore(table)
    assert "damaged" in store.notice, "the last server found it at its end"
    store.close()


def test_a_newer_table_is_left_alone_and_said(table):
    sql(table, f"PRAGMA user_version = {LAYOUT_VERSION + 7}")
    before = table.read_bytes()
    with pytest.raises(RequestError) as caught:
        JobStore(table)
    assert "newer Bandmate" in caught.value.sentence
    assert str(table) in caught.value.sentence
    assert "Update" in caught.value.remedy
    assert table.read_bytes() == before


TO_LAYOUT_2 = (
    "DROP TRIGGER listing_state",
    "DROP INDEX pin_sha256",
    *(f"DROP TABLE {name}" for name in ("listing", "input", "shelf")),
    "PRAGMA user_version = 2",
)
TO_LAYOUT_1 = (*TO_LAYOUT_2, "DROP TABLE checked", "DROP TABLE mark", "PRAGMA user_version = 1")


@pytest.mark.parametrize(("older", "stopped"), [(TO_LAYOUT_1, False), (TO_LAYOUT_2, True)])
def test_an_older_table_is_brought_up_to_date_and_can_be_searched(table, older, stopped):
    sql(table, *older, "UPDATE job SET submit = x'ff' WHERE id = '00000003'")
    store = JobStore(table)
    assert store.notice == ""
    assert len(store.newest_jobs(1000)) == JOBS - 1, "one cannot be read"
    (found,) = store.newest_jobs(5, JobFilters(words=("00000007",), task="noise", state="done"))
    assert found.seed == 7
    assert (store.marks.mark_running() is None) == stopped
    store.close()


def test_a_change_of_a_jobs_state_is_found(table):
    store = JobStore(table)
    changed = store.get("00000009")
    changed.state = "failed"
    store.save(changed)
    assert [each.id for each in store.newest_jobs(5, JobFilters(state="failed"))] == ["00000009"]
    store.close()


def test_what_people_said_about_jobs_outlives_a_damaged_table(table):
    store = JobStore(table)
    said = JobAnnotation(rating=4, note="the bridge", kept=True)
    found = store.get("00000005")
    store.library.annotate(found.id, found.submit, found.engine, said)
    store.library.mark_dropped(["00000006"], 77)
    store.close()
    sql(table, "DROP TABLE stem")
    store = JobStore(table)
    assert store.library.annotation_of("00000005") == said
    assert store.library.dropped_before(78) == ["00000006"]
    assert len(store.newest_jobs(1000)) == JOBS - 1
    store.close()


BAD_ROWS = {
    "a submit that cannot be decoded": "submit = x'ff'",
    "a submit of nothing": "submit = x''",
    "an unknown state": "state = 'asleep'",
    "a text for a number": "seed = 'many'",
    "a huge seed": "seed = 99999999999",
    "an engine that is no name": "engine = 'No Such Engine'",
}


@pytest.mark.parametrize("how", BAD_ROWS)
def test_one_bad_row_is_left_out_with_one_warning_and_the_others_are_shown(table, how, caplog):
    sql(table, f"UPDATE job SET {BAD_ROWS[how]} WHERE id = '00000007'")
    store = JobStore(table)
    for _ in range(3):
        found = store.newest_jobs(1000)
        assert len(found) == JOBS - 1
        assert "00000007" not in {each.id for each in found}
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "00000007" in caplog.text
    with pytest.raises(RequestError, match="cannot read its entry"):
        store.get("00000007")
    store.close()


def test_a_bad_stem_is_left_out_of_its_job(table):
    good, bad = "'00000001', 0, 0, 0, 'Drums', 48000, 2, 10", "'00000001', 0, 1, 0, 'Bass', 48000, 2, 10"
    sql(
        table,
        f"INSERT INTO stem VALUES ({good}, '{'b' * 64}', NULL)",
        f"INSERT INTO stem VALUES ({bad}, 'no hash', NULL)",
    )
    store = JobStore(table)
    assert [stem.name for stem in store.stems_of("00000001")] == ["Drums"]
    store.close()


@pytest.fixture
def seasoned(tmp_path):
    """A server that has run and stopped, with one job done."""
    server = RunningServer(tmp_path / "home").start()
    with Wire(server) as wire:
        done = wire.run("noise", {"stems": 1}, seed=4)
        assert isinstance(done, Done)
    assert server.stop() == 0
    yield server, done.job
    server.stop()


def test_bad_rows_of_waiting_jobs_do_not_stop_a_server(seasoned):
    server, good = seasoned
    path = server.home / "data" / "jobs.sqlite"
    store = JobStore(path)
    for number, state in ((1, "queued"), (2, "running")):
        store.add(job(number, state=state))
    store.add(job(3, state="queued", placement="gpu7"))
    store.close()
    sql(path, "UPDATE job SET submit = x'ff' WHERE id IN ('00000001', '00000002')")
    server.start()
    with Wire(server) as wire:
        listed = wire.ask(ListJobs(request="l"))
        assert isinstance(listed, JobList)
        assert {each.job: each.state for each in listed.jobs} == {good: "done", "00000003": "failed"}
        assert "gpu7" in listed.jobs[0].sentence
        refused = wire.ask(Attach(request="a", job="00000001"))
        assert isinstance(refused, Error)
        assert "cannot read its entry" in refused.sentence
        assert isinstance(wire.run("noise", {"stems": 1}, seed=4), Done)


def command(home: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bandmate_plugins", *words],
        env=server_environ(home) | environ,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_next_command_says_that_the_list_was_damaged_and_doctor_too(seasoned):
    server, _ = seasoned
    path = server.home / "data" / "jobs.sqlite"
    path.write_bytes(os.urandom(20_000))
    damaged = command(server.home, "doctor", "--json", BANDMATE_SERVER_PORT="0")
    assert damaged.returncode == 1
    (finding,) = [each for each in json.loads(damaged.stdout) if each["about"] == "list of jobs"]
    assert finding["state"] == "bad"
    assert str(path) in finding["sentence"]
    assert "sets it aside" in finding["remedy"]

    server.start()
    first, second = (command(server.home, "jobs") for _ in range(2))
    assert first.returncode == second.returncode == 0, first.stderr
    assert "list of jobs was damaged" in first.stderr
    assert "damaged" not in second.stderr, "it is said once"
    assert "list of jobs was damaged" in server.log

    after = command(server.home, "doctor", "--json", BANDMATE_SERVER_PORT="0")
    findings = [each for each in json.loads(after.stdout) if each["about"] == "list of jobs"]
    assert [each["state"] for each in findings] == ["note", "good"]
    assert "jobs.sqlite.damaged-" in findings[0]["sentence"]


def test_a_newer_table_ends_the_server_with_a_sentence_that_a_command_passes_on(seasoned):
    server, _ = seasoned
    sql(server.home / "data" / "jobs.sqlite", "PRAGMA user_version = 99")
    ended = command(server.home, "serve", "--port", "0")
    assert ended.returncode == 1
    assert "newer Bandmate" in ended.stderr
    asked = command(server.home, "jobs")
    assert "newer Bandmate" in asked.stderr


@pytest.mark.parametrize("which", ["data", "state"])
def test_a_folder_that_cannot_be_written_is_named(tmp_path, which):
    home = tmp_path / "home"
    blocked = home / which
    home.mkdir()
    # A file in its place: root may write into any folder.
    blocked.write_text("in the way")
    ended = command(home, "serve", "--port", "0")
    assert ended.returncode == 1, ended.stderr
    assert str(blocked) in ended.stderr
    assert "cannot be used" in ended.stderr
    assert "=FOLDER" in ended.stderr
    asked = command(home, "generate", "drums", "--seconds", "1", "-o", str(tmp_path / "x.wav"))
    assert str(blocked) in asked.stderr
    assert "Traceback" not in asked.stderr


@pytest.mark.parametrize("which", ["data/audio", "data/uploads", "data/jobs.sqlite"])
def test_what_the_server_may_not_write_is_named(tmp_path, which):
    home = tmp_path / "home"
    (home / "data" / "audio").mkdir(parents=True)
    (home / "data" / "uploads").mkdir()
    JobStore(home / "data" / "jobs.sqlite").close()
    shutil.rmtree(home / which) if (home / which).is_dir() else (home / which).unlink()
    (home / which).symlink_to(home / which)
    ended = command(home, "serve", "--port", "0")
    assert ended.returncode == 1, ended.stderr
    assert str(home / "data") in ended.stderr
    assert "Traceback" not in ended.stderr
