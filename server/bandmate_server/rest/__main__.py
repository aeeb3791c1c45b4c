"""Writes openapi.json into a folder (`protocol` when none is named)."""

import sys
from pathlib import Path

from bandmate_server.rest.openapi import document_bytes


def main() -> None:
    """Writes the file."""
    folder = sys.argv[1] if len(sys.argv) > 1 else "protocol"
    (Path(folder) / "openapi.json").write_bytes(document_bytes())


if __name__ == "__main__":
    main()
