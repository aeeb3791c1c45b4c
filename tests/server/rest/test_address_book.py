"""Addresses lead to what answers them: names before parameters, and never a part too many or too few."""

from __future__ import annotations

import pytest

from bandmate_server.rest.address_book import AddressBook

PATHS = ("/jobs", "/jobs/events", "/jobs/{job}", "/jobs/{job}/events", "/jobs/{job}/stems/{stem}/audio")


def asking(path, said):
    async def app(scope, receive, send):
        said.append((path, scope["path_params"]))

    return app


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("address", "path", "params"),
    [
        ("jobs", "/jobs", {}),
        ("jobs/events", "/jobs/events", {}),
        ("jobs/abc", "/jobs/{job}", {"job": "abc"}),
        ("jobs/events/events", "/jobs/{job}/events", {"job": "events"}),
        ("jobs/abc/stems/2/audio", "/jobs/{job}/stems/{stem}/audio", {"job": "abc", "stem": "2"}),
        ("jobs/", "unknown", {}),
        ("jobs//events", "unknown", {}),
        ("jobs/abc/", "unknown", None),
        ("jobs/abc/stems/2", "unknown", None),
        ("jobs/abc/stems/2/audio/more", "unknown", None),
        ("", "unknown", {}),
        ("Jobs", "unknown", {}),
    ],
)
async def test_an_address_leads_to_its_path(address, path, params):
    said = []
    book = AddressBook({each: asking(each, said) for each in PATHS}, asking("unknown", said))
    await book({"path_params": {"address": address}}, None, None)
    assert said[0][0] == path
    if params is not None:
        assert said == [(path, params)]
