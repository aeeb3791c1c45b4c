"""What ACE-Step's own programs call the parts of a request, in their files and over their APIs, in Bandmate's words.

The names are those of its published parameters: numbers may be texts, and empty values or -1 leave a choice open.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bandmate_protocol.keys import read_key

OptionValue = bool | int | float | str
AceStepTask = Literal["text2music", "cover", "cover-nofsq", "repaint", "lego", "extract", "complete"]

_METRE = re.compile(r"([0-9]{1,3})/([0-9]{1,3})")
METRES = {2: (2, 4), 3: (3, 4), 4: (4, 4), 6: (6, 8)}
"""What its programs call by a number of beats, as its model was trained."""
TRUE_WORDS = ("1", "true", "yes", "y", "on")
"""Texts that say yes, in any case."""
TURBO, CORE = "acestep-v15-turbo", "ace_step1.5"
"""The main checkpoint, by its programs and by Bandmate."""
_INSTRUMENTAL = re.compile(r"\s*\[(?:instrumental|inst)\]\s*", re.IGNORECASE)
_OPEN = (None, "", -1, "-1", "auto", "N/A")
"""Values that leave a choice open."""


@dataclass(frozen=True)
class AceStepRequest:
    """A request of ACE-Step, as far as Bandmate has words for it. What is None was left open."""

    prompt: str
    lyrics: str
    """Empty for instrumental music."""
    language: str
    """A code, or empty."""
    bpm: float | None
    metre: tuple[int, int] | None
    key: str | None
    seconds: float | None
    seed: int | None
    task: str
    """As it is called there, `text2music` where nothing is said."""
    options: dict[str, OptionValue] = field(default_factory=dict)
    """Options of the engine `acestep`, where they are not what the programs use without being asked."""
    left_out: tuple[str, ...] = ()
    """Names that are known and say something, but for which Bandmate has nothing."""
    unknown: tuple[str, ...] = ()
    """Names that are not known."""


def read_request(raw: Mapping[str, Any]) -> AceStepRequest:
    """A request of any of ACE-Step's programs. Nothing is refused: what cannot be read is named in `left_out`."""
    left_out: list[str] = []
    options: dict[str, OptionValue] = {}
    for name, rule in _OPTIONS.items():
        value = raw.get(name)
        if value in _OPEN or rule.is_usual(value):
            continue
        read = rule.read(value)
        if read is None:
            left_out.append(name)
        else:
            options[rule.option] = read
    key = text_of(raw, _KEYS)
    metre = read_metre(raw)
    named = key and read_key(key) is not None
    left_out += [*_given(raw, _KEYS)] if key and not named else []
    left_out += [*_given(raw, _SIGNATURES)] if metre is None else []
    left_out += [name for name, usual in _NOT_HERE.items() if _says_something(raw.get(name), usual)]
    instrumental = is_true(raw.get("instrumental"))
    lyrics = "" if instrumental else read_lyrics(raw)
    return AceStepRequest(
        prompt=text_of(raw, _PROMPTS),
        lyrics=lyrics,
        language=text_of(raw, _LANGUAGES),
        bpm=first_number(raw, _TEMPI),
        metre=metre,
        key=key if named else None,
        seconds=first_number(raw, _LENGTHS),
        seed=read_seed(raw),
        task=text_of(raw, ("task_type",)) or "text2music",
        options=options,
        left_out=tuple(dict.fromkeys(left_out)),
        unknown=tuple(sorted(str(name) for name in raw if name not in _ALL_NAMES)),
    )


def text_of(raw: Mapping[str, Any], names: Iterable[str]) -> str:
    """The first of some fields that has a text, without white space around it."""
    for name in names:
        value = raw.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def read_lyrics(raw: Mapping[str, Any]) -> str:
    """The lyrics; empty where they say that nobody sings."""
    value = raw.get("lyrics")
    text = value if isinstance(value, str) else ""
    return "" if _INSTRUMENTAL.fullmatch(text) or not text.strip() else text


def read_metre(raw: Mapping[str, Any]) -> tuple[int, int] | None:
    """A metre, written as 4/4 or as ACE-Step's 2, 3, 4 or 6 beats; None for none or another."""
    value = next((raw[name] for name in _SIGNATURES if raw.get(name) not in _OPEN), "")
    if found := _METRE.fullmatch(str(value).strip()):
        return int(found[1]), int(found[2])
    beats = positive_number(value)
    return METRES.get(int(beats)) if beats is not None and beats == int(beats) else None


def read_seed(raw: Mapping[str, Any]) -> int | None:
    """The first seed, below 2**32; None where chance decides."""
    value = raw.get("seed", raw.get("seeds"))
    if isinstance(value, list | tuple):
        value = value[0] if value else None
    if isinstance(value, str):
        value = value.split(",")[0].strip()
    number = _number(value)
    return int(number) if number is not None and 0 <= number < 2**32 else None


def first_number(raw: Mapping[str, Any], names: Iterable[str]) -> float | None:
    """The first of some fields that has a number above 0."""
    return next((number for name in names if (number := positive_number(raw.get(name))) is not None), None)


def positive_number(value: Any) -> float | None:
    """A number above 0, which may be a text; None for anything else."""
    number = _number(value)
    return number if number is not None and number > 0 else None


def is_true(value: Any) -> bool:
    """Whether a value says yes, as a boolean or as a text."""
    return value is True or str(value).strip().lower() in TRUE_WORDS


