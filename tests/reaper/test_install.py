"""`bandmate install reaper`, on folders as REAPER has them."""

import json
import os
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandmate_bridge.reaper.actions import FOLDER, read_actions, script_files
from bandmate_bridge.reaper.installation import keymap
from bandmate_bridge.reaper.installation import scripts as install
from bandmate_bridge.reaper.installation.reaper_folders import default_places, resource_folders
from bandmate_protocol.errors import RequestError

LISTED = (
    b'ACT 0 0 "a1b2" "Custom: my own" 40044\r\n'
    b'SCR 4 0 RS7d3c "Custom: other.lua" "Other scripts/other.lua"\r\n'
    b"KEY 9 71 _RS7d3c 0\r\n"
)


@pytest.fixture
def resource(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("BANDMATE_HOME", str(tmp_path / "home"))
    folder = tmp_path / "REAPER with spaces äöü"
    folder.mkdir()
    (folder / "reaper.ini").write_text("[reaper]\n")
    (folder / keymap.KEYMAP).write_bytes(LISTED)
    return folder


def test_it_is_whole_and_other_lines_stay(resource):
    said = install.install_scripts(resource, reaper_runs=False)
    assert any(keymap.BACKUP in line for line in said)
    data = (resource / keymap.KEYMAP).read_bytes()
    assert data.startswith(LISTED)
    assert data.count(b"SCR 4 0 RS") == 1 + len(read_actions())
    assert (resource / (keymap.KEYMAP + keymap.BACKUP)).read_bytes() == LISTED
    for path, content in script_files():
        assert (resource / "Scripts" / FOLDER / path).read_bytes() == content
    config = json.loads((resource / "Scripts" / FOLDER / "bandmate.json").read_text())
    assert Path(config["python"]).is_file()
    assert all(finding.good for finding in install.examine_scripts(resource))
    if os.name != "nt":
        assert Path(config["boxes"]).stat().st_mode & 0o777 == 0o700


def test_twice_changes_nothing_more(resource):
    install.install_scripts(resource, reaper_runs=False)
    once = (resource / keymap.KEYMAP).read_bytes()
    install.install_scripts(resource, reaper_runs=False)
    assert (resource / keymap.KEYMAP).read_bytes() == once


def test_the_action_list_is_left_alone_while_reaper_runs(resource):
    said = install.install_scripts(resource, reaper_runs=True)
    assert (resource / keymap.KEYMAP).read_bytes() == LISTED
    assert "Register actions.lua" in said[-1]
    assert not all(finding.good for finding in install.examine_scripts(resource))


def test_removing_leaves_what_was_there(resource):
    install.install_scripts(resource, reaper_runs=False)
    install.remove_scripts(resource, reaper_runs=False)
    assert (resource / keymap.KEYMAP).read_bytes() == LISTED
    assert not (resource / "Scripts" / FOLDER).exists()


def test_a_file_of_the_users_own_is_not_removed(resource):
    install.install_scripts(resource, reaper_runs=False)
    own = resource / "Scripts" / FOLDER / "mine.lua"
    own.write_text("-- mine")
    assert "mine.lua" in install.remove_scripts(resource, reaper_runs=False)[0]
    assert own.exists()


def test_an_update_keeps_the_ids_that_reaper_gave(resource):
    name = read_actions()[0].file
    line = f'SCR 4 0 RS0123abcd "Custom: {name}" "Bandmate/{name}"\r\n'.encode()
    (resource / keymap.KEYMAP).write_bytes(LISTED + line)
    install.install_scripts(resource, reaper_runs=False)
    data = (resource / keymap.KEYMAP).read_bytes()
    assert line in data
    assert data.count(name.encode() + b'"\r\n') == 1


def test_scripts_of_an_older_version_are_found_and_named(resource):
    install.install_scripts(resource, reaper_runs=False)
    config = resource / "Scripts" / FOLDER / "bandmate.json"
    config.write_text(config.read_text().replace('"0.1.0"', '"0.0.9"'))
    bad = [finding for finding in install.examine_scripts(resource) if not finding.good]
    assert "0.0.9" in bad[0].sentence
    assert "bandmate install reaper" in bad[0].remedy


def test_where_reaper_is_on_each_system():
    home = Path("/home/me")
    assert default_places("linux", home, {}) == [home / ".config" / "REAPER"]
    assert default_places("darwin", home, {}) == [home / "Library" / "Application Support" / "REAPER"]
    assert default_places("win32", home, {"APPDATA": "C:/Users/me/AppData/Roaming"})[0].name == "REAPER"


def test_a_portable_reaper_is_named_by_its_program_or_folder(resource):
    (resource / "reaper").write_text("")
    assert resource_folders(resource) == [resource]
    assert resource_folders(resource / "reaper") == [resource]


def test_what_is_no_reaper_is_refused_with_a_way_out(tmp_path):
    with pytest.raises(RequestError) as error:
        resource_folders(tmp_path)
    assert "resource path" in error.value.remedy
    with pytest.raises(RequestError) as error:
        resource_folders(None, [tmp_path])
    assert "--path" in error.value.remedy


lines = st.lists(
    st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"").replace(b"\r", b"")), max_size=8
)


