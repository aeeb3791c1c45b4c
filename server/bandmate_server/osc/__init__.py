"""OSC as a face of the control model."""

from bandmate_server.osc.server import OscServer, OscSettings

__all__ = ["OscServer", "OscSettings"]
