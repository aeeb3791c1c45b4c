"""What a compatible API is, and what its routes can call on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from starlette.responses import Response
from starlette.routing import BaseRoute

from bandmate_server.compat.access import CompatAccess
from bandmate_server.compat.background import BackgroundWork
from bandmate_server.idle import IdleWatch
from bandmate_server.rest.limits import RestLimits
from bandmate_server.services import Services

_MOST_EXPORTS = 4
_MOST_QUESTIONS = 4


@dataclass(frozen=True)
class CompatContext:
    """What the routes of one API share."""

    services: Services
    watch: IdleWatch
    access: CompatAccess
    background: BackgroundWork
    limits: RestLimits = field(default_factory=RestLimits)
    exports: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_MOST_EXPORTS))
    """Files that are made at one time: clients fetch all stems of a task at once, and each waits for its turn."""
    questions: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_MOST_QUESTIONS))
    """Prompts that are read at one time, ahead of the jobs that wait."""


@dataclass(frozen=True)
class CompatApi:
    """One API, as the table has it."""

    setting: str
    """Names its port in the settings; None there leaves it off. With dashes, the option of `bandmate serve`."""
    title: str
    """As in `The {title} is on 127.0.0.1:8001.`"""
    routes: Callable[[CompatContext], Sequence[BaseRoute]]
    """Imports what it needs itself, so that a server without the API starts without it."""
    refusal: Callable[[int, str], Response]
    """An answer of this status with a sentence, in the form that clients of the API read."""
    paths: tuple[str, ...]
    """The addresses by which its programs are known; whoever asks for one of them elsewhere is told where it is."""
    open_paths: frozenset[str] = frozenset({"/health"})
    """Answer without a token; Host and Origin are checked all the same."""
    sealed_paths: frozenset[str] = frozenset()
    """Of files whose address is their permission: a page may play them without asking, so its site does not count."""
    token_in_body: bool = False
    """POSTs reach the routes without a token, and these call `check_token` with what the body shows."""
