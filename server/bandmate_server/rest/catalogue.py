"""What the server can do, and what a prompt suggests."""

from __future__ import annotations

from starlette.responses import Response

from bandmate_protocol.messages import Catalogue, Suggest, Suggested
from bandmate_server.rest.answers import json_answer
from bandmate_server.rest.operation import Call, Operation
from bandmate_server.sessions import requests


async def get_catalogue(call: Call) -> Response:
    """Tasks with their parameters as JSON Schema, engines with their state, and plugins."""
    return json_answer(await call.services.catalogue.catalogue_message("rest"))


async def suggest_music(call: Call) -> Response:
    """The tempo, metre, key and length that suit a prompt. May wait for a job that runs on the same worker."""
    message: Suggest = call.body
    with call.limits.place("questions"):
        return json_answer(await requests.suggest_music(call.services, message))


OPERATIONS = (
    Operation("GET", "/catalogue", get_catalogue, "catalogue", {200: Catalogue}),
    Operation(
        "POST",
        "/suggestions",
        suggest_music,
        "catalogue",
        {200: Suggested},
        body=Suggest,
        problems=(422, 429),
    ),
)
