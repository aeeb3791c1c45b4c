"""Settings: where they come from, which one counts, and what is said when one is wrong."""

from pathlib import Path

import pytest

from bandmate_protocol.errors import RequestError
from bandmate_server.config import load_settings, settings_file


@pytest.fixture(autouse=True)
def _own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("BANDMATE_HOME", str(tmp_path))


def write(text):
    settings_file().parent.mkdir(parents=True, exist_ok=True)
    settings_file().write_text(text, encoding="utf-8")


def test_the_command_line_before_the_environment_before_the_file(monkeypatch):
    write("port = 1\nrange_seconds = 60\nupload_gb = 2")
    monkeypatch.setenv("BANDMATE_SERVER_PORT", "2")
    monkeypatch.setenv("BANDMATE_SERVER_UPLOAD_GB", "3")
    settings = load_settings(port=4, host=None)
    assert (settings.port, settings.range_seconds, settings.upload_gb) == (4, 60.0, 3.0)
    assert settings.host == "127.0.0.1"


def test_text_of_the_environment_becomes_what_it_means(monkeypatch):
    monkeypatch.setenv("BANDMATE_SERVER_ALLOWED_HOSTS", "studio.local, 10.0.0.5")
    monkeypatch.setenv("BANDMATE_SERVER_ALLOW_LAN", "true")
    monkeypatch.setenv("BANDMATE_SERVER_DATA", "~/music")
    settings = load_settings()
    assert settings.allowed_hosts == ("studio.local", "10.0.0.5")
    assert settings.allow_lan is True
    assert settings.data == Path.home() / "music"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "70000", "port"),
        ("ALLOW_LAN", "maybe", "allow_lan"),
        ("RETENTION_GB", "-1", "retention_gb"),
        ("RANGE_SECONDS", "nan", "range_seconds"),
        ("STALL_SECONDS", "inf", "stall_seconds"),
        ("GRACE_SECONDS", "1e300", "grace_seconds"),
        ("UPLOAD_GB", "inf", "upload_gb"),
        ("IDLE_EXIT_SECONDS", "inf", "idle_exit_seconds"),
        ("JOBS_IN_ALL", "0", "jobs_in_all"),
        ("HOST", "two words", "127.0.0.1"),
        ("ALLOWED_HOSTS", "http://studio.local", "studio.local:7893"),
        ("ALLOWED_HOSTS", "*", "studio.local:7893"),
        ("ALLOWED_HOSTS", ",".join(["a"] * 65), "allowed_hosts"),
        ("ALLOWED_ORIGINS", "http://localhost/", "without a slash"),
        ("LOG_LEVEL", "loud", "log_level"),
        ("PROT", "1", "prot"),
    ],
)
def test_what_is_wrong_is_named_with_where_it_stands(monkeypatch, name, value, said):
    monkeypatch.setenv(f"BANDMATE_SERVER_{name}", value)
    with pytest.raises(RequestError) as error:
        load_settings()
    assert said in error.value.sentence
    assert "regex" not in error.value.sentence
    assert f"BANDMATE_SERVER_{name}" in error.value.remedy


def test_names_and_addresses_of_hosts_are_taken(monkeypatch):
    for host in ("0.0.0.0", "::", "fe80::1%eth0", "studio.local", "localhost"):
        assert load_settings(host=host).host == host
    monkeypatch.setenv("BANDMATE_SERVER_ALLOWED_HOSTS", "studio.local:7893,10.0.0.5,[::1]:80")
    assert load_settings().allowed_hosts == ("studio.local:7893", "10.0.0.5", "[::1]:80")


@pytest.mark.parametrize("text", ["port = ", "prot = 1", 'port = "many"', "data = 3"])
def test_a_wrong_file_is_named(text):
    write(text)
    with pytest.raises(RequestError) as error:
        load_settings()
    assert "server.toml" in error.value.sentence + error.value.remedy


def test_the_levels_there_are_are_said():
    with pytest.raises(RequestError, match="log_level") as error:
        load_settings(log_level="loud")
    assert "warning" in error.value.remedy
