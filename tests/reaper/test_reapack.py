"""ReaPack's index by ReaPack's rules."""

import re
from urllib.parse import unquote, urlparse
from xml.etree import ElementTree

from bandmate_bridge.reaper.actions import read_actions, script_files
from bandmate_bridge.reaper.installation.reapack import PLACE, index_xml
from bandmate_protocol.version import __version__

REPOSITORY = "https://example.org/bandmate/raw"


def read():
    return ElementTree.fromstring(index_xml(REPOSITORY, "v0.1.0", "2026-01-02T03:04:05Z"))


def test_the_tree_is_as_reapack_reads_it():
    root = read()
    assert (root.tag, root.get("version")) == ("index", "1")
    assert re.fullmatch(r"[^~#%&*{}\\:<>?/+|\"]+", root.get("name"))
    (category,) = root
    (package,) = category
    assert (category.tag, package.tag, package.get("type")) == ("category", "reapack", "script")
    (version,) = package
    assert version.get("name") == __version__
    assert re.fullmatch(r"\d+(\.\d+)*([ab]\d*)?", version.get("name")), "ReaPack compares numbers"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", version.get("time"))


def test_every_file_is_there_once_and_under_an_address_of_its_own():
    sources = read().findall(".//source")
    assert sorted(source.get("file") for source in sources) == sorted(path for path, _ in script_files())
    for source in sources:
        address = urlparse(source.text)
        assert address.scheme == "https"
        assert " " not in source.text
        assert unquote(address.path).endswith(f"/v0.1.0/{PLACE}/{source.get('file')}")
        assert ".." not in source.get("file")


def test_the_actions_and_nothing_else_go_into_the_action_list():
    main = {source.get("file") for source in read().findall(".//source") if source.get("main")}
    assert main == {action.file for action in read_actions()} | {"Bandmate - Register actions.lua"}
    assert {source.get("main") for source in read().findall(".//source")} == {None, "main"}
