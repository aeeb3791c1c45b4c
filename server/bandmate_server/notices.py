"""What people should know of this server, each told once."""

from __future__ import annotations

from collections.abc import Sequence

from bandmate_protocol.messages import Role


class Notices:
    """Sentences for the next command; other clients have no place to show them."""

    def __init__(self, *sentences: str) -> None:
        self._waiting = [sentence for sentence in sentences if sentence]

    def take_for_role(self, role: Role) -> Sequence[str]:
        """What a client that connects in this role has to be told; nobody is told it again."""
        if role != "cli":
            return ()
        taken, self._waiting = self._waiting, []
        return taken
