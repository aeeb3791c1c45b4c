"""The examples of the page, out of the folder `examples`: `python -m tests.console.examples` writes them."""

from __future__ import annotations

import json

from tests.material.npm_packages import ROOT

TARGET = ROOT / "server" / "bandmate_server" / "web" / "page" / "model" / "examples.js"
FIELDS = ("title", "about", "prompt", "bpm", "metre", "key", "bars", "seconds", "seed")
HEAD = "// Prompts to start from, as in the folder examples; `python -m tests.console.examples` writes this file.\n\n"


def examples_script() -> str:
    """The module with one line for each example, in their order."""
    lines = []
    for file in sorted((ROOT / "examples").glob("*.json")):
        example = json.loads(file.read_text(encoding="utf-8"))
        kept = {name: example[name] for name in FIELDS if name in example}
        lines.append(f"  {json.dumps(kept, ensure_ascii=False)},\n")
    return f"{HEAD}export const EXAMPLES = [\n{''.join(lines)}];\n"


def main() -> None:
    TARGET.write_text(examples_script(), encoding="utf-8")


if __name__ == "__main__":
    main()
