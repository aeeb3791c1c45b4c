"""The Python client: connects, resumes after interruptions, and receives into files."""

from bandmate_bridge.client.address import ServerAddress
from bandmate_bridge.client.client import Client
from bandmate_bridge.client.reconnecting import Event

__all__ = ["Client", "Event", "ServerAddress"]
