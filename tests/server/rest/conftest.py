"""What the tests of REST share."""

import pytest

from tests.server.rest.client import RestClient


@pytest.fixture(scope="session")
def rest(server):
    return RestClient(server)
