"""Bandmate's protocol: messages, codec and sessions, without any I/O.

Import from the modules: `messages` (the wire), `codec` (frames), `session` (both sides' state),
`tempo` (musical time), `errors`, `units`.
"""

from bandmate_protocol.version import __version__

__all__ = ["__version__"]
