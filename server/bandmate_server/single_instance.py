"""One server on a data folder: two would take each other's jobs for what an earlier server left."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from bandmate_plugins._platform import home
from bandmate_plugins._platform.displace import end_on_demand
from bandmate_plugins._platform.lock import HeldError, hold_lock
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_server.config import Settings

_log = logging.getLogger(__name__)

_ENDING_SECONDS = 15.0
"""How long a server that was told to end may take: it stops its workers first."""
_WAIT_SECONDS = 3.0
"""How long one is waited for that perhaps ends."""


@contextmanager
def hold_data_folder(settings: Settings) -> Iterator[None]:
    """Holds the data folder for this server, from before it reads what is there until it has ended.

    A server that was started by hand takes the place of one that a command started: that one's clients find
    the new one, and take up their jobs there. Raises RequestError (`port_busy`) when another one stays.
    """
    lock = settings.data / "server.lock"
    with ExitStack() as held:
        try:
            held.enter_context(hold_lock(lock, 0.0))
        except HeldError:
            seconds = _ENDING_SECONDS if settings.on_demand or _displace_server() else _WAIT_SECONDS
            try:
                held.enter_context(hold_lock(lock, seconds))
            except HeldError as error:
                raise _other_server_error(settings) from error
        yield


def _displace_server() -> bool:
    """Tells the server that runs here to end, if a command started it; whether it was told."""
    found = home.read_running()
    if found is None or not end_on_demand(found):
        return False
    _log.info("replaces the server that a command started (process %d)", found.pid)
    return True


def _other_server_error(settings: Settings) -> RequestError:
    found = home.read_running()
    where = f" on {found.host}:{found.port} (process {found.pid})" if found else ""
    return RequestError(
        ErrorCode.PORT_BUSY,
        say(
            "A server is already running{where}, and two servers cannot share {data}.",
            where=where,
            data=settings.data,
        ),
        "Use that one, or stop it first; a second server needs its own folder: BANDMATE_SERVER_DATA=FOLDER.",
    )
