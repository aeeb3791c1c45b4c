"""The answer to a message that cannot be handled as requested."""

from bandmate_protocol.messages._base import Message
from bandmate_protocol.messages.wording import Wording
from bandmate_protocol.units import ModelNames, RequestId, Sentence, Word


class Error(Message, frozen=True, kw_only=True):
    """A request, or the connection, went wrong. The connection stays unless the server closes it."""

    code: Word
    """One of the codes below."""
    sentence: Sentence
    """What happened."""
    remedy: Sentence = ""
    """What would have worked."""
    wording: Wording | None = None
    """How the sentence is made."""
    remedy_wording: Wording | None = None
    """How the remedy is made."""
    models: ModelNames = ()
    """Models that would help, by the names that the task `pull` takes."""
    request: RequestId | None = None
    """The request that it answers; none when it is about the connection."""
