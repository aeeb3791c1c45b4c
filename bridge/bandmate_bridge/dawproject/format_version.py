"""Whether a document is a project of a version that can be read."""

from __future__ import annotations

from bandmate_bridge.xml_projects.xml_tree import Element
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_MAJOR = "1"


def check_root(root: Element, called: str) -> None:
    """Raises RequestError (`not_a_project`) for a document that is no project, or of a format to come."""
    if root.name != "Project":
        raise RequestError(
            ErrorCode.NOT_A_PROJECT,
            say(
                "{called} is not a DAWproject: its project.xml begins with <{name}>.",
                called=called,
                name=root.name,
            ),
            "Give the .dawproject file that the DAW exported.",
        )
    version = root.get("version", "1.0").strip()
    if version.partition(".")[0] != _MAJOR:
        raise RequestError(
            ErrorCode.NOT_A_PROJECT,
            say(
                "{called} is in version {version} of the format; Bandmate reads version 1.",
                called=called,
                version=version,
            ),
            "Export it as DAWproject 1.0.",
        )
