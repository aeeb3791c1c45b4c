"""Examples as files: prompts with their parameters, in Bandmate's form or in that of ACE-Step.

examples/README.md says what each field means.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta

from bandmate_bridge.requests.timing import MusicLength, TempoMetreKey
from bandmate_plugins._acestep_requests import read_request
from bandmate_plugins._tasks.vocals import LanguageCode
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.keys import read_key
from bandmate_protocol.texts import say

_MAX_BYTES = 1 << 20
_METRE = re.compile(r"([0-9]{1,3})/([0-9]{1,3})")
_ACE_STEP_FIELDS = frozenset({"caption", "lyrics", "keyscale", "timesignature", "duration"})


class PageExample(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One prompt with its parameters. What is left out is decided by the prompt and the engine."""

    prompt: Annotated[str, Meta(max_length=10_000)]
    title: Annotated[str, Meta(max_length=200)] = ""
    about: Annotated[str, Meta(max_length=2_000)] = ""
    """What to listen for."""
    bpm: Annotated[float, Meta(ge=1, le=2_000)] | None = None
    metre: str | None = None
    key: str | None = None
    bars: Annotated[float, Meta(gt=0, le=10_000)] | None = None
    seconds: Annotated[float, Meta(gt=0, le=3_600)] | None = None
    seed: Annotated[int, Meta(ge=0, lt=2**32)] = 1
    engine: Annotated[str, Meta(max_length=64)] | None = None
    sound: Literal["auto", "own", "soundfont"] = "auto"
    lyrics: str = ""
    """For an engine that sings."""
    language: LanguageCode = "unknown"
    options: dict[str, bool | int | float | str] = {}
    """Parameters of the task and options of the engine, as for `--set`."""

    @property
    def feel(self) -> TempoMetreKey:
        """Tempo, metre and key, as far as they are said."""
        found = _METRE.fullmatch(self.metre or "")
        return TempoMetreKey(self.bpm, (int(found[1]), int(found[2])) if found else None, self.key)

    @property
    def length(self) -> MusicLength:
        """The length, if one is said."""
        return MusicLength(bars=self.bars, seconds=self.seconds)


def example_folder() -> Path:
    """The folder of Bandmate's own examples: as they came with it, else those of the clone."""
    own = Path(__file__).parent / "ready"
    return own if own.is_dir() else Path(__file__).parents[3] / "examples"


def read_examples(paths: list[Path]) -> list[tuple[str, PageExample]]:
    """The examples of files and folders, each with a name for its files; folders give theirs by name.

    Raises RequestError (`file_unusable`) for what is no example, with the file's name.
    """
    files: list[Path] = []
    for path in paths:
        files.extend(sorted(path.glob("*.json")) if path.is_dir() else [path])
    if not any(path.exists() for path in files):
        where = ", ".join(str(path) for path in paths)
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{where} contains no examples.", where=where),
            "Name JSON files with a prompt in each, or a folder of them.",
        )
    names: dict[str, int] = {}
    found = []
    for file in files:
        stem = re.sub(r"[^a-z0-9]+", "-", file.stem.lower()).strip("-") or "example"
        names[stem] = names.get(stem, 0) + 1
        found.append((stem if names[stem] == 1 else f"{stem}-{names[stem]}", read_example(file)))
    return found


def read_example(path: Path) -> PageExample:
    """One example. Raises RequestError (`file_unusable`)."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise _example_error(path, "it is larger than a megabyte")
        raw = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
        example = msgspec.convert(_from_ace_step(raw) if _is_ace_step(raw) else raw, PageExample)
    except OSError as error:
        raise _example_error(path, error.strerror or "it cannot be read") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _example_error(path, str(error)) from error
    check_example(path, example)
    return example if example.title else msgspec.structs.replace(example, title=_file_title(path))


def check_example(path: Path, example: PageExample) -> None:
    """Raises RequestError (`file_unusable`), with a file's name, for fields that do not go together."""
    found = _METRE.fullmatch(example.metre or "4/4")
    if not found or not (1 <= int(found[1]) <= 255 and 1 <= int(found[2]) <= 255):
        raise _example_error(path, f"its metre {example.metre!r} is not a metre; write it as 4/4 or 7/8")
    if example.key is not None and read_key(example.key) is None:
        raise _example_error(path, f"its key {example.key!r} is not a key; write it as Bb major or F# dorian")
    if example.bars is not None and example.seconds is not None:
        raise _example_error(path, "it gives both bars and seconds; give one of them")


def _is_ace_step(raw: dict[str, Any]) -> bool:
    return "prompt" not in raw and bool(_ACE_STEP_FIELDS & raw.keys())


def _from_ace_step(raw: dict[str, Any]) -> dict[str, Any]:
    """What ACE-Step's own files say of the music; what they say of the model is left to the engine."""
    asked = read_request(raw)
    fields: dict[str, Any] = {
        "bpm": asked.bpm,
        "seconds": asked.seconds,
        "seed": asked.seed,
        "key": asked.key,
        "metre": "{}/{}".format(*asked.metre) if asked.metre else None,
        "language": asked.language if asked.language in get_args(LanguageCode) else None,
    }
    said = {name: value for name, value in fields.items() if value is not None}
    return {"prompt": asked.prompt, "lyrics": asked.lyrics, **said}


def _file_title(path: Path) -> str:
    return (
        re.sub(r"^[0-9]+[-_ ]*", "", path.stem).replace("-", " ").replace("_", " ").capitalize() or path.stem
    )


def _example_error(path: Path, reason: str) -> RequestError:
    return RequestError(
        ErrorCode.FILE_UNUSABLE,
        say("{path} is not a valid example: {reason}.", path=path, reason=reason),
        "examples/README.md describes the format.",
    )
