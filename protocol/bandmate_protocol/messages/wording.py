"""How a sentence is made, so that it can be shown in another language."""

from __future__ import annotations

from msgspec import field

from bandmate_protocol.messages._base import MessagePart
from bandmate_protocol.units import Sentence, Values


class Wording(MessagePart, frozen=True, kw_only=True):
    """How a sentence is made: its English template, and what stands in the template's braces."""

    template: Sentence
    """Such as `There is no track {name}.`: the sentence's id for translations. Braces are doubled."""
    values: Values = field(default_factory=dict)
    """Text and numbers by name; a value that is a sentence itself is a map of the same two fields."""
