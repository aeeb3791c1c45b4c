"""Models: which there are, and jobs that download, check and remove them."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta
from starlette.responses import Response

from bandmate_protocol.messages import Accepted, ModelInfo, Submit
from bandmate_protocol.units import Word
from bandmate_server.rest.answers import accepted_answer, json_answer
from bandmate_server.rest.limits import OWNER
from bandmate_server.rest.operation import Call, Operation
from bandmate_server.sessions import requests

ModelName = Annotated[str, Meta(min_length=1, max_length=100)]


class EngineModel(ModelInfo, frozen=True, kw_only=True):
    """Weights, and the engine that uses them."""

    engine: Word


class Models(msgspec.Struct, frozen=True, kw_only=True):
    """The models of all engines."""

    models: tuple[EngineModel, ...]


class PullModel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is downloaded."""

    model: ModelName
    """The `pull` of a model, or the name of an engine for all of its models."""
    licence: Annotated[str, Meta(max_length=400)] = ""
    """The licence, word for word as a refused job names it. Nothing is downloaded without it."""
    only_ask: bool = False
    """Reports what the model is, its size and its licence."""
    most_gb: Annotated[float, Meta(gt=0, le=10_000)] = 20.0
    """Download no more than this."""


class VerifyModel(msgspec.Struct, frozen=True, kw_only=True):
    """What is checked."""

    model: ModelName


class RemoveModel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is removed."""

    model: ModelName
    only_ask: bool = False
    """Reports what would be freed, and deletes nothing."""


async def list_models(call: Call) -> Response:
    """The models that the engines use, and which of them are on the server's disk."""
    plugins = await call.services.catalogue.plugins()
    found = [
        EngineModel(**msgspec.structs.asdict(model), engine=record.info.name)
        for record in plugins.engines
        for model in record.info.models
    ]
    return json_answer(Models(models=tuple(found)))


async def pull_model(call: Call) -> Response:
    """Downloads a model, as a job whose progress counts bytes. It fails with the licence until that is accepted."""
    return await _submit(call, "pull")


async def verify_model(call: Call) -> Response:
    """Checks a downloaded model against its hashes, as a job."""
    return await _submit(call, "verify_model")


async def remove_model(call: Call) -> Response:
    """Deletes a model, as a job whose report says what that freed."""
    return await _submit(call, "remove_model")


async def _submit(call: Call, task: str) -> Response:
    params: dict[str, Any] = msgspec.to_builtins(call.body)
    message = Submit(request="rest", task=task, timeline=requests.OPEN_TIMELINE, params=params)
    accepted, _ = await requests.submit_job(call.services, OWNER, message)
    return accepted_answer(accepted)


_ACCEPTED = {201: Accepted}

OPERATIONS = (
    Operation("GET", "/models", list_models, "models", {200: Models}),
    Operation("POST", "/models/pull", pull_model, "models", _ACCEPTED, body=PullModel, problems=(429, 507)),
    Operation(
        "POST", "/models/verify", verify_model, "models", _ACCEPTED, body=VerifyModel, problems=(429, 507)
    ),
    Operation(
        "POST", "/models/remove", remove_model, "models", _ACCEPTED, body=RemoveModel, problems=(429, 507)
    ),
)
