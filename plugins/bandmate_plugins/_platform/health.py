"""Asks who listens on a port: a Bandmate server, and one that knows this user's token?"""

from __future__ import annotations

import socket
from dataclasses import dataclass

import msgspec

from bandmate_protocol.proof import is_proof, new_nonce

HEALTH_SECONDS = 2.0
_MAX_BYTES = 65_536


class ServerHealth(msgspec.Struct, frozen=True):
    """What `GET /health` says."""

    status: str
    version: str = ""
    protocol: int = 0
    proof: str = ""


@dataclass(frozen=True, slots=True)
class HealthAnswer:
    """What came of asking."""

    status: int
    """Of HTTP."""
    health: ServerHealth | None
    """None for what is no Bandmate server."""
    proved: bool
    """It knows the token, which may be sent to it."""
    stays_open: bool
    """The connection can be used for more."""


def ask_health(host: str, port: int, token: str, *, wire: socket.socket | None = None) -> HealthAnswer:
    """Asks over a connection of its own, for 2 s at most, or over `wire`. The token itself is not sent.

    Raises OSError and http.client.HTTPException when nobody answers, or not in HTTP.
    """
    from http.client import HTTPConnection

    connection = HTTPConnection(host, port, timeout=HEALTH_SECONDS)
    connection.sock = wire
    netloc = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    nonce = new_nonce()
    try:
        connection.request("GET", f"/health?nonce={nonce}", headers={"Host": netloc})
        response = connection.getresponse()
        body = response.read(_MAX_BYTES)
        stays_open = response.isclosed() and not response.will_close
        health = _decode_health(body) if response.status == 200 else None
        proved = health is not None and is_proof(health.proof, token, netloc, nonce)
        return HealthAnswer(response.status, health, proved, stays_open)
    finally:
        if wire is None:
            connection.close()


def is_own_server(host: str, port: int, token: str) -> bool:
    """Whether a server answers there that knows the token."""
    from http.client import HTTPException

    try:
        return ask_health(host, port, token).proved
    except (OSError, HTTPException):
        return False


def _decode_health(body: bytes) -> ServerHealth | None:
    try:
        health = msgspec.json.decode(body, type=ServerHealth)
    except msgspec.DecodeError:
        return None
    return health if health.status == "ok" and health.protocol else None
