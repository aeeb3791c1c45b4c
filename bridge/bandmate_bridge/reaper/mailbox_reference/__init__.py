"""The mailbox written out from its Structs: a page for people, JSON Schema for programs, a list for the scripts.

`python -m bandmate_bridge.reaper.mailbox_reference` writes them into a checkout.
"""

from bandmate_bridge.reaper.mailbox_reference.document import mailbox_document
from bandmate_bridge.reaper.mailbox_reference.lua_fields import lua_fields
from bandmate_bridge.reaper.mailbox_reference.schema import mailbox_schema

__all__ = ["lua_fields", "mailbox_document", "mailbox_schema"]
