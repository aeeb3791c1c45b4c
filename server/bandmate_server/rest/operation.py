"""One operation of the REST interface: what it takes, what it answers, and the function that does it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from bandmate_server.rest.answer_memory import AnswerMemory
from bandmate_server.rest.limits import RestLimits
from bandmate_server.services import Services

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
StructType = type[msgspec.Struct]
OCTETS = "application/octet-stream"
EVENT_STREAM = "text/event-stream"


@dataclass(frozen=True)
class Call:
    """A request whose parameters and body were checked against the operation."""

    services: Services
    limits: RestLimits
    memory: AnswerMemory
    request: Request
    path: Mapping[str, Any]
    query: Any
    """The operation's `query` Struct, or None."""
    body: Any
    """The operation's `body` Struct, or None."""


Handler = Callable[[Call], Awaitable[Response]]


@dataclass(frozen=True)
class Operation:
    """One row of the table. The handler's name is the operation's id, its docstring the description."""

    method: Method
    path: str
    """Below `/api/v1`, with parameters in braces."""
    handler: Handler
    tag: str
    answers: Mapping[int, StructType | tuple[str, ...] | None]
    """By status: a Struct in JSON, media types, or None for no body."""
    path_types: Mapping[str, Any] = field(default_factory=dict)
    """The type of each parameter of the path."""
    query: StructType | None = None
    body: StructType | None = None
    takes_octets: bool = False
    """The body is bytes, which the handler reads."""
    problems: tuple[int, ...] = ()
    """The statuses of errors that are this operation's own."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Request headers that the handler reads, each with its meaning."""

    @property
    def name(self) -> str:
        """The operation's id."""
        return self.handler.__name__
