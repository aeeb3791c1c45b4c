"""The fields of `/release_task` as a table: their names, the other names that clients use, and their defaults.

A field is looked up at the top level, then in `param_obj`, then in the first of `metas` and its other names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "number", "whole", "flag", "words"]
"""How a value is read: a text, a number, a whole number, true or false, a list of words."""


@dataclass(frozen=True)
class ApiField:
    """One field. A value that cannot be read counts as not given."""

    name: str
    kind: Kind
    aliases: tuple[str, ...] = ()
    default: str | float | bool | None = None
    least: float | None = None
    most: float | None = None
    """A number beyond these is taken as the nearest one within."""

    @property
    def names(self) -> tuple[str, ...]:
        """All names, the first one that a client gives counts."""
        return (self.name, *self.aliases)


PARAM_OBJECT = "param_obj"
META_NAMES = ("metas", "meta", "metadata", "user_metadata", "userMetadata")
MOST_AUDIOS = 8
"""Of one task."""

FIELDS = (
    ApiField("prompt", "text", ("caption",), ""),
    ApiField("lyrics", "text", (), ""),
    ApiField("instrumental", "flag", (), default=False),
    ApiField("sample_query", "text", ("sampleQuery", "description", "desc"), ""),
    ApiField("thinking", "flag", (), default=False),
    ApiField("sample_mode", "flag", ("sampleMode",), default=False),
    ApiField("use_format", "flag", ("useFormat", "format"), default=False),
    ApiField("model", "text", ("model_name", "modelName", "dit_model", "ditModel"), ""),
    ApiField("bpm", "number", (), None, 1.0, 2_000.0),
    ApiField("key_scale", "text", ("keyscale", "keyScale", "key"), ""),
    ApiField("time_signature", "text", ("timesignature", "timeSignature"), ""),
    ApiField(
        "audio_duration", "number", ("duration", "audioDuration", "target_duration", "targetDuration"), None
    ),
    ApiField("vocal_language", "text", ("vocalLanguage", "language"), "en"),
    ApiField("inference_steps", "whole", ("inferenceSteps",), None, 1, 200),
    ApiField("guidance_scale", "number", ("guidanceScale",), None, 1.0, 7.0),
    ApiField("seed", "text", ("seeds",), ""),
    ApiField("use_random_seed", "flag", ("useRandomSeed",), default=True),
    ApiField("batch_size", "whole", ("batchSize",), 2, 1, MOST_AUDIOS),
    ApiField("reference_audio_path", "text", ("ref_audio_path", "referenceAudioPath"), ""),
    ApiField("src_audio_path", "text", ("ctx_audio_path", "sourceAudioPath", "srcAudioPath"), ""),
    ApiField("audio_code_string", "text", ("audioCodeString", "audio_codes"), ""),
    ApiField("audio_cover_strength", "number", ("cover_strength", "coverStrength"), 1.0, 0.0, 1.0),
    ApiField("cover_noise_strength", "number", ("coverNoiseStrength",), 0.0, 0.0, 1.0),
    ApiField("task_type", "text", ("taskType",), "text2music"),
    ApiField("instruction", "text", (), ""),
    ApiField("track_name", "text", ("trackName",), ""),
    ApiField("track_classes", "words", ("trackClasses", "instruments"), ""),
    ApiField("global_caption", "text", ("globalCaption",), ""),
    ApiField("repainting_start", "number", ("repaintingStart",), 0.0),
    ApiField("repainting_end", "number", ("repaintingEnd",), None),
    ApiField("lm_temperature", "number", ("lmTemperature",), None, 0.0, 2.0),
    ApiField("lm_cfg_scale", "number", ("lmCfgScale",), None, 1.0, 10.0),
    ApiField("use_cot_caption", "flag", ("cot_caption", "cot-caption", "useCotCaption"), default=True),
    ApiField("audio_format", "text", ("audioFormat",), "mp3"),
    ApiField("analysis_only", "flag", ("analysisOnly",), default=False),
    ApiField("full_analysis_only", "flag", ("fullAnalysisOnly",), default=False),
    ApiField("extract_codes_only", "flag", ("extractCodesOnly",), default=False),
    ApiField("stem_count", "whole", ("stemCount",), 4),
    ApiField("engine", "text", (), ""),
)
"""What Bandmate reads. Others of upstream's, such as `lm_top_k`, are taken and have no effect."""
