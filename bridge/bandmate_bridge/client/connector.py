"""Reaching a server, and reaching it again after a cut."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping

from bandmate_bridge.client import launch
from bandmate_bridge.client.address import ServerAddress, current_token, named_address, running_address
from bandmate_bridge.client.connection import ServerConnection
from bandmate_bridge.client.settings_differences import unreached_settings_remark
from bandmate_bridge.client.websocket_link import LinkLostError
from bandmate_plugins._platform import home
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Role
from bandmate_protocol.session import JobFollower
from bandmate_protocol.texts import say

FIRST_DELAY_SECONDS = 0.1
LAST_DELAY_SECONDS = 5.0
_FIRST_TRIES = 3
PATIENCE_SECONDS = 30.0
"""How long a server that went away is waited for."""
GRACE_SECONDS = 2.0
"""How long whoever started a server by hand has to start it again, before a command does."""


class ServerConnector:
    """Opens wires to one server, or to the one that took its place.

    With an ``address`` there is only that server. Without one it is this user's own, on whatever port it has
    by then, and it is started again when it died, unless ``start`` is False.
    """

    def __init__(
        self,
        address: ServerAddress | None,
        *,
        role: Role,
        name: str,
        token_text: str | None = None,
        start: bool = True,
        patience: float = PATIENCE_SECONDS,
        notify: Callable[[str], None] = lambda _: None,
        warn: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._address = address or named_address()
        self._is_named = address is None and self._address is not None
        self._role: Role = role
        self._name = name
        self._token = token_text
        self._may_start = start
        self._on_demand = True
        self._patience = patience
        self._notify = notify
        self._warn = warn

    def connect(self) -> ServerConnection:
        """The first connection. Raises RequestError as `Client.connect` says."""
        tries_left = 1 if self._address else _FIRST_TRIES
        while True:
            tries_left -= 1
            address = self._address or self._find_server()
            if self._is_named and (sentence := unreached_settings_remark(address)):
                self._warn(sentence)
            try:
                return self._open_connection(address)
            except LinkLostError as error:
                # A server that was found may have ended since; the next one is found, or started.
                if not tries_left:
                    raise self._no_answer(address, error) from error

    def _no_answer(self, address: ServerAddress, error: LinkLostError) -> RequestError:
        if self._is_named:
            remedy = "Start a server there with `bandmate serve`, or unset BANDMATE_SERVER to start one here."
        elif self._address:
            remedy = "Start a server there with `bandmate serve`."
        else:
            remedy = "Run the command again. `bandmate doctor` shows where the server's log is."
        return RequestError(
            ErrorCode.NO_SERVER,
            say("No server answers at {address}: {error}.", address=address, error=error),
            remedy,
        )

    def reconnect(self, resume_key: str, follows: Mapping[str, JobFollower]) -> ServerConnection:
        """Connects again, ever less often, until the patience is at its end.

        Raises RequestError (`no_server`) then, and at once where waiting cannot help.
        """
        begun = time.monotonic()
        delay = FIRST_DELAY_SECONDS
        while True:
            try:
                address = self._address or self._find_server_again(time.monotonic() - begun)
                if address:
                    return self._open_connection(address, resume_key, follows)
                reason = "it is no longer running"
            except LinkLostError as error:
                reason = str(error)
            if time.monotonic() - begun + delay > self._patience:
                raise RequestError(
                    ErrorCode.NO_SERVER,
                    say(
                        "The connection to the server was lost and did not return for {patience:.0f} s: {reason}.",
                        patience=self._patience,
                        reason=reason,
                    ),
                    "Its jobs are kept: once a server runs again, `bandmate jobs` lists them and `bandmate fetch "
                    "JOB` fetches their results.",
                )
            time.sleep(delay * random.uniform(0.8, 1.0))  # noqa: S311 - only spreads clients out
            delay = min(delay * 2, LAST_DELAY_SECONDS)

    def hurry(self, seconds: float) -> None:
        """From now on waits no longer than that for a server, and starts none."""
        self._patience = min(self._patience, seconds)
        self._may_start = False

    def _open_connection(
        self,
        address: ServerAddress,
        resume_key: str | None = None,
        follows: Mapping[str, JobFollower] | None = None,
    ) -> ServerConnection:
        wire = ServerConnection(
            address,
            self._token or current_token(),
            role=self._role,
            name=self._name,
            resume_key=resume_key,
            follows=follows,
        )
        for notice in wire.welcome.notices:
            self._warn(notice)
        return wire

    def _find_server(self) -> ServerAddress:
        if not self._may_start:
            found = running_address()
            if found is None:
                raise RequestError(
                    ErrorCode.NO_SERVER, "No server is running.", "Start one with `bandmate serve`."
                )
            return found
        address, _ = launch.find_or_start(self._notify, self._warn)
        server = home.read_running()
        self._on_demand = server is not None and server.on_demand
        return address

    def _find_server_again(self, waited: float) -> ServerAddress | None:
        """The server that took the place of the one that is gone; one that is started where none did."""
        found = running_address()
        if found or not self._may_start:
            return found
        if not self._on_demand and waited < GRACE_SECONDS:
            return None
        try:
            return launch.find_or_start(self._notify, any_settings=True)[0]
        except RequestError as error:
            # Another one may be on its way, such as the one that took this one's place.
            raise LinkLostError(error.sentence.rstrip(".")) from error
