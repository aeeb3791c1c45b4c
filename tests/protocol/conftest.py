"""Sessions joined back to back, and the small messages that tests of them need."""

from __future__ import annotations

import pytest

from tests.protocol.pair import Pair


@pytest.fixture
def pair() -> Pair:
    """A client and a server that have greeted."""
    return Pair().greet()


@pytest.fixture
def fresh() -> Pair:
    """A client and a server before any frame passed."""
    return Pair()


@pytest.fixture
def job(pair: Pair) -> str:
    """A job that the client of `pair` submitted and the server accepted."""
    return pair.start_job()
