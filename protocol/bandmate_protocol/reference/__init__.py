"""The protocol written out: PROTOCOL.md for people, schema.json for programs, both made from the Structs.

`python -m bandmate_protocol.reference FOLDER` writes them.
"""

from bandmate_protocol.reference._document import protocol_document
from bandmate_protocol.reference._schema import protocol_schema

__all__ = ["protocol_document", "protocol_schema"]
