"""OSCQuery: what there is to send to, as a tree that programs read over HTTP. No I/O.

As the proposal at github.com/Vidvox/OSCQueryProposal has it, with values, ranges and descriptions; without
`LISTEN`, as OSC itself brings changes to those who subscribe.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bandmate_server.surfaces.control.model import ControlModel
from bandmate_server.surfaces.osc.addresses import Direction, OscAddress, ValuePattern, address_table
from bandmate_server.surfaces.osc.writing import control_messages

QueryNode = dict[str, Any]

_READ, _WRITE = 1, 2
_ACCESS: dict[Direction, int] = {"in": _WRITE, "out": _READ, "both": _READ | _WRITE}
_TYPES: dict[ValuePattern, str] = {"n": "f", "f": "f", "i": "i", "b": "i", "s": "s", "t": "T", "r": "f"}
_ATTRIBUTES = ("FULL_PATH", "CONTENTS", "TYPE", "ACCESS", "VALUE", "RANGE", "DESCRIPTION")


class UnknownPathError(Exception):
    """Raised for a path that is not in the tree."""


class UnknownAttributeError(Exception):
    """Raised for an attribute that OSCQuery does not have, or this server does not offer."""


def host_info(name: str, port: int) -> QueryNode:
    """What a program has to know of the OSC port."""
    offered = dict.fromkeys(("ACCESS", "VALUE", "RANGE", "DESCRIPTION"), True)
    return {
        "NAME": name,
        "OSC_PORT": port,
        "OSC_TRANSPORT": "UDP",
        "EXTENSIONS": offered | dict.fromkeys(("LISTEN", "PATH_CHANGED", "CRITICAL"), False),
    }


def query_node(model: ControlModel, path: str, attribute: str = "") -> QueryNode:
    """The tree from a path on, or one attribute of it.

    Raises UnknownPathError, UnknownAttributeError. An attribute that this node has none of gives nothing.
    """
    if attribute and attribute not in _ATTRIBUTES:
        raise UnknownAttributeError(attribute)
    path = path.rstrip("/") or "/"
    below = "/" if path == "/" else f"{path}/"
    found = [each for each in address_table(model) if each.path == path or each.path.startswith(below)]
    if not found:
        raise UnknownPathError(path)
    whole = _build_tree(model, path, found)
    if not attribute:
        return whole
    return {attribute: whole[attribute]} if attribute in whole else {}


def _build_tree(model: ControlModel, root: str, addresses: Iterable[OscAddress]) -> QueryNode:
    top: QueryNode = {"FULL_PATH": root, "ACCESS": 0}
    for address in addresses:
        at, path = top, "" if root == "/" else root
        for step in address.path.removeprefix(path).strip("/").split("/"):
            if step:
                path = f"{path}/{step}"
                at = at.setdefault("CONTENTS", {}).setdefault(step, {"FULL_PATH": path, "ACCESS": 0})
        at |= _leaf_node(model, address)
    return top


def _leaf_node(model: ControlModel, address: OscAddress) -> QueryNode:
    leaf: QueryNode = {
        "TYPE": _TYPES[address.pattern],
        "ACCESS": _ACCESS[address.direction],
        "DESCRIPTION": address.title,
    }
    if address.direction != "in":
        leaf["VALUE"] = [
            value for path, value in control_messages(model, address.control) if path == address.path
        ]
    limits = _value_range(model, address)
    return leaf if limits is None else leaf | {"RANGE": [limits]}


def _value_range(model: ControlModel, address: OscAddress) -> QueryNode | None:
    """The bounds of what can be sent."""
    if address.pattern in ("n", "b"):
        return {"MIN": 0, "MAX": 1}
    parameter = model.parameters.get(address.control)
    if parameter is None or parameter.kind == "text":
        return None
    if address.path.endswith("/raw"):
        return {"MIN": parameter.low, "MAX": parameter.high}
    return {"VALS": list(parameter.choices)} if parameter.kind == "choice" else None
