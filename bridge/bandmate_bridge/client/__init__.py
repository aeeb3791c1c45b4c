"""The Python client: connects, takes up what was cut off, and receives into files."""

from bandmate_bridge.client.address import ServerAddress
from bandmate_bridge.client.client import Client
from bandmate_bridge.client.reconnecting import Event

__all__ = ["Client", "Event", "ServerAddress"]
