"""A link that signs a browser in to a server's console."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException

from bandmate_bridge.client.address import ServerAddress, current_token
from bandmate_plugins._platform.health import is_own_server
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_SECONDS = 10.0


def new_sign_in_link(address: ServerAddress) -> str:
    """A link with a code in its fragment, which a browser sends to nobody; it works once, for a minute.

    Raises RequestError (`no_server`) where no server with a console answers.
    """
    token = current_token()
    if not is_own_server(address.host, address.port, token):
        raise _no_console_error(address, "it does not know this user's token")
    try:
        code = _ask_for_code(address, token)
    except (OSError, HTTPException, ValueError, KeyError, TypeError) as error:
        raise _no_console_error(address, str(error)) from error
    return f"http://{address.netloc}/#code={code}"


def _ask_for_code(address: ServerAddress, token: str) -> str:
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
    return str(json.loads(body)["code"])


def _no_console_error(address: ServerAddress, reason: str) -> RequestError:
    return RequestError(
        ErrorCode.NO_SERVER,
        say("The server at {address} opens no console: {reason}.", address=address, reason=reason),
        "If an older version of Bandmate runs there, stop it and try again.",
    )
