"""Writes PROTOCOL.md and schema.json into a folder (`protocol` when none is named)."""

import json
import sys

from bandmate_protocol.reference import protocol_document, protocol_schema


def main() -> None:
    """Writes both files."""
    folder = sys.argv[1] if len(sys.argv) > 1 else "protocol"
    with open(f"{folder}/PROTOCOL.md", "w", encoding="utf-8", newline="\n") as file:
        file.write(protocol_document())
    with open(f"{folder}/schema.json", "w", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(protocol_schema(), indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
