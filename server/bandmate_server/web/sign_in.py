"""Who has signed in to the console: one-time codes, and the sign-ins that they are exchanged for.

A sign-in has two secrets. The browser keeps the cookie, which no script can read; the page keeps the key in storage of
its own origin. Both are needed: a browser sends the cookies of 127.0.0.1 to every port, and so to the servers of other
users too, while storage belongs to one port.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from bandmate_plugins._platform.home import write_private

_log = logging.getLogger(__name__)

CODE_SECONDS = 60.0
SIGN_IN_SECONDS = 30 * 24 * 3600.0
_MAX_CODES = 16
_MAX_SIGN_INS = 64
_SECRET_BYTES = 32


class NewSignIn(msgspec.Struct, frozen=True):
    """The two secrets of a fresh sign-in."""

    cookie: str
    key: str


class _SignIn(msgspec.Struct, frozen=True):
    """As kept on the disk: the hashes of its secrets."""

    cookie: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    key: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    until_s: float
    """Since 1970-01-01 UTC."""


EndListener = Callable[[frozenset[str]], None]
"""Called with the names of sign-ins that have just ended."""


class SignIns:
    """Codes in memory, sign-ins in a private file, so that a page goes on after a restart of the server.

    Without a ``path`` nobody has signed in before, and nothing is written: for doors that no page uses.
    """

    def __init__(self, path: Path | None, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock
        self._codes: dict[str, float] = {}
        self._sign_ins = self._read()
        self._end_listeners: list[EndListener] = []

    def on_end(self, listener: EndListener) -> None:
        """Calls `listener` whenever sign-ins end: by a sign-out, or because newer ones take their place."""
        self._end_listeners.append(listener)

    def new_code(self) -> str:
        """A code for one sign-in within `CODE_SECONDS`; the oldest of too many is dropped."""
        self._codes = {code: until for code, until in self._codes.items() if until > self._clock()}
        while len(self._codes) >= _MAX_CODES:
            del self._codes[next(iter(self._codes))]
        code = secrets.token_urlsafe(_SECRET_BYTES)
        self._codes[code] = self._clock() + CODE_SECONDS
        return code

    def exchange_code(self, shown: str) -> NewSignIn | None:
        """A sign-in for a code, which is then used up; None for a code that is unknown, used or too old."""
        for code, until in self._codes.items():
            if hmac.compare_digest(code.encode(), shown.encode()):
                del self._codes[code]
                return self._add() if until > self._clock() else None
        return None

    def name_of(self, cookie: str, key: str) -> str | None:
        """The name of the sign-in that has both secrets; None if there is none, or if it has ended."""
        found = self._find(cookie)
        return found.cookie if found is not None and hmac.compare_digest(found.key, _hash(key)) else None

    def seconds_left(self, name: str) -> float:
        """How long a sign-in still lasts; 0 for one that has ended."""
        return max(
            (each.until_s - self._clock() for each in self._sign_ins if each.cookie == name), default=0.0
        )

    def end_sign_in(self, cookie: str) -> None:
        """Ends a sign-in; does nothing for an unknown one."""
        found = self._find(cookie)
        if found is not None:
            self._write([each for each in self._sign_ins if each is not found])

    def end_all(self) -> int:
        """Ends every sign-in; returns how many there were."""
        now = self._clock()
        count = sum(each.until_s > now for each in self._sign_ins)
        self._write([])
        return count

    def _find(self, cookie: str) -> _SignIn | None:
        hashed, now = _hash(cookie), self._clock()
        for each in self._sign_ins:
            if hmac.compare_digest(each.cookie, hashed) and each.until_s > now:
                return each
        return None

    def _add(self) -> NewSignIn:
        fresh = NewSignIn(secrets.token_hex(_SECRET_BYTES), secrets.token_hex(_SECRET_BYTES))
        now = self._clock()
        kept = [each for each in self._sign_ins if each.until_s > now][-(_MAX_SIGN_INS - 1) :]
        self._write([*kept, _SignIn(_hash(fresh.cookie), _hash(fresh.key), now + SIGN_IN_SECONDS)])
        return fresh

    def _read(self) -> list[_SignIn]:
        if self._path is None:
            return []
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=list[_SignIn])
        except FileNotFoundError:
            return []
        except (OSError, msgspec.DecodeError) as error:
            _log.warning("the console's sign-ins cannot be read, so pages must sign in again: %s", error)
            return []

    def _write(self, sign_ins: list[_SignIn]) -> None:
        """In memory it counts at once; without the disk it lasts as long as this server."""
        ended = {each.cookie for each in self._sign_ins} - {each.cookie for each in sign_ins}
        self._sign_ins = sign_ins
        for listener in self._end_listeners if ended else ():
            listener(frozenset(ended))
        if self._path is None:
            return
        try:
            write_private(self._path, msgspec.json.encode(sign_ins))
        except OSError as error:
            _log.warning("the console's sign-ins cannot be saved: %s", error)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
