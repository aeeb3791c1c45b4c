"""Saved requests: those for new music become examples for `bandmate listen`, the others a command to type."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bandmate_plugins._acestep_requests import AceStepRequest, positive_number, read_request
from bandmate_plugins._platform import home
from bandmate_protocol.texts import say
from bandmate_server.acestep_import.report import ImportedThing

_ENGINE = "acestep"
_MAX_BYTES = 1 << 20
_MARKS = frozenset(
    {
        "audio_duration", "config_path", "duration", "inference_steps", "keyscale", "key_scale", "lm_temperature",
        "lyrics", "sample_query", "task_type", "thinking", "timesignature", "vocal_language",
    }
)  # fmt: skip
"""A file is a request if it has a prompt and one of these."""
_PROMPTS = ("caption", "prompt", "description", "sample_query")
_MAX_PROMPT = 10_000
_MAX_NAME = 80


def examples_folder() -> Path:
    """Where the examples are written."""
    return home.data_dir() / "examples" / "acestep"


def take_over_requests(
    root: Path, files: Iterable[Path], target: Path, languages: Iterable[str], *, dry_run: bool
) -> Iterator[ImportedThing]:
    """Each saved request among some files, and each file that cannot be read; other files are passed over."""
    known = frozenset(languages)
    for path in files:
        name = path.relative_to(root).as_posix()
        try:
            raw = _read_file(path)
        except (OSError, ValueError, RecursionError) as error:
            yield ImportedThing(name, "skipped", say("cannot be read: {reason}.", reason=_reason(error)))
            continue
        if raw is not None:
            yield _take_over(name, read_request(raw), raw, target, known, dry_run=dry_run)


def _read_file(path: Path) -> dict[str, Any] | None:
    """What a file says, if it is a request. Raises OSError, ValueError."""
    if path.stat().st_size > _MAX_BYTES:
        return None
    data = path.read_bytes()
    read = tomllib.loads(data.decode("utf-8-sig")) if path.suffix.lower() == ".toml" else json.loads(data)
    if not isinstance(read, dict) or not _MARKS & read.keys():
        return None
    return read if any(isinstance(read.get(name), str) and read[name].strip() for name in _PROMPTS) else None


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or "it cannot be opened"
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error).rstrip(".")


def _take_over(
    name: str,
    asked: AceStepRequest,
    raw: Mapping[str, Any],
    target: Path,
    languages: frozenset[str],
    *,
    dry_run: bool,
) -> ImportedThing:
    if asked.task != "text2music":
        return ImportedThing(name, "noted", _command_sentence(asked, raw))
    file = target / f"{_file_name(name)}.json"
    told = _told(asked)
    if file.exists():
        return ImportedThing(name, "already_here", say("already in {file}.", file=file))
    if not dry_run:
        text = json.dumps(_example(name, asked, languages), indent=2, ensure_ascii=False)
        home.write_private(file, f"{text}\n".encode("utf-8", "replace"))
    return ImportedThing(name, "taken_over", say("written as {file}.{told}", file=file, told=told))


def _file_name(name: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", name.rsplit(".", 1)[0].lower()).strip("-")
    return plain[-_MAX_NAME:].strip("-") or "request"


def _example(name: str, asked: AceStepRequest, languages: frozenset[str]) -> dict[str, Any]:
    """In the form that examples/README.md describes."""
    fields: dict[str, Any] = {
        "title": Path(name).stem[:_MAX_NAME],
        "prompt": asked.prompt[:_MAX_PROMPT],
        "about": say("From {name}", name=name)[:2_000],
        "bpm": asked.bpm,
        "metre": "{}/{}".format(*asked.metre) if asked.metre else None,
        "key": asked.key,
        "seconds": asked.seconds,
        "seed": asked.seed,
        "engine": _ENGINE,
        "lyrics": asked.lyrics or None,
        "language": asked.language if asked.language in languages else None,
        "options": asked.options or None,
    }
    return {field: value for field, value in fields.items() if value is not None}


def _told(asked: AceStepRequest) -> str:
    told = ""
    if asked.left_out:
        told += say(" Without a counterpart here: {names}.", names=", ".join(asked.left_out))
    if asked.unknown:
        told += say(" Not known: {names}.", names=", ".join(asked.unknown))
    return told


def _command_sentence(asked: AceStepRequest, raw: Mapping[str, Any]) -> str:
    words = _command(asked, raw)
    if words is None:
        return say("not taken over: Bandmate has no task {task}.", task=asked.task)
    return say("`{command}` does the same.{told}", command=shlex.join(words), told=_told(asked))


def _command(asked: AceStepRequest, raw: Mapping[str, Any]) -> list[str] | None:
    """The command for a task that works on a recording."""
    source = str(raw.get("src_audio") or "source.wav")
    track = str(raw.get("track_name") or raw.get("lego_track") or raw.get("extract_track") or "").lower()
    engine = ["--engine", _ENGINE]
    match asked.task:
        case "cover" | "cover-nofsq":
            kept = positive_number(raw.get("audio_cover_strength"))
            strength = f"{1 - min(kept, 1.0):g}" if kept is not None else "0"
            return [
                "bandmate",
                "cover",
                source,
                asked.prompt,
                "--strength",
                strength,
                *engine,
                "-o",
                "cover.wav",
            ]
        case "repaint":
            start = positive_number(raw.get("repainting_start")) or 0
            end = positive_number(raw.get("repainting_end"))
            span = ["--from", f"{start:g}s", *(["--to", f"{end:g}s"] if end else [])]
            return ["bandmate", "repaint", source, asked.prompt, *span, *engine, "-o", "repainted.wav"]
        case "lego" | "complete":
            layer = ["--layer", track] if track and asked.task == "lego" else ["--layer", "backing"]
            return ["bandmate", "accompany", source, asked.prompt, *layer, *engine, "-o", "accompaniment.wav"]
        case "extract":
            stems = ["--stems", track] if track else []
            return ["bandmate", "separate", source, "--mode", "tracks", *stems, *engine, "-o", "stems/"]
    return None
