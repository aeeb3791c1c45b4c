"""Saved requests with numbers."""

from __future__ import annotations

import msgspec
from starlette.responses import Response

from bandmate_protocol.messages import ClearSlot, ListSlots, Slot, SlotNumber, Slots, StoreSlot
from bandmate_server.rest.answers import json_answer
from bandmate_server.rest.operation import Call, Operation
from bandmate_server.rest.reading import to_struct
from bandmate_server.sessions import requests

_SLOT = {"number": SlotNumber}


async def list_slots(call: Call) -> Response:
    """The filled slots."""
    return json_answer(await requests.change_slots(call.services, ListSlots(request="rest")))


async def store_slot(call: Call) -> Response:
    """Fills a slot and replaces its content. Refused when the task or a parameter does not exist."""
    message = to_struct(StoreSlot, {"slot": msgspec.to_builtins(call.body)})
    assert isinstance(message, StoreSlot), "as asked for"
    return json_answer(await requests.change_slots(call.services, message))


async def clear_slot(call: Call) -> Response:
    """Empties a slot."""
    message = ClearSlot(request="rest", number=call.path["number"])
    return json_answer(await requests.change_slots(call.services, message))


OPERATIONS = (
    Operation("GET", "/slots", list_slots, "slots", {200: Slots}),
    Operation("PUT", "/slots/{number}", store_slot, "slots", {200: Slots}, _SLOT, body=Slot, problems=(503,)),
    Operation("DELETE", "/slots/{number}", clear_slot, "slots", {200: Slots}, _SLOT, problems=(503,)),
)
