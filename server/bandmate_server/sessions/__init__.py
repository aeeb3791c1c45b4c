"""One connection each: the protocol's session on a WebSocket, its requests, and the streams of its jobs."""

from bandmate_server.sessions.connection import Connection
from bandmate_server.sessions.focus import FocusBoard
from bandmate_server.sessions.services import Services

__all__ = ["Connection", "FocusBoard", "Services"]
