"""OSC as a face of the control model."""

from bandmate_server.osc.server import OscServer
from bandmate_server.osc.settings import OscSettings, osc_settings

__all__ = ["OscServer", "OscSettings", "osc_settings"]
