"""Reaching a server, and reaching it again after a cut."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping

from bandmate_bridge.client import launch
from bandmate_bridge.client.address import Address, named_address, running_address, token
from bandmate_bridge.client.link import LinkLostError
from bandmate_bridge.client.wire import Wire
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Role
from bandmate_protocol.session import Follow

FIRST_DELAY_SECONDS = 0.1
LAST_DELAY_SECONDS = 5.0
PATIENCE_SECONDS = 30.0
"""How long a server that went away is waited for."""


class Reach:
    """Opens wires to one server, or to the one that took its place.

    With an ``address`` there is only that server. Without one it is this user's own, on whatever port it has
    by then; if this client started it, it starts it again.
    """

    def __init__(
        self,
        address: Address | None,
        *,
        role: Role,
        name: str,
        token_text: str | None = None,
        start: bool = True,
        patience: float = PATIENCE_SECONDS,
        notify: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._address = address or named_address()
        self._role: Role = role
        self._name = name
        self._token = token_text
        self._may_start = start
        self._started = False
        self._patience = patience
        self._notify = notify

    def first(self) -> Wire:
        """The first connection. Raises RequestError as `Client.connect` says."""
        address = self._address or self._find()
        try:
            return self._open(address)
        except LinkLostError as error:
            raise RequestError(
                ErrorCode.NO_SERVER,
                f"No server answers at {address}: {error}.",
                "Start one with `bandmate serve`, or leave out BANDMATE_SERVER to have one started.",
            ) from error

    def again(self, resume_key: str, follows: Mapping[str, Follow]) -> Wire:
        """Connects again, ever less often, until the patience is at its end.

        Raises RequestError (`no_server`) then, and at once where waiting cannot help.
        """
        deadline = time.monotonic() + self._patience
        delay = FIRST_DELAY_SECONDS
        while True:
            try:
                address = self._address or self._find_again()
                if address:
                    return self._open(address, resume_key, follows)
                reason = "it is not running any more"
            except LinkLostError as error:
                reason = str(error)
            if time.monotonic() + delay > deadline:
                raise RequestError(
                    ErrorCode.NO_SERVER,
                    f"The connection to the server broke off, and for {self._patience:.0f} s none came back: "
                    f"{reason}.",
                    "Its jobs are kept: once a server runs again, `bandmate jobs` shows them.",
                )
            time.sleep(delay * random.uniform(0.8, 1.0))  # noqa: S311 - only spreads clients out
            delay = min(delay * 2, LAST_DELAY_SECONDS)

    def hurry(self, seconds: float) -> None:
        """From now on waits no longer than that for a server, and starts none."""
        self._patience = min(self._patience, seconds)
        self._may_start = self._started = False

    def _open(
        self, address: Address, resume_key: str | None = None, follows: Mapping[str, Follow] | None = None
    ) -> Wire:
        return Wire(
            address,
            self._token or token(),
            role=self._role,
            name=self._name,
            resume_key=resume_key,
            follows=follows,
        )

    def _find(self) -> Address:
        if not self._may_start:
            found = running_address()
            if found is None:
                raise RequestError(
                    ErrorCode.NO_SERVER, "No server is running.", "Start one with `bandmate serve`."
                )
            return found
        address, self._started = launch.find_or_start(self._notify)
        return address

    def _find_again(self) -> Address | None:
        found = running_address()
        if found or not self._started:
            return found
        return launch.find_or_start(self._notify)[0]
