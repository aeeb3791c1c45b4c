"""Settings over the wire: what each is, where its value comes from, and changing one in the user's file."""

from __future__ import annotations

import contextlib
import socket
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from bandmate_protocol.errors import RequestError
from bandmate_protocol.messages import (
    Annotate,
    ChangeSetting,
    Error,
    ListJobs,
    ListSettings,
    ListSurfaces,
    RestartServer,
    ServerRestarting,
    Setting,
    SettingList,
)
from bandmate_protocol.session import StemPiece
from bandmate_server.config import Settings, check_setting
from tests.patience import PATIENCE_SECONDS
from tests.running import RunningServer
from tests.server.wire import Wire

FILE = """# My studio.
retention_gb = 5.0  # the disk is small

# Knobs.
osc_rotary_centre = 0.5
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    path = tmp_path / "home" / "config" / "server.toml"
    path.parent.mkdir(parents=True)
    path.write_text(FILE, encoding="utf-8")
    environ = {"BANDMATE_SERVER_JOBS_IN_ALL": "100", "HF_TOKEN": "hf_dontshowthis"}
    running = RunningServer(tmp_path / "home", environ=environ).start()
    yield running
    assert running.stop() == 0, running.log


def wire_after_restart(server: RunningServer, before: Wire) -> Wire:
    """Waits for the end of a connection, and connects to the server that comes then."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            before.step()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        with contextlib.suppress(OSError, InvalidHandshake, EOFError):
            return Wire(server)
        assert time.monotonic() < deadline, server.log
        time.sleep(0.05)


def settings_of(answer: SettingList) -> dict[str, Setting]:
    return {each.name: each for each in answer.settings}


def change(wire: Wire, name: str, value: object = None, *, confirmed: bool = False) -> SettingList | Error:
    request = wire.session.new_request_id()
    return wire.ask(ChangeSetting(request=request, name=name, value=value, confirmed=confirmed))


def test_each_setting_says_what_it_is_and_where_its_value_comes_from(wire: Wire) -> None:
    answer = wire.ask(ListSettings(request="l"))
    found = settings_of(answer)
    assert set(Settings.__struct_fields__) < set(found)
    assert answer.file.endswith("server.toml")
    assert all(each.form["title"] and each.form["description"] for each in answer.settings)
    retention = found["retention_gb"]
    assert (retention.value, retention.source, retention.needs_restart) == (5.0, "file", False)
    assert (retention.form["unit"], retention.form["minimum"], retention.form["default"]) == ("GB", 0, 20.0)
    assert (found["port"].source, found["jobs_in_all"].source) == ("option", "environment")
    assert "--port" in found["port"].fixed
    assert "BANDMATE_SERVER_JOBS_IN_ALL" in found["jobs_in_all"].fixed
    assert (found["log_level"].source, found["log_level"].fixed) == ("default", "")
    assert found["log_level"].form["enum"] == ["debug", "error", "info", "warning"]
    assert found["idle_exit_seconds"].value is None


def test_of_secrets_only_whether_they_are_set_is_told(server: RunningServer, wire: Wire) -> None:
    answer = wire.ask(ListSettings(request="l"))
    secrets = [each for each in answer.settings if each.secret]
    assert {each.name: each.is_set for each in secrets} == {"token": True, "hub_token": True}
    assert server.token not in repr(answer)
    assert "dontshow" not in repr(answer)


def test_a_change_is_written_and_comments_and_other_keys_stay(server: RunningServer, wire: Wire) -> None:
    path = server.home / "config" / "server.toml"
    changed = settings_of(change(wire, "retention_gb", 7.5))
    assert (changed["retention_gb"].value, changed["retention_gb"].waits_for_restart) == (7.5, False)
    assert path.read_text(encoding="utf-8") == FILE.replace("5.0  #", "7.5  #")
    waiting = settings_of(change(wire, "stall_seconds", 60))["stall_seconds"]
    assert (waiting.value, waiting.next_value, waiting.waits_for_restart) == (600.0, 60.0, True)
    assert tomllib.loads(path.read_text(encoding="utf-8"))["stall_seconds"] == 60
    back = settings_of(change(wire, "stall_seconds"))["stall_seconds"]
    assert (back.source, back.waits_for_restart) == ("default", False)
    assert "stall_seconds" not in path.read_text(encoding="utf-8")


def test_a_wrong_value_gets_the_sentence_of_the_command_line(server: RunningServer, wire: Wire) -> None:
    for name, value in (("retention_gb", -1), ("log_level", "loud"), ("prot", 1), ("midi", "maybe")):
        refused = change(wire, name, value)
        assert isinstance(refused, Error)
        with pytest.raises(RequestError) as error:
            check_setting(name, value, "")
        assert refused.sentence == error.value.sentence
    assert (server.home / "config" / "server.toml").read_text(encoding="utf-8") == FILE


