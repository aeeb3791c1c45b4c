"""OSC as a face of the control model."""

from bandmate_server.surfaces.osc.server import OscServer
from bandmate_server.surfaces.osc.settings import OscSettings, osc_settings

__all__ = ["OscServer", "OscSettings", "osc_settings"]
