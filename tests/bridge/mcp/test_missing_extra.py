"""`bandmate mcp` where the SDK is not installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.patience import PATIENCE_SECONDS
from tests.running import server_environ

WITHOUT_SDK = """
import sys
sys.modules["mcp"] = None
from bandmate_plugins._app.root import main
sys.argv = ["bandmate", "mcp"]
main()
"""


def test_the_command_says_how_to_add_what_it_needs(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_SDK],
        env=server_environ(tmp_path),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode != 0
    assert done.stdout == ""
    assert "`bandmate mcp` needs packages that are not installed: mcp." in done.stderr
    assert "Install it: `" in done.stderr
    assert "Traceback" not in done.stderr
