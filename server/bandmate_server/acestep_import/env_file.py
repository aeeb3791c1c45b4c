"""A `.env` file: NAME=VALUE lines, quoted or not, with comments.

Read here, as ACE-Step's own files have no more than that, and a variable in a value is taken as it stands.
"""

from __future__ import annotations

import re
from pathlib import Path

from bandmate_protocol.texts import say

_MAX_BYTES = 1 << 20
_MAX_LINE = 4096
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_QUOTED = re.compile(r"""'([^']*)'|"((?:[^"\\]|\\.)*)\"""")


def read_env_file(path: Path) -> tuple[dict[str, str], list[str]]:
    """The values by name, the last one of each, and a sentence for each line that cannot be read.

    Empty for a file that is not there. Raises OSError.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        return {}, []
    if len(data) > _MAX_BYTES:
        return {}, [".env is larger than a megabyte and was not read."]
    values: dict[str, str] = {}
    faults: list[str] = []
    for number, line in enumerate(data.decode("utf-8-sig", "replace").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        read = _read_line(line) if len(line) <= _MAX_LINE else None
        if read is None:
            faults.append(say("Line {number} of .env is not NAME=VALUE.", number=number))
            continue
        values[read[0]] = read[1]
    return values, faults


def _read_line(line: str) -> tuple[str, str] | None:
    name, equals, value = line.strip().removeprefix("export ").partition("=")
    name, value = name.strip(), value.strip()
    if not equals or not _NAME.fullmatch(name):
        return None
    if value[:1] in ("'", '"'):
        quoted = _QUOTED.match(value)
        if quoted is None:
            return None
        return name, quoted[1] if quoted[1] is not None else re.sub(r"\\([\\\"])", r"\1", quoted[2])
    # A comment needs white space in front of it.
    return name, re.split(r"(?:^|\s)#", value, maxsplit=1)[0].strip()
