"""A parser of requests that passes over offers of other protocols, as RFC 9110 (section 7.8) lets a server do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import httptools

_OFFERING = frozenset({b"upgrade", b"http2-settings"})


class RequestParser(httptools.HttpRequestParser):  # type: ignore[misc,unused-ignore]
    """httptools ends a request at its head when it offers to go on in another protocol, and what follows is lost.

    Java's client makes such offers (findings/httptools-upgrade-body.sh). Such a head is read again, without the offer.
    """

    def __init__(self, protocol: object, take_plain_head: Callable[[], bytes | None]) -> None:
        """`take_plain_head` has the head to read instead of the one that was read last; None when its offer stands."""
        super().__init__(protocol)
        self._take_plain_head = take_plain_head

    def feed_data(self, data: bytes) -> None:  # type: ignore[override,unused-ignore]
        """See httptools.HttpParser."""
        while True:
            try:
                super().feed_data(data)
                return
            except httptools.HttpParserUpgrade as upgrade:
                head = self._take_plain_head()
                if head is None:
                    raise
                data = head + data[upgrade.args[0] :]


def head_without_offer(
    method: bytes, url: bytes, version: str, headers: Sequence[tuple[bytes, bytes]]
) -> bytes:
    """The head of a request, with all but its offer of another protocol; names of headers are in lower case."""
    lines = [b"%b %b HTTP/%b" % (method, url, version.encode())]
    for name, value in headers:
        if name == b"connection":
            tokens = [token.strip() for token in value.split(b",")]
            value = b", ".join(token for token in tokens if token.lower() not in _OFFERING)
        if name not in _OFFERING and (value or name != b"connection"):
            lines.append(name + b": " + value)
    return b"\r\n".join([*lines, b"", b""])
