"""How a server shows that it knows the token before a client sends the token.

A port may be held by somebody else: by another user of the machine, once the server that had it has died.
The client sends a nonce, and the answer is an HMAC over it, with the token as the key. It covers the `Host`
header, so that the answer of a server on another port, passed on by whoever holds this one, is of no use.
"""

from __future__ import annotations

import hmac
import re
import secrets

_NONCE = re.compile(r"[0-9a-f]{32,128}")


def new_nonce() -> str:
    """A nonce for one question: 128 random bits, in hexadecimal."""
    return secrets.token_hex(16)


def is_nonce(text: str) -> bool:
    """Whether a server answers to it: 32 to 128 lower-case hexadecimal digits."""
    return _NONCE.fullmatch(text) is not None


def proof_of(token: str, host: str, nonce: str) -> str:
    """HMAC-SHA-256 in lower-case hexadecimal, with the token's characters as the key.

    `host` is the `Host` header of the request, as the client sent it; its case does not matter.
    """
    message = f"bandmate.v1 health\n{host.lower()}\n{nonce}"
    return hmac.new(token.encode(), message.encode(), "sha256").hexdigest()


def is_proof(proof: str, token: str, host: str, nonce: str) -> bool:
    """Whether a server's answer is that of one that knows the token."""
    return hmac.compare_digest(proof.encode(), proof_of(token, host, nonce).encode())
