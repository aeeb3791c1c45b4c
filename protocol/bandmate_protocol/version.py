"""Bandmate's version and the protocol's, the one place where they are written."""

__version__ = "0.1.0"

PROTOCOL_MIN = 1
"""The oldest version of the protocol that this code speaks."""

PROTOCOL_MAX = 1
"""The newest version of the protocol that this code speaks."""

SUBPROTOCOL = "bandmate.v1"
"""The WebSocket subprotocol that both sides name."""
