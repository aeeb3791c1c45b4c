"""The Python client: connects, takes up what was cut off, and receives into files."""

from bandmate_bridge.client.address import Address
from bandmate_bridge.client.client import Client
from bandmate_bridge.client.reconnecting import Event

__all__ = ["Address", "Client", "Event"]
