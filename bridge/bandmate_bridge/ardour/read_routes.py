"""Tracks and buses of a session in the order of its mixer, with their volume, pan, mute and sends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bandmate_bridge.xml_projects.mixer_tracks import ReadSend, ReadTrack
from bandmate_bridge.xml_projects.xml_tree import Element

_NOT_TRACKS = {"MasterOut", "MonitorOut", "Auditioner", "FoldbackBus", "SurroundMaster"}
_LAST = 1 << 30


@dataclass(frozen=True, slots=True)
class Route:
    """A track or a bus."""

    track: ReadTrack
    playlist: str
    """The id of the one that sounds; empty for a bus."""
    order: int

    @property
    def id(self) -> str:
        """Its id."""
        return self.track.id


def read_routes(session: Element) -> list[Route]:
    """All tracks and buses but the master and the monitor."""
    nodes = [one for routes in session.all("Routes") for one in routes.all("Route")]
    masters = {one.get("name") for one in nodes if "MasterOut" in _flags(one)}
    named = {one.get("name"): one.get("id") for one in nodes}
    shown = [one for one in nodes if not _NOT_TRACKS.intersection(_flags(one))]
    found = [_read_route(one, masters, named) for one in shown]
    return sorted(found, key=lambda route: route.order)


def master_inputs(session: Element) -> list[str]:
    """The names of the ports of the master bus; empty where there is none."""
    for routes in session.all("Routes"):
        for route in routes.all("Route"):
            if "MasterOut" in _flags(route):
                return [port.get("name") for port in _ports(route, "Input")]
    return []


def last_order(session: Element) -> int:
    """The place of the last route of the mixer."""
    nodes = [one for routes in session.all("Routes") for one in routes.all("Route")]
    return max((_order(one) for one in nodes if _order(one) < _LAST), default=0)


def _flags(route: Element) -> set[str]:
    info = route.first("PresentationInfo")
    return set(info.get("flags").split(",")) if info else set()


def _order(route: Element) -> int:
    info = route.first("PresentationInfo")
    order = info.number("order") if info else None
    return _LAST if order is None else int(order)


def _ports(route: Element, direction: str) -> list[Element]:
    for io in route.all("IO"):
        if io.get("direction") == direction:
            return list(io.all("Port"))
    return []


def _read_route(route: Element, masters: set[str], named: dict[str, str]) -> Route:
    info = route.first("PresentationInfo")
    colour = _colour_of(info)
    targets = {
        connection.get("other").rpartition("/")[0]
        for port in _ports(route, "Output")
        for connection in port.all("Connection")
    } - {"", "system"}
    sends = _sends(route)
    goes = not targets or bool(targets & masters)
    sends += [ReadSend(named[one], 1.0, 0.0) for one in sorted(targets - masters) if one in named]
    track = ReadTrack(
        id=route.get("id"),
        channel=route.get("id"),
        name=route.get("name"),
        colour=f"#{colour >> 8 & 0xFFFFFF:06x}" if colour else "",
        depth=0,
        is_group=False,
        volume=_gain(route),
        pan=_pan(route),
        muted=_control(route, "mute") > 0 or route.get("active") == "0",
        soloed=any(one.get("self-solo") == "1" for one in route.all("Controllable")),
        volume_parameter="",
        pan_parameter="",
        sends=tuple(sends),
        goes_to_group=goes,
        element=route,
    )
    return Route(track, route.get("audio-playlist") or route.get("midi-playlist"), _order(route))


def _colour_of(info: Element | None) -> int:
    """The colour as a whole number: it is larger than other numbers of a session may be."""
    text = info.get("color").strip() if info else ""
    return int(text) if text.isdecimal() and len(text) <= 10 else 0


def _control(parent: Element, name: str, default: float = 0.0) -> float:
    for one in parent.all("Controllable"):
        if one.get("name") == name:
            value = one.number("value")
            return default if value is None else value
    return default


def _gain(route: Element) -> float:
    gain = 1.0
    for processor in route.all("Processor"):
        if processor.get("type") in ("amp", "trim") and processor.get("active") != "0":
            name = "gaincontrol" if processor.get("type") == "amp" else "trimcontrol"
            gain *= max(_control(processor, name, 1.0), 0.0)
    return gain


def _pan(route: Element) -> float:
    pannable = route.first("Pannable")
    return 2 * _control(pannable, "pan-azimuth", 0.5) - 1 if pannable else 0.0


def _sends(route: Element) -> list[ReadSend]:
    found: list[ReadSend] = []
    before_fader = True
    for processor in route.all("Processor"):
        kind = processor.get("type")
        if kind == "amp":
            before_fader = False
        if kind == "intsend" and processor.get("active") != "0" and processor.get("target"):
            inner = processor.first("Processor")
            level = _control(inner, "gaincontrol", 1.0) if inner else 1.0
            found.append(ReadSend(processor.get("target"), max(level, 0.0), 0.0, before_fader))
    return found


def has_automation(routes: Sequence[Route]) -> int:
    """How many routes play an automation of volume or pan, which is not read."""
    return sum(
        any(
            one.name == "AutomationList"
            and one.get("automation-id") in ("gain", "trim", "pan-azimuth")
            and one.get("state") not in ("", "Off")
            and one.first("events") is not None
            for one in route.track.element.walk()
        )
        for route in routes
    )
