"""Writes docs/reaper-mailbox.md, the JSON Schema, and the scripts' list of fields into a checkout."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bandmate_bridge.reaper.mailbox_reference import lua_fields, mailbox_document, mailbox_schema


def generated_files() -> dict[str, str]:
    """The text of each file, by its path from the root of a checkout."""
    return {
        "docs/reaper-mailbox.md": mailbox_document(),
        "bridge/reaper_mailbox/schema.json": json.dumps(mailbox_schema(), indent=1, ensure_ascii=False)
        + "\n",
        "bridge/bandmate_bridge/reaper/scripts/bandmate/mailbox_fields.lua": lua_fields(),
    }


def main() -> None:
    """Writes all of them below the folder that is named, else below the current one."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    for path, text in generated_files().items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
