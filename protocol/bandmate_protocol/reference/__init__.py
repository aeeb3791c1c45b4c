"""The protocol written out: PROTOCOL.md for people, schema.json for programs, both made from the Structs.

`python -m bandmate_protocol.reference FOLDER` writes them.
"""

from bandmate_protocol.reference._document import document
from bandmate_protocol.reference._schema import schema

__all__ = ["document", "schema"]
