"""Says what keeps a tag from being released: `python .github/check_release.py v0.1.0`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
VERSION = ROOT / "protocol" / "bandmate_protocol" / "version.py"
INSTALLATION = ROOT / "plugins" / "bandmate_plugins" / "_platform" / "installation.py"
NOT_YET = ("not released yet", "not on PyPI yet")


def faults(tag: str, root: Path = ROOT) -> Iterator[str]:
    """What keeps a tag from being released, a sentence each."""
    version = re.search(r'__version__ = "([^"]+)"', (root / VERSION.relative_to(ROOT)).read_text("utf-8"))
    if version is None or tag != f"v{version[1]}":
        yield f"The tag is {tag}, the version {version[1] if version else 'unknown'}."
    if "PUBLISHED = True" not in (root / INSTALLATION.relative_to(ROOT)).read_text("utf-8"):
        yield "PUBLISHED in bandmate_plugins/_platform/installation.py is not True."
    changelog = (root / "CHANGELOG.md").read_text("utf-8")
    number = tag.removeprefix("v")
    if not re.search(rf"^## {re.escape(number)}, \d{{4}}-\d\d-\d\d$", changelog, re.MULTILINE):
        yield f"CHANGELOG.md has no heading '## {number}, YYYY-MM-DD'."
    for name in ("README.md", "docs/plugins.md"):
        if any(text in (root / name).read_text("utf-8") for text in NOT_YET):
            yield f"{name} says that Bandmate is not on PyPI yet."


def main() -> int:
    """The exit code."""
    found = list(faults(sys.argv[1] if len(sys.argv) > 1 else ""))
    sys.stderr.write("".join(f"{fault}\n" for fault in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
