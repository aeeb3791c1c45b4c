"""What the engines `demucs` and `roformer` say of themselves. Light: torch comes with `load`."""

from __future__ import annotations

from abc import abstractmethod
from importlib.util import find_spec
from typing import ClassVar, Literal

from bandmate_plugins._engines.separation_nets.options import NetworkOptions
from bandmate_plugins._platform.installation import how_to_add
from bandmate_plugins.engine import Engine, Readiness
from bandmate_protocol.messages import Ability
from bandmate_protocol.texts import say


class NetworkEngine(Engine):
    """Separates by networks of a package, with weights of which any will do."""

    abilities: ClassVar[frozenset[Ability]] = frozenset({"separate"})
    Options = NetworkOptions
    placement: ClassVar[Literal["cpu", "device"]] = "device"
    package: ClassVar[str]
    """The module that its networks come from."""
    first_pull: ClassVar[str]
    """How to get weights, as a sentence goes on after a command."""
    first_model: ClassVar[str]
    """The model that `first_pull` names."""

    def readiness(self) -> Readiness:
        """Ready when any of its weights are on the disk."""
        if find_spec("torch") is None or find_spec(self.package) is None:
            needed = self.package.replace("_", "-")
            return Readiness(
                "unavailable",
                say(
                    "It needs torch and {needed}. {how_to_add}",
                    needed=needed,
                    how_to_add=how_to_add("models"),
                ),
            )
        if self.has_weights():
            return Readiness()
        return Readiness("needs_weights", self.first_pull, models=(self.first_model,))

    @abstractmethod
    def has_weights(self) -> bool:
        """Whether any weights that it can use are on the disk."""
