"""What the package index shows: the README with links that work there, and the repository where it is known.

Relative links and pictures lead nowhere on an index. In a build on GitHub they get the address of the commit
that is built; elsewhere links become their text, and pictures are left out.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:)([^)\s]+)\)")


class CustomMetadataHook(MetadataHookInterface):
    """Adds the fields that pyproject.toml calls dynamic."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Sets `readme`, and `urls` where the repository is known."""
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        repository, commit = known_repository(os.environ)
        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": published_readme(text, repository, commit),
        }
        metadata["urls"] = project_urls(repository)


def known_repository(environ: Mapping[str, str]) -> tuple[str, str]:
    """The address of the repository and the commit that a build on GitHub is of; empty elsewhere."""
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA")
    server, name, commit = (environ.get(each, "") for each in names)
    return (f"{server}/{name}", commit) if server and name and commit else ("", "")


def project_urls(repository: str) -> dict[str, str]:
    """The links beside the text; none where the repository is not known."""
    if not repository:
        return {}
    return {
        "Source": repository,
        "Documentation": f"{repository}/tree/HEAD/docs",
        "Changelog": f"{repository}/blob/HEAD/CHANGELOG.md",
        "Issues": f"{repository}/issues",
    }


def published_readme(text: str, repository: str, commit: str) -> str:
    """The README without relative links."""

    def replaced(found: re.Match[str]) -> str:
        picture, label, place = found.groups()
        if not repository:
            return "" if picture else label
        if place.startswith("#"):
            place = f"README.md{place}"
        kind = "raw" if picture else "blob"
        return f"{picture}[{label}]({repository}/{kind}/{commit}/{place})"

    return _LINK.sub(replaced, text)
