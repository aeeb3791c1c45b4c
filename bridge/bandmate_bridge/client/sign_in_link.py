"""Signing browsers in to a server's console by links, and out of it."""

from __future__ import annotations

from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import TypeVar

import msgspec

from bandmate_bridge.client.address import ServerAddress, current_token
from bandmate_plugins._platform.health import is_own_server
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_SECONDS = 10.0
Answer = TypeVar("Answer")


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


class _Ended(msgspec.Struct):
    ended: int


def new_sign_in_links(address: ServerAddress) -> SignInLinks:
    """Fresh links to a server's console. Raises RequestError (`no_server`) where no server with a console answers."""
    here = _ask_console(address, "/console/code", _Code)
    other = _ask_console(address, "/console/code", _Code) if here.lan else here
    lan = tuple(f"http://{netloc}/#code={other.code}" for netloc in here.lan)
    return SignInLinks(f"http://{address.netloc}/#code={here.code}", lan)


def sign_browsers_out(address: ServerAddress) -> int:
    """Signs every browser out and closes the pages' connections; returns how many sign-ins there were.

    Raises RequestError (`no_server`) as `new_sign_in_links` does.
    """
    return _ask_console(address, "/console/sign-out", _Ended).ended


def _ask_console(address: ServerAddress, path: str, kind: type[Answer]) -> Answer:
    """The answer to a POST that shows the token. Raises RequestError (`no_server`)."""
    token = current_token()
    if not is_own_server(address.host, address.port, token):
        raise _no_console_error(address, "it does not know this user's token")
    try:
        return msgspec.json.decode(_post_with_token(address, path, token), type=kind)
    except (OSError, HTTPException, ValueError) as error:
        raise _no_console_error(address, str(error)) from error


def _post_with_token(address: ServerAddress, path: str, token: str) -> bytes:
    connection = HTTPConnection(address.host, address.port, timeout=_SECONDS)
    try:
        headers = {"Host": address.netloc, "Authorization": f"Bearer {token}"}
        connection.request("POST", path, headers=headers)
        response = connection.getresponse()
        body = response.read(65_536)
    finally:
        connection.close()
    if response.status != 200:
        raise ValueError(f"HTTP status {response.status}")
    return body


def _no_console_error(address: ServerAddress, reason: str) -> RequestError:
    return RequestError(
        ErrorCode.NO_SERVER,
        say("The server at {address} opens no console: {reason}.", address=address, reason=reason),
        "If an older version of Bandmate runs there, stop it and try again.",
    )
