"""Two ways to sound, as they are named on the command line: a change to every example, or a folder of audio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bandmate_bridge.listen_page.examples import PageExample, check_example, read_examples
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

SOUNDS = ("own", "soundfont", "auto")
_ENDING = ".wav"


@dataclass(frozen=True)
class PairSide:
    """One side of a pair: an example to render, or a file that is there."""

    way: str
    example: PageExample | None = None
    file: Path | None = None


@dataclass(frozen=True)
class SoundPair:
    """Two sides of the same name."""

    name: str
    title: str
    sides: tuple[PairSide, PairSide]


def read_pairs(ways: tuple[str, str], examples: Sequence[tuple[str, PageExample]]) -> list[SoundPair]:
    """A pair for each name that both ways have. Raises RequestError (`bad_params`, `file_unusable`)."""
    first, second = (_way_sides(way, examples) for way in ways)
    names = [name for name in first if name in second]
    if not names:
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{first} and {second} have no names in common.", first=ways[0], second=ways[1]),
            "Files are compared with those of the same name.",
        )
    titles = {name: example.title or name for name, example in examples}
    return [
        SoundPair(name, _pair_title(name, titles, first[name], second[name]), (first[name], second[name]))
        for name in names
    ]


def _pair_title(name: str, titles: dict[str, str], *sides: PairSide) -> str:
    given = [side.example.title for side in sides if side.example is not None]
    return titles.get(name) or next(iter(given), name)


def _way_sides(way: str, examples: Sequence[tuple[str, PageExample]]) -> dict[str, PairSide]:
    folder = Path(way).expanduser()
    if folder.is_dir():
        return _folder_sides(way, folder)
    if "=" not in way and (len(folder.parts) > 1 or folder.is_file() or way.endswith(("/", "\\"))):
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{way} is not a folder.", way=way)
            if folder.exists()
            else say("There is no folder {way}.", way=way),
            "Name a folder of WAV files or examples.",
        )
    field, _, value = ("sound", "=", way) if way in SOUNDS else way.partition("=")
    if not value or field not in PageExample.__struct_fields__:
        fields = ", ".join(PageExample.__struct_fields__)
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say("{way} is no way to sound.", way=way),
            say(
                "Write own, soundfont, a folder of WAV files or examples, or a change such as seed=2. Fields: "
                "{fields}.",
                fields=fields,
            ),
        )
    return {name: PairSide(way, _changed(example, field, value)) for name, example in examples}


def _folder_sides(way: str, folder: Path) -> dict[str, PairSide]:
    sounds = sorted(path for place in (folder, folder / "audio") for path in place.glob(f"*{_ENDING}"))
    if sounds:
        return {path.stem: PairSide(way, file=path) for path in sounds}
    return {name: PairSide(way, example) for name, example in read_examples([folder])}


def _changed(example: PageExample, field: str, value: str) -> PageExample:
    kept = {name: getattr(example, name) for name in example.__struct_fields__}
    # One length or the other: what is said takes the place of what was there.
    other = {"bars": "seconds", "seconds": "bars"}.get(field)
    if other:
        kept[other] = None
    try:
        changed = msgspec.convert(kept | {field: value}, PageExample, strict=False)
    except msgspec.ValidationError as error:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say("{field}={value} cannot be used: {reason}.", field=field, value=value, reason=error),
            "examples/README.md lists the fields.",
        ) from error
    check_example(Path(f"{field}={value}"), changed)
    return changed