@given(lines, st.sampled_from([b"\n", b"\r\n"]), st.booleans())
def test_any_action_list_survives(given, newline, ends):
    data = newline.join(given) + (newline if ends and given else b"")
    if keymap.registered_files(data):
        return
    added = keymap.with_actions(data, read_actions())
    assert added.startswith(data)
    back = keymap.without_actions(added)
    assert back == data or back.removesuffix(b"\n").removesuffix(b"\r") == data


def test_ids_are_stable():
    known = {action.file: action.command_id for action in read_actions()}
    assert len(set(known.values())) == len(known) == 13


def test_the_installer_for_windows_is_as_cmd_needs_it():
    """It cannot be run here; these are the mistakes that would make it fail without a word."""
    import re

    from bandmate_bridge.reaper import windows_installer

    data = windows_installer().read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n"), "cmd finds labels in lines that end with CR LF only"
    assert data.isascii()
    text = data.decode().replace("\r\n", "\n")
    labels = set(re.findall(r"^:(\w+)$", text, re.MULTILINE))
    jumps = set(re.findall(r"goto :(\w+)", text))
    assert jumps == labels - {"bandmate"} | {"bandmate"}
    for command in ("powershell", "uv tool install", "bandmate install", "reg add"):
        (line,) = [n for n, one in enumerate(text.splitlines()) if one.startswith(command)]
        assert text.splitlines()[line + 1].startswith("if errorlevel 1 goto"), command
    assert "HKLM" not in text
    assert "runas" not in text.lower()
    for label in labels - {"bandmate", "done"}:
        assert "pause\n" in text.partition(f"\n:{label}\n")[2], "the window must not close before it is read"


def test_the_windows_installer_holds_together():
    """It cannot be run here: lines end as cmd wants them, every label that is gone to is there, and each step
    that can fail is looked at before the next one.
    """
    data = (resources.files("bandmate_bridge.reaper") / "windows" / "install-bandmate.bat").read_bytes()
    assert data.isascii()
    assert data.count(b"\r\n") == data.count(b"\n")
    lines = data.decode("ascii").splitlines()
    labels = {line[1:] for line in lines if line.startswith(":")}
    assert {line.rpartition("goto :")[2] for line in lines if "goto :" in line} == labels
    for number, line in enumerate(lines):
        if line.startswith(("uv tool install", "bandmate ", "powershell ", "reg add")):
            assert lines[number + 1].startswith("if errorlevel 1 goto :"), line
    for label in labels - {"bandmate"}:
        body = lines[lines.index(f":{label}") :]
        assert next(line for line in body if line.startswith("exit")), label