def model_name(name: str) -> str:
    """What Bandmate calls a checkpoint or a planner of ACE-Step, which may be named by a path."""
    last = re.split(r"[/\\]", name.strip().rstrip("/\\"))[-1]
    return CORE if last == TURBO else last.lower().replace("-", "_")


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _given(raw: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    return [name for name in names if raw.get(name) not in _OPEN]


def _says_something(value: Any, usual: tuple[Any, ...]) -> bool:
    return value not in (*_OPEN, *usual, False, [], {})


@dataclass(frozen=True)
class _OptionRule:
    """How a field becomes an option: as a number between bounds, as a yes or no, or as a name."""

    option: str
    usual: tuple[Any, ...] = ()
    """What the programs write without being asked."""
    bounds: tuple[float, float] | None = None
    whole: bool = False
    words: Mapping[str, OptionValue] | None = None
    is_name: bool = False

    def is_usual(self, value: Any) -> bool:
        """Whether a value is what would be there anyway."""
        return any(value == each and isinstance(value, bool) == isinstance(each, bool) for each in self.usual)

    def read(self, value: Any) -> OptionValue | None:
        """The option's value; None for one that the option does not take."""
        if self.is_name:
            return model_name(value) if isinstance(value, str) else None
        if self.words is not None:
            return self.words.get(str(value).strip().lower())
        number = _number(value)
        low, high = self.bounds or (-math.inf, math.inf)
        if number is None or not low <= number <= high:
            return None
        return int(number) if self.whole else number


_YES_OR_NO: dict[str, OptionValue] = {
    **dict.fromkeys(TRUE_WORDS, True),
    **dict.fromkeys(("0", "false", "no", "n", "off"), False),
}
_THINKING = _OptionRule("think", (False,), words=_YES_OR_NO)
_CHECKPOINT = _OptionRule("model", (TURBO,), is_name=True)
_OPTIONS: dict[str, _OptionRule] = {
    "inference_steps": _OptionRule("steps", (8,), (1, 200), whole=True),
    "guidance_scale": _OptionRule("guidance", (7.0,), (1.0, 7.0)),
    "infer_method": _OptionRule("sampler", ("ode",), words={"sde": "sde"}),
    "thinking": _THINKING,
    "think": _THINKING,
    "use_cot_caption": _OptionRule("rewrite", (True,), words=_YES_OR_NO),
    "lm_cfg_scale": _OptionRule("plan_guidance", (2.0, 2.5), (1.0, 10.0)),
    "lm_temperature": _OptionRule("plan_temperature", (0.85,), (0.0, 2.0)),
    "config_path": _CHECKPOINT,
    "dit_model": _CHECKPOINT,
    "model": _CHECKPOINT,
    "lm_model_path": _OptionRule("planner", is_name=True),
}
_PROMPTS = ("caption", "prompt", "description", "sample_query")
_LANGUAGES = ("vocal_language", "language")
_TEMPI = ("bpm",)
_KEYS = ("keyscale", "key_scale")
_SIGNATURES = ("timesignature", "time_signature")
_LENGTHS = ("duration", "audio_duration")
_NOT_HERE: dict[str, tuple[Any, ...]] = {
    "audio_codes": (),
    "cfg_interval_start": (0, 0.0),
    "cfg_interval_end": (1, 1.0),
    "cover_noise_strength": (0, 0.0),
    "latent_rescale": (1, 1.0),
    "latent_shift": (0, 0.0),
    "lm_negative_prompt": ("NO USER INPUT",),
    "lm_repetition_penalty": (1, 1.0),
    "lm_top_k": (0,),
    "lm_top_p": (0.9,),
    "reference_audio": (),
    "retake_variance": (0, 0.0),
    "sampler_mode": ("euler",),
    "shift": (1, 1.0, 3, 3.0),
    "timesteps": (),
    "use_adg": (),
    "velocity_ema_factor": (0, 0.0),
    "velocity_norm_threshold": (0, 0.0),
}
"""Fields without a counterpart, each with what the programs write without being asked."""
SOURCE_NAMES = frozenset(
    {
        "audio_cover_strength", "chunk_mask_mode", "complete_track_classes", "complete_tracks", "extract_track",
        "global_caption", "instruction", "lego_track", "repaint_mode", "repaint_strength", "repainting_end",
        "repainting_start", "src_audio", "task_type", "track_classes", "track_name",
    }
)  # fmt: skip
"""Fields of the tasks that work on a recording."""
_ABOUT_PROGRAMS = frozenset(
    {
        "allow_lm_batch", "audio_format", "backend", "batch_size", "checkpoint_dir", "config",
        "constrained_decoding_debug", "cot_bpm", "cot_caption", "cot_duration", "cot_keyscale", "cot_lyrics",
        "cot_timesignature", "cot_vocal_language", "dcw_enabled", "dcw_high_scaler", "dcw_mode", "dcw_scaler",
        "dcw_wavelet", "device", "enable_normalization", "fade_in_duration", "fade_out_duration", "genres",
        "instrumental", "lm_batch_chunk_size", "log_level", "lyrics", "normalization_db", "offload_dit_to_cpu",
        "offload_to_cpu", "project_root", "retake_seed", "sample_mode", "save_dir", "seed", "seeds",
        "use_constrained_decoding", "use_cot_language", "use_cot_lyrics", "use_cot_metas", "use_flash_attention",
        "use_format", "use_random_seed",
    }
)  # fmt: skip
"""Fields about the program rather than the music, results of a planner, and fields that are read apart."""
_ALL_NAMES = frozenset(
    {*_PROMPTS, *_LANGUAGES, *_TEMPI, *_KEYS, *_SIGNATURES, *_LENGTHS, *_OPTIONS, *_NOT_HERE}
    | SOURCE_NAMES
    | _ABOUT_PROGRAMS
)
