"""The index from which ReaPack installs the scripts: one package, its files at a tag of the repository.

The format is ReaPack's index, version 1: `index` holds `category`, that holds `reapack` packages, these hold
a `version` each with a `source` for every file. It is printed by
`python -m bandmate_bridge.reaper.installation.reapack`.
"""

from __future__ import annotations

import sys
from urllib.parse import quote
from xml.etree import ElementTree

from bandmate_bridge.reaper.actions import REGISTER, read_actions, script_files
from bandmate_protocol.version import __version__

PLACE = "bridge/bandmate_bridge/reaper/scripts"
"""Of the scripts in the repository."""
_CATEGORY = "Bandmate"
_PACKAGE = "Bandmate.lua"


def index_xml(repository: str, tag: str, time: str) -> bytes:
    """The index.

    ``repository``: the address under which files of a tag are, such as
    `https://host/owner/bandmate/raw`; ``time``: of the release, as ISO 8601 has it, in UTC.
    """
    root = ElementTree.Element("index", version="1", name="Bandmate", commit=tag)
    category = ElementTree.SubElement(root, "category", name=_CATEGORY)
    package = ElementTree.SubElement(
        category,
        "reapack",
        name=_PACKAGE,
        type="script",
        desc="Bandmate: parts for your song, in time, on tracks",
    )
    version = ElementTree.SubElement(package, "version", name=__version__, author="Bandmate", time=time)
    ElementTree.SubElement(version, "changelog").text = "See CHANGELOG.md."
    shown = {action.file for action in read_actions()} | {REGISTER}
    for path, _ in script_files():
        source = ElementTree.SubElement(version, "source", file=path)
        if path in shown:
            source.set("main", "main")
        source.text = f"{repository}/{quote(tag)}/{PLACE}/{quote(path)}"
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def main(arguments: list[str]) -> int:
    """Prints the index for a repository's address, a tag and a time."""
    sys.stdout.buffer.write(index_xml(*arguments))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
