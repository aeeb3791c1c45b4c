"""One connection each: the protocol's session on a WebSocket, its requests, and the streams of its jobs."""

from bandmate_server.focus import FocusBoard
from bandmate_server.services import Services
from bandmate_server.sessions.connection import ClientConnection

__all__ = ["ClientConnection", "FocusBoard", "Services"]