def test_what_widens_access_or_is_fixed_is_refused_with_what_would_work(
    server: RunningServer, wire: Wire
) -> None:
    fixed = {each.name: each.fixed for each in wire.ask(ListSettings(request="l")).settings}
    guarded = ("allow_lan", "host", "allowed_hosts", "allowed_origins", "osc_peers", "osc_feedback")
    guarded += ("acestep_api", "acestep_cpp_api", "chat_api", "compat_needs_token", "compat_folders")
    for name in (*guarded, "osc_announce", "data", "executor", "port", "jobs_in_all"):
        refused = change(wire, name, True)
        assert isinstance(refused, Error)
        assert (refused.code, refused.remedy) == ("not_allowed", fixed[name])
    assert "allow_lan = true" in fixed["allow_lan"]
    assert "serve --allow-lan" in fixed["allow_lan"]
    assert (server.home / "config" / "server.toml").read_text(encoding="utf-8") == FILE


def test_osc_starts_and_stops_with_its_setting(wire: Wire) -> None:
    change(wire, "osc_port", 0)
    assert not wire.ask(ListSurfaces(request="before")).osc
    change(wire, "osc", True)
    on = wire.ask(ListSurfaces(request="on"))
    assert on.osc
    assert on.osc_port > 0
    change(wire, "osc", False)
    assert not wire.ask(ListSurfaces(request="off")).osc


def test_what_cannot_be_applied_is_not_written(server: RunningServer, wire: Wire) -> None:
    change(wire, "osc_port", 0)
    change(wire, "osc", True)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        refused = change(wire, "osc_port", other.getsockname()[1])
    assert isinstance(refused, Error)
    assert refused.code == "port_busy"
    assert "osc_port = 0" in (server.home / "config" / "server.toml").read_text(encoding="utf-8")
    assert wire.ask(ListSurfaces(request="again")).osc


def test_a_damaged_file_is_left_as_it_is(server: RunningServer, wire: Wire) -> None:
    path = server.home / "config" / "server.toml"
    path.write_text("retention_gb = = 5\n", encoding="utf-8")
    refused = change(wire, "retention_gb", 7.5)
    assert isinstance(refused, Error)
    assert refused.code == "file_unusable"
    assert "server.toml" in refused.sentence
    assert path.read_text(encoding="utf-8") == "retention_gb = = 5\n"
    assert settings_of(wire.ask(ListSettings(request="l")))["retention_gb"].value == 5.0


def test_a_budget_that_deletes_audio_is_refused_until_it_is_confirmed(own_server: RunningServer) -> None:
    with Wire(own_server) as wire:
        first, _ = (wire.run("noise", {"stems": 1}, 0.5, seed=seed).job for seed in (1, 2))
        stem_bytes = 4 * 2 * 24_000
        refused = change(wire, "retention_gb", 0)
        assert isinstance(refused, Error)
        assert refused.code == "not_confirmed"
        assert f"{2 * stem_bytes / 1e6:.1f} MB" in refused.sentence
        partly = change(wire, "retention_gb", 1.5 * stem_bytes / 1e9)
        assert isinstance(partly, Error)
        assert f"{stem_bytes / 1e6:.1f} MB" in partly.sentence
        wire.ask(Annotate(request="k", job=first, kept=True))
        assert isinstance(change(wire, "retention_gb", 1.5 * stem_bytes / 1e9), SettingList), (
            "kept: not counted"
        )
        assert isinstance(change(wire, "retention_gb", 0), Error)
        assert settings_of(change(wire, "retention_gb", 0, confirmed=True))["retention_gb"].value == 0


def test_a_restart_applies_what_waits_for_it_in_the_same_process_and_on_the_same_port(
    server: RunningServer,
) -> None:
    with Wire(server) as wire:
        listed = settings_of(change(wire, "stall_seconds", 900.0))
        assert listed["stall_seconds"].waits_for_restart
        answer = wire.ask(RestartServer(request=wire.session.new_request_id()))
        assert isinstance(answer, ServerRestarting)
        again = wire_after_restart(server, wire)
    with again as wire:
        answer = wire.ask(ListSettings(request=wire.session.new_request_id()))
        assert isinstance(answer, SettingList)
        assert answer.can_restart
        stall = settings_of(answer)["stall_seconds"]
        assert (stall.value, stall.waits_for_restart) == (900.0, False)
    assert server.process.poll() is None
    assert "starts again with its new settings" in server.log


def test_a_restart_while_a_job_runs_is_confirmed_and_the_job_begins_again(server: RunningServer) -> None:
    with Wire(server) as wire:
        job = wire.submit(task="noise", params={"pieces": 10_000, "delay_ms": 50}).job
        wire.until(lambda event: isinstance(event, StemPiece))
        refused = wire.ask(RestartServer(request=wire.session.new_request_id()))
        assert isinstance(refused, Error)
        assert refused.code == "not_confirmed"
        assert "begins again" in refused.sentence
        answer = wire.ask(RestartServer(request=wire.session.new_request_id(), confirmed=True))
        assert isinstance(answer, ServerRestarting)
        again = wire_after_restart(server, wire)
    with again as wire:
        listed = wire.ask(ListJobs(request=wire.session.new_request_id(), prefix=job))
        assert [each.state for each in listed.jobs] == ["interrupted"]
