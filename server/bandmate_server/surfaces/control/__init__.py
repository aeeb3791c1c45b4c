"""What hands on a desk can see and do: slots, and the parameters, triggers and displays of surfaces."""

from bandmate_server.slots import SlotStore

__all__ = ["SlotStore"]
