"""Facts of the published schema of DAWproject 1.0, as far as Bandmate writes its elements; see docs/dawproject.md.

For each element: attributes that it must and may have, and its children in the order in which they must stand. `*`
before a group of children says that they may stand in any order and number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree

_NAMED = ("name", "color", "comment")
_WITH_ID = (*_NAMED, "id")
_TIMELINE = (*_WITH_ID, "timeUnit", "track")
TIMELINES = (
    "Timeline",
    "Lanes",
    "Notes",
    "Clips",
    "ClipSlot",
    "markers",
    "Warps",
    "Audio",
    "Video",
    "Points",
)
_REAL = ("max", "min", "value", "parameterID")


@dataclass(frozen=True)
class Rule:
    """What an element is like."""

    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    children: tuple[tuple[str, ...], ...] = ()
    """Groups in their order; each may repeat what it names."""


_PARAMETER = Rule(("unit",), (*_WITH_ID, *_REAL))
_POINTS = (
    ("Target",),
    ("RealPoint", "TimeSignaturePoint", "BoolPoint", "IntegerPoint", "EnumPoint", "Point"),
)
RULES = {
    "Project": Rule(
        ("version",), (), (("Application",), ("Transport",), ("Structure",), ("Arrangement",), ("Scenes",))
    ),
    "Application": Rule(("name", "version")),
    "Transport": Rule((), (), (("Tempo",), ("TimeSignature",))),
    "Tempo": _PARAMETER,
    "Volume": _PARAMETER,
    "Pan": _PARAMETER,
    "Mute": Rule((), (*_WITH_ID, "parameterID", "value")),
    "TimeSignature": Rule(("numerator", "denominator"), (*_WITH_ID, "parameterID")),
    "Structure": Rule((), (), (("Track", "Channel"),)),
    "Track": Rule((), (*_WITH_ID, "contentType", "loaded"), (("Channel",), ("Track",))),
    "Channel": Rule(
        (),
        (*_WITH_ID, "audioChannels", "destination", "role", "solo"),
        (("Devices",), ("Mute",), ("Pan",), ("Sends",), ("Volume",)),
    ),
    "Sends": Rule((), (), (("Send",),)),
    "Send": Rule((), (*_WITH_ID, "destination", "type"), (("Enable",), ("Pan",), ("Volume",))),
    "Arrangement": Rule(
        (), _WITH_ID, (("Lanes",), ("Markers",), ("TempoAutomation",), ("TimeSignatureAutomation",))
    ),
    "Lanes": Rule((), _TIMELINE, (TIMELINES,)),
    "Clips": Rule((), _TIMELINE, (("Clip",),)),
    "Clip": Rule(
        ("time",),
        (
            *_NAMED,
            *("duration", "contentTimeUnit", "playStart", "playStop", "loopStart", "loopEnd", "fadeTimeUnit"),
            *("fadeInTime", "fadeOutTime", "enable", "reference"),
        ),
        (TIMELINES,),
    ),
    "Notes": Rule((), _TIMELINE, (("Note",),)),
    "Note": Rule(("time", "duration", "channel", "key"), ("vel", "rel"), (TIMELINES,)),
    "Warps": Rule(("contentTimeUnit",), _TIMELINE, (TIMELINES, ("Warp",))),
    "Warp": Rule(("time", "contentTime")),
    "Audio": Rule(("channels", "sampleRate", "duration"), (*_TIMELINE, "algorithm"), (("File",),)),
    "File": Rule(("path",), ("external",)),
    "Points": Rule((), (*_TIMELINE, "unit"), _POINTS),
    "TempoAutomation": Rule((), (*_TIMELINE, "unit"), _POINTS),
    "TimeSignatureAutomation": Rule((), (*_TIMELINE, "unit"), _POINTS),
    "Target": Rule((), ("parameter", "expression", "channel", "key", "controller")),
    "RealPoint": Rule(("time", "value"), ("interpolation",)),
    "TimeSignaturePoint": Rule(("time", "numerator", "denominator")),
    "Markers": Rule((), _TIMELINE, (("Marker",),)),
    "Marker": Rule(("time",), _NAMED),
    "Scenes": Rule((), (), (("Scene",),)),
}
VALUES = {
    "unit": "linear normalized percent decibel hertz semitones seconds beats bpm",
    "timeUnit": "beats seconds",
    "contentTimeUnit": "beats seconds",
    "fadeTimeUnit": "beats seconds",
    "interpolation": "hold linear",
    "role": "regular master effect submix vca",
    "expression": "gain pan transpose timbre formant pressure channelController channelPressure polyPressure "
    "pitchBend programChange",
}
CONTENT = {"audio", "automation", "notes", "video", "markers", "tracks"}
_DOUBLE = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_NUMBERS = ("time", "duration", "playStart", "playStop", "loopStart", "loopEnd", "fadeInTime", "fadeOutTime")
_BOOLEANS = ("loaded", "solo", "enable", "external")


def faults(root: ElementTree.Element) -> list[str]:
    """Where a project is not as the schema has it."""
    found = []
    ids = [one.get("id") for one in root.iter() if one.get("id") is not None]
    found += [f"id {one} twice" for one in set(ids) if ids.count(one) > 1]
    for one in root.iter():
        found += [f"{one.tag}: {fault}" for fault in _element_faults(one, set(ids))]
    return found


def _element_faults(one: ElementTree.Element, ids: set[str | None]) -> list[str]:
    rule = RULES.get(one.tag)
    if rule is None:
        return ["unknown element"]
    found = [f"no {name}" for name in rule.needs if name not in one.attrib]
    found += [f"unknown attribute {name}" for name in one.attrib if name not in (*rule.needs, *rule.may)]
    group = 0
    for child in one:
        while group < len(rule.children) and child.tag not in rule.children[group]:
            group += 1
        if group == len(rule.children):
            found.append(f"{child.tag} out of place")
            break
    return found + [
        f"{name}={value}" for name, value in one.attrib.items() if not _is_allowed(name, value, ids)
    ]


def _is_allowed(name: str, value: str, ids: set[str | None]) -> bool:
    if name in VALUES:
        return value in VALUES[name].split()
    if name in _NUMBERS:
        return _DOUBLE.fullmatch(value) is not None
    if name in _BOOLEANS:
        return value in ("true", "false")
    if name in ("track", "destination", "parameter", "reference"):
        return value in ids
    if name == "contentType":
        return set(value.split()) <= CONTENT
    return name != "id" or re.fullmatch(r"[A-Za-z_][\w.-]*", value) is not None
