"""The server itself: health, metrics, problems and settings."""

from __future__ import annotations

from typing import Literal

import msgspec
from starlette.responses import Response

from bandmate_protocol.messages import ChangeSetting, Doctor, Findings, ListSettings, SettingList
from bandmate_protocol.units import Word
from bandmate_protocol.version import PROTOCOL_MAX, __version__
from bandmate_server.rest.answers import json_answer
from bandmate_server.rest.operation import Call, Operation
from bandmate_server.sessions import house_requests

_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The server is here."""

    status: Literal["ok"]
    version: str
    """Of Bandmate."""
    protocol: int
    """The newest version of the wire protocol that it speaks."""


async def get_health(call: Call) -> Response:  # noqa: ARG001 - a handler
    """That the server is here, and its version."""
    return json_answer(Health(status="ok", version=__version__, protocol=PROTOCOL_MAX))


async def get_metrics(call: Call) -> Response:
    """Counters and gauges in Prometheus' text format."""
    return Response(call.services.metrics.prometheus_text(), headers={"Content-Type": _METRICS_TYPE})


async def run_doctor(call: Call) -> Response:
    """Checks the installation, which takes some seconds."""
    return json_answer(await house_requests.answer(call.services, Doctor(request="rest")))


async def list_settings(call: Call) -> Response:
    """The server's settings: what each is, where its value comes from, and whether it can be changed here."""
    return json_answer(await house_requests.answer(call.services, ListSettings(request="rest")))


async def change_setting(call: Call) -> Response:
    """Changes one setting in the user's `server.toml`. A change that deletes audio is refused (`not_confirmed`) unless
    `confirmed` is true.
    """
    message: ChangeSetting = call.body
    return json_answer(await house_requests.answer(call.services, message))


OPERATIONS = (
    Operation("GET", "/health", get_health, "server", {200: Health}),
    Operation("GET", "/metrics", get_metrics, "server", {200: ("text/plain",)}),
    Operation("GET", "/doctor", run_doctor, "server", {200: Findings}),
    Operation("GET", "/settings", list_settings, "server", {200: SettingList}),
    Operation(
        "PATCH",
        "/settings/{name}",
        change_setting,
        "server",
        {200: SettingList},
        {"name": Word},
        body=ChangeSetting,
        problems=(409, 503),
    ),
)
