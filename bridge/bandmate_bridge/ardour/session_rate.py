"""What a session has to say of itself before it is read: that it is one, its version, and its sample rate."""

from __future__ import annotations

from bandmate_bridge.rpp.settings import MAX_RATE, MIN_RATE
from bandmate_bridge.xml_projects.xml_tree import Element
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_FIRST_VERSION, _NEXT_VERSION = 7_000, 10_000


def session_rate(root: Element, called: str) -> int:
    """The sample rate. Raises RequestError for a document that is no session, or of another version."""
    if root.name != "Session":
        raise RequestError(
            ErrorCode.NOT_A_PROJECT,
            say("{called} is not an Ardour session: it begins with <{name}>.", called=called, name=root.name),
            "Give the .ardour file in the session's folder.",
        )
    version = root.number("version")
    if version is None or not _FIRST_VERSION <= version < _NEXT_VERSION:
        raise RequestError(
            ErrorCode.NOT_A_PROJECT,
            say(
                "{called} is in version {version} of the format; Bandmate reads those of Ardour 7 to 9.",
                called=called,
                version=root.get("version") or "unknown",
            ),
            "Open the session in Ardour 7 or later and save it there.",
        )
    rate = root.number("sample-rate")
    if rate is None or rate != int(rate) or not MIN_RATE <= rate <= MAX_RATE:
        raise RequestError(
            ErrorCode.NOT_A_PROJECT,
            say("{called} names no sample rate that can be used.", called=called),
            "Open the session in Ardour, save it, and try again.",
        )
    return int(rate)
