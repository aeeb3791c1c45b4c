"""The fields of upstream's requests, and what they ask of Bandmate; without I/O.

Its programs write all of them each time: an empty text, and 0 or -1 for most numbers, leave a choice open.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_server.compat.audio_files import Bits, Container, media_type
from bandmate_server.compat.making import SAMPLE_RATE
from bandmate_server.compat.songs.music_request import MusicRequest, read_music_request
from bandmate_server.compat.songs.values import as_text, read_number

DEFAULTS: Mapping[str, Any] = {
    "caption": "",
    "lyrics": "",
    "bpm": 0,
    "duration": 0,
    "keyscale": "",
    "timesignature": "",
    "vocal_language": "",
    "seed": -1,
    "lm_mode": "generate",
    "lm_batch_size": 1,
    "synth_batch_size": 1,
    "lm_temperature": 0.85,
    "use_cot_caption": True,
    "audio_codes": "",
    "inference_steps": 0,
    "guidance_scale": 0.0,
    "audio_cover_strength": 1.0,
    "cover_noise_strength": 0.0,
    "repainting_start": 0.0,
    "repainting_end": -1.0,
    "task_type": "text2music",
    "track": "",
    "output_format": "mp3",
    "synth_model": "",
    "lm_model": "",
}
"""What Bandmate reads. Others of upstream's, such as `shift`, are taken and have no effect."""
PRESETS = {
    "turbo": {"inference_steps": 8, "guidance_scale": 1.0, "shift": 3.0},
    "sft": {"inference_steps": 50, "guidance_scale": 1.0, "shift": 1.0},
}
"""What 0 stands for, by the kind of model."""
_NAMES = {
    # Not upstream's: what ACE-Step's own API calls it; the caption counts more.
    "prompt": "prompt",
    "caption": "prompt",
    "lyrics": "lyrics",
    "bpm": "bpm",
    "duration": "audio_duration",
    "keyscale": "key_scale",
    "timesignature": "time_signature",
    "vocal_language": "vocal_language",
    "seed": "seed",
    "synth_batch_size": "batch_size",
    "audio_codes": "audio_code_string",
    "inference_steps": "inference_steps",
    "guidance_scale": "guidance_scale",
    "audio_cover_strength": "audio_cover_strength",
    "cover_noise_strength": "cover_noise_strength",
    "repainting_start": "repainting_start",
    "repainting_end": "repainting_end",
    "task_type": "task_type",
    "track": "track_name",
}
"""Upstream's names, and those of ACE-Step's own API for the same."""
_OPEN_AT_ZERO = frozenset({"bpm", "duration", "inference_steps", "guidance_scale"})
_FORMATS: dict[str, tuple[Container, Bits]] = {
    "mp3": ("mp3", 24),
    "wav": ("wav", 16),
    "wav16": ("wav", 16),
    "wav24": ("wav", 24),
    "wav32": ("wav", 32),
}
_FILE_END = re.compile(r"(?:[-_.](?:q[0-9]\w*|bf16|f16|f32|mxfp4|nvfp4))?(?:\.gguf)?$", re.IGNORECASE)
MODES = ("generate", "inspire", "format")


@dataclass(frozen=True)
class OutputFormat:
    """How audio is written."""

    container: Container
    bits: Bits

    @property
    def media_type(self) -> str:
        """Of its files."""
        return media_type(self.container)


def read_synth_request(raw: Mapping[str, Any]) -> MusicRequest:
    """A request for music. Raises RequestError (`bad_params`) for what cannot be done, with what can."""
    values = {
        ours: raw[name] for name, ours in _NAMES.items() if name in raw and not _is_open(name, raw[name])
    }
    # Upstream draws one for -1, and counts up from any other.
    values["use_random_seed"] = False
    values.setdefault("batch_size", 1)
    values.setdefault("vocal_language", "unknown")
    values["model"] = model_of(raw.get("synth_model"))
    start, end = read_number(raw.get("repainting_start")) or 0.0, read_number(raw.get("repainting_end"))
    if start < 0 and (end is None or end < 0):
        # Upstream's -1 is then the source's start, of which one frame has to be in the range for it to be one.
        values["repainting_end"] = 1 / SAMPLE_RATE
    return read_music_request(values)


def read_output_format(raw: Mapping[str, Any]) -> OutputFormat:
    """The form of the audio. Raises RequestError (`bad_params`)."""
    name = as_text(raw.get("output_format") or "mp3").strip().lower()
    if name not in _FORMATS:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say("There is no output_format {name}.", name=ascii(name[:80])),
            say("Known: {known}.", known=", ".join(_FORMATS)),
        )
    return OutputFormat(*_FORMATS[name])


def read_mode(raw: Mapping[str, Any]) -> str:
    """What a planner is to do. Raises RequestError (`bad_params`)."""
    name = as_text(raw.get("lm_mode") or MODES[0]).strip().lower()
    if name not in MODES:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say("There is no lm_mode {name}.", name=ascii(name[:80])),
            say("Known: {known}.", known=", ".join(MODES)),
        )
    return name


def model_of(name: Any) -> str:
    """A checkpoint's name without what upstream's files add to it, such as `-Q8_0.gguf`."""
    return _FILE_END.sub("", as_text(name).strip()[:256], count=1)


def known_fields(raw: Mapping[str, Any]) -> dict[str, Any]:
    """A request with every field that Bandmate reads, plain values alone."""
    plain = {
        name: raw[name] for name in DEFAULTS if isinstance(raw.get(name), str | int | float) and name in raw
    }
    return {**DEFAULTS, **plain}


def _is_open(name: str, value: Any) -> bool:
    if value is None or value == "":
        return True
    number = read_number(value)
    return name in _OPEN_AT_ZERO and number is not None and number <= 0
