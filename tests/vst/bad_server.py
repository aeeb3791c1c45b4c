"""A peer on a real socket that greets as a server does and then breaks every rule that it is told to."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import threading
from pathlib import Path

from bandmate_protocol.codec import MAX_FRAME_BYTES, encode_message
from bandmate_protocol.messages import Limits, Message, Welcome
from bandmate_protocol.proof import proof_of

LIMITS = Limits(frame_bytes=MAX_FRAME_BYTES, upload_bytes=1 << 24, range_seconds=7200.0, jobs=64)
PATIENCE_S = 15
TOKEN = "f" * 64
"""What the client's file holds."""


def welcome(protocol: int = 1) -> bytes:
    """A whole WebSocket frame."""
    return framed(
        Welcome(protocol=protocol, server_version="1.0", resume_key="0123456789abcdef", limits=LIMITS)
    )


def framed(content: Message | bytes, first: int = 0x82) -> bytes:
    """`content` as one unmasked frame; `first` is its first byte, a whole binary message's unless told."""
    data = content if isinstance(content, bytes) else encode_message(content)
    size = len(data)
    if size < 126:
        return bytes([first, size]) + data
    if size < 1 << 16:
        return bytes([first, 126]) + size.to_bytes(2) + data
    return bytes([first, 127]) + size.to_bytes(8) + data


class BadServer:
    """Gives each connection the next of `attacks`, and waits until the client has had enough."""

    def __init__(self, home: Path, attacks: list[bytes], *, greets: bool = True, token: str = TOKEN) -> None:
        self.attacks = attacks
        self.greets = greets
        self.token = token
        self.heard = b""
        """All that clients sent before they were attacked."""
        self.refused: list[int] = []
        """The attacks after which the client hung up, by their place."""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(PATIENCE_S)
        where = home / "state" / "server.json"
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_text(json.dumps({"host": "127.0.0.1", "port": self.listener.getsockname()[1]}))
        (home / "config").mkdir(exist_ok=True)
        (home / "config" / "token").write_text(TOKEN)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def close(self) -> None:
        """Waits for the rest of the attacks, each of which has an end; after them nothing listens."""
        self.thread.join(2 * PATIENCE_S * len(self.attacks))

    def _run(self) -> None:
        with self.listener:
            for place, attack in enumerate(self.attacks):
                try:
                    connection, _ = self.listener.accept()
                except TimeoutError:
                    return
                with connection:
                    connection.settimeout(PATIENCE_S)
                    if self._attacked(connection, attack):
                        self.refused.append(place)

    def _attacked(self, connection: socket.socket, attack: bytes) -> bool:
        """Whether the client hung up."""
        try:
            asked = self._request(connection)
            if self.greets:
                connection.sendall(proving(asked, self.token))
                connection.sendall(_greeting(self._request(connection)))
            connection.sendall(attack)
            while connection.recv(65_536):
                pass
        except TimeoutError:
            return False
        except OSError:
            pass  # it hung up with something unread
        return True

    def _request(self, connection: socket.socket) -> bytes:
        asked = b""
        while b"\r\n\r\n" not in asked:
            part = connection.recv(4096)
            if not part:
                raise ConnectionResetError
            asked += part
        self.heard += asked
        return asked


def proving(asked: bytes, token: str = TOKEN) -> bytes:
    """The answer to `GET /health`, of a server that knows a token."""
    path = asked.split()[1].decode()
    host = next(
        line.split()[1] for line in asked.split(b"\r\n") if line.lower().startswith(b"host:")
    ).decode()
    proof = proof_of(token, host, path.partition("nonce=")[2])
    body = json.dumps({"status": "ok", "version": "1.0", "protocol": 1, "proof": proof}).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def _greeting(asked: bytes) -> bytes:
    key = next(
        line.split()[1] for line in asked.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key")
    )
    digest = hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11", usedforsecurity=False).digest()
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n\r\n"
    )
