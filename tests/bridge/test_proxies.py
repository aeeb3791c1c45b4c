"""Whatever proxy the environment names: commands and their server talk to each other directly."""

from __future__ import annotations

import pytest

from tests.bridge.command_line import CommandLine

NAMES = ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "WS_PROXY")


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "http://127.0.0.1:1", "nonsense"])
def test_no_proxy_stands_between_a_command_and_its_server(bandmate: CommandLine, proxy: str) -> None:
    named = dict.fromkeys((*NAMES, *map(str.lower, NAMES)), proxy)
    empty = {"NO_PROXY": "", "no_proxy": ""}
    bandmate.good("generate", "claves", "--bars", "1", "-o", "out.wav", **named, **empty)
    assert (bandmate.folder / "out.wav").is_file()
    bandmate.good("jobs", **named, **empty)
