"""How a server proves that it knows the token: by the definition in PROTOCOL.md, computed here by hand."""

import hashlib
import re
from pathlib import Path

import pytest

from bandmate_protocol import proof
from bandmate_protocol.proof import is_nonce, is_proof, new_nonce, proof_of

PAGE = Path(proof.__file__).parents[1] / "PROTOCOL.md"
TOKEN, HOST, NONCE = "0123456789abcdef" * 4, "127.0.0.1:7893", "00112233445566778899aabbccddeeff"


def hmac_by_hand(key: bytes, message: bytes) -> str:
    """RFC 2104."""
    padded = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded) + message).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in padded) + inner).hexdigest()


def test_it_is_the_hmac_that_the_page_defines() -> None:
    expected = hmac_by_hand(TOKEN.encode(), f"bandmate.v1 health\n{HOST}\n{NONCE}".encode())
    assert proof_of(TOKEN, HOST, NONCE) == expected
    section = PAGE.read_text(encoding="utf-8").partition("### The proof")[2].partition("## Frames")[0]
    assert {TOKEN, HOST, NONCE, expected} <= set(re.findall("`([^`]+)`", section))


def test_it_depends_on_token_host_and_nonce() -> None:
    answer = proof_of(TOKEN, HOST, NONCE)
    assert is_proof(answer, TOKEN, HOST, NONCE)
    assert is_proof(answer, TOKEN, HOST.upper(), NONCE)
    assert not is_proof(answer, "f" * 64, HOST, NONCE)
    assert not is_proof(answer, TOKEN, "127.0.0.1:7894", NONCE)
    assert not is_proof(answer, TOKEN, HOST, NONCE[::-1])
    assert not is_proof("", TOKEN, HOST, NONCE)
    assert not is_proof("é", TOKEN, HOST, NONCE)


def test_a_nonce_is_fresh_and_has_its_form() -> None:
    assert len({new_nonce() for _ in range(100)}) == 100
    assert is_nonce(new_nonce())


@pytest.mark.parametrize("text", ["", "abc", "0" * 31, "0" * 129, "A" * 32, "0" * 32 + "\n", "g" * 32])
def test_another_text_is_no_nonce(text: str) -> None:
    assert not is_nonce(text)
