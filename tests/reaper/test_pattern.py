"""Bandmate.ReaperOSC, read by the rules that REAPER's own Default.ReaperOSC states in its comments."""

import re

import pytest

from bandmate_bridge.reaper.actions import FOLDER, read_actions
from bandmate_bridge.reaper.installation import keymap
from bandmate_bridge.reaper.installation import osc_pattern as pattern
from bandmate_bridge.reaper.installation import scripts as install

VALUES = {
    "REAPER_TRACK_FOLLOWS": {"REAPER", "DEVICE"},
    "DEVICE_TRACK_FOLLOWS": {"DEVICE", "LAST_TOUCHED"},
    "DEVICE_TRACK_BANK_FOLLOWS": {"DEVICE", "MIXER"},
    "DEVICE_FX_FOLLOWS": {"DEVICE", "LAST_TOUCHED", "FOCUSED"},
    "DEVICE_EQ": {"INSERT", "EXISTING"},
    "DEVICE_ROTARY_CENTER": {"0", "0.5"},
}
COUNTS = {f"DEVICE_{what}_COUNT" for what in ("TRACK", "SEND", "RECEIVE", "FX", "MARKER", "REGION")}
COUNTS |= {"DEVICE_FX_PARAM_COUNT", "DEVICE_FX_INST_PARAM_COUNT"}


def patterns_of(text: str) -> dict[str, list[tuple[str, str]]]:
    """The patterns of each action, each with its flag; asserts that every line is one that REAPER reads."""
    found: dict[str, list[tuple[str, str]]] = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, *rest = line.split()
        if name in VALUES:
            assert len(rest) == 1, line
            assert rest[0] in VALUES[name], line
        elif name in COUNTS:
            assert len(rest) == 1, line
            assert rest[0].isdigit(), line
        else:
            assert re.fullmatch(r"[A-Z_]+", name), line
            for one in rest:
                flag, address = one[0], one[1:]
                assert flag in "nfbtrsi", line
                assert re.fullmatch(r"(/[\w@+-]+)+", address), line
                found.setdefault(name, []).append((flag, address))
    return found


def target(patterns: dict[str, list[tuple[str, str]]], address: str) -> tuple[str, str]:
    """What REAPER does when an address comes without an argument: the action, and what stands for its `@`."""
    for action, known in patterns.items():
        for flag, form in known:
            match = re.fullmatch(re.escape(form).replace("@", "([^/]+)"), address)
            if match and flag == "t":
                return action, match.group(1) if match.groups() else ""
    pytest.fail(f"nothing takes {address}")


@pytest.fixture
def resource(tmp_path, monkeypatch):
    monkeypatch.setenv("BANDMATE_HOME", str(tmp_path / "home"))
    folder = tmp_path / "REAPER"
    folder.mkdir()
    (folder / "reaper.ini").write_text("[reaper]\n")
    return folder


def test_a_surface_of_reapers_runs_every_action(resource):
    name = read_actions()[0].file
    kept = f'SCR 4 0 RS0123abcd "Custom: {name}" "Bandmate/{name}"\n'
    (resource / keymap.KEYMAP).write_text(kept)
    install.install_scripts(resource, reaper_runs=False)
    text = (resource / "OSC" / "Bandmate.ReaperOSC").read_text()
    patterns = patterns_of(text)
    listed = {command: file for file, command in keymap.command_ids(keymap.read_keymap(resource)).items()}
    said = re.findall(r"^#   (/action/_\S+)   (.+)$", text, re.MULTILINE)
    assert len(said) == len(read_actions())
    for address, title in said:
        action, command = target(patterns, address)
        assert action == "ACTION"
        file = listed[command.removeprefix("_")]
        assert file == f"{title}.lua"
        assert (resource / "Scripts" / FOLDER / file).is_file()
    assert target(patterns, "/play") == ("PLAY", "")
    assert ("/action/_RS0123abcd", read_actions()[0].title) in said


def test_it_comes_and_goes_with_the_scripts(resource):
    install.install_scripts(resource, reaper_runs=False)
    own = resource / pattern.FOLDER / "Default.ReaperOSC"
    own.write_text("TRACK_VOLUME n/track/volume\n")
    assert all(finding.good for finding in install.examine_scripts(resource))
    (resource / pattern.FOLDER / pattern.NAME).unlink()
    missing = [finding for finding in install.examine_scripts(resource) if not finding.good]
    assert [pattern.NAME in finding.sentence for finding in missing] == [True]
    install.install_scripts(resource, reaper_runs=True)
    assert (resource / pattern.FOLDER / pattern.NAME).is_file()
    said = install.remove_scripts(resource, reaper_runs=False)
    assert any("patterns" in line for line in said)
    assert [path.name for path in (resource / pattern.FOLDER).iterdir()] == ["Default.ReaperOSC"]
