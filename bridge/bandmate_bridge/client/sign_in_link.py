"""Links that sign a browser in to a server's console."""

from __future__ import annotations

from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException

import msgspec

from bandmate_bridge.client.address import ServerAddress, current_token
from bandmate_plugins._platform.health import is_own_server
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class SignInLinks:
    """Links with codes in their fragments, which a browser sends to nobody. Each code works once, for a minute."""

    here: str
    """For a browser on this machine."""
    lan: tuple[str, ...] = ()
    """For another machine, by each address of the server, with one code; none where the server keeps to itself."""


class _Code(msgspec.Struct):
    code: str
    lan: tuple[str, ...] = ()


def new_sign_in_links(address: ServerAddress) -> SignInLinks:
    """Fresh links to a server's console. Raises RequestError (`no_server`) where no server with a console answers."""
    token = current_token()
    if not is_own_server(address.host, address.port, token):
        raise _no_console_error(address, "it does not know this user's token")
    try:
        here = _ask_for_code(address, token)
        other = _ask_for_code(address, token) if here.lan else here
    except (OSError, HTTPException, ValueError) as error:
        raise _no_console_error(address, str(error)) from error
    lan = tuple(f"http://{netloc}/#code={other.code}" for netloc in here.lan)
    return SignInLinks(f"http://{address.netloc}/#code={here.code}", lan)


def _ask_for_code(address: ServerAddress, token: str) -> _Code:
    connection = HTTPConnection(address.host, address.port, timeout=_SECONDS)
    try:
        headers = {"Host": address.netloc, "Authorization": f"Bearer {token}"}
        connection.request("POST", "/console/code", headers=headers)
        response = connection.getresponse()
        body = response.read(65_536)
    finally:
        connection.close()
    if response.status != 200:
        raise ValueError(f"HTTP status {response.status}")
    return msgspec.json.decode(body, type=_Code)


def _no_console_error(address: ServerAddress, reason: str) -> RequestError:
    return RequestError(
        ErrorCode.NO_SERVER,
        say("The server at {address} opens no console: {reason}.", address=address, reason=reason),
        "If an older version of Bandmate runs there, stop it and try again.",
    )
