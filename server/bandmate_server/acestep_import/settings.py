"""What an installation was set to: taken into `server.toml` where Bandmate has the setting, else said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bandmate_plugins._acestep_requests import model_name
from bandmate_protocol.errors import RequestError
from bandmate_protocol.texts import say
from bandmate_server.acestep_import.report import ImportedThing
from bandmate_server.config import check_setting, file_values, settings_file
from bandmate_server.settings_file import write_setting


@dataclass(frozen=True)
class _Setting:
    """A variable that has a setting of the server's."""

    name: str


Rule = _Setting | str | Callable[[str], str]
"""The setting; or a sentence for it, which may need the value."""


def take_over_settings(variables: Mapping[str, str], *, dry_run: bool) -> Iterator[ImportedThing]:
    """Each variable that says something, by name. Raises RequestError for a `server.toml` that cannot be used."""
    written = file_values()
    for name in sorted(variables):
        value = variables[name].strip()
        rule = _RULES.get(name)
        if not value or (rule is None and not name.startswith("ACESTEP_")):
            # Other programs keep their variables in such a file, too.
            continue
        if rule is None:
            yield ImportedThing(name, "skipped", "not known, and not taken over.")
        elif isinstance(rule, _Setting):
            yield _take_over(name, value, rule.name, written, dry_run=dry_run)
        else:
            yield ImportedThing(name, "noted", rule if isinstance(rule, str) else rule(value))


def _take_over(
    name: str, value: str, setting: str, written: Mapping[str, object], *, dry_run: bool
) -> ImportedThing:
    try:
        checked = check_setting(setting, value, "Nothing was changed.")
    except RequestError as error:
        return ImportedThing(name, "skipped", say("not taken over. {sentence}", sentence=error.sentence))
    if setting in written:
        there = written[setting]
        kept = "already" if there == checked else say("not taken over; server.toml has {there}:", there=there)
        return ImportedThing(
            name, "already_here", say("{kept} the setting {setting}.", kept=kept, setting=setting)
        )
    if not dry_run:
        write_setting(settings_file(), setting, checked)
    sentence = say("{setting} = {checked} in {file}.", setting=setting, checked=checked, file=settings_file())
    return ImportedThing(name, "taken_over", sentence)


def _chosen_model(value: str) -> str:
    return say(
        "Bandmate chooses a model for each task; `--model {name}` names this one.", name=model_name(value)
    )


def _chosen_planner(value: str) -> str:
    return say(
        "Bandmate uses the largest planner that fits; `--set planner={name}` names this one.",
        name=model_name(value),
    )


def _thinking(value: str) -> str:
    if value.lower() in ("auto", ""):
        return "A planner is used where `--think` asks for it."
    return "A planner is used where `--think` asks for it, and not otherwise."


def _api_port(value: str) -> str:
    return say("`bandmate serve --acestep-api {port}` answers the same clients there.", port=value)


def _page_port(_: str) -> str:
    return "`bandmate console` opens Bandmate's own page."


_BY_ITSELF = "not needed: Bandmate decides by the memory that is free (docs/models.md)."
_NO_USE = "not needed."
_ONLY_LOOPBACK = "The server listens to this machine alone, unless `bandmate serve --allow-lan` opens it."
_RULES: dict[str, Rule] = {
    "ACESTEP_API_HOST": _ONLY_LOOPBACK,
    "ACESTEP_API_KEY": "not taken over: clients show the token of `bandmate serve` (docs/acestep-api.md).",
    "ACESTEP_API_PORT": _api_port,
    "ACESTEP_API_WORKERS": _NO_USE,
    "ACESTEP_AVG_JOB_SECONDS": _NO_USE,
    "ACESTEP_AVG_WINDOW": _NO_USE,
    "ACESTEP_BATCH_SIZE": "`--variations N` makes several at once.",
    "ACESTEP_CHECKPOINTS_DIR": "looked at; what was found is listed with the models.",
    "ACESTEP_CONFIG_PATH": _chosen_model,
    "ACESTEP_CONFIG_PATH2": _chosen_model,
    "ACESTEP_CONFIG_PATH3": _chosen_model,
    "ACESTEP_DEBUG_STATS": "`bandmate serve --log-level debug` logs more.",
    "ACESTEP_DEVICE": "not needed: Bandmate uses the graphics card if there is one; `bandmate doctor` says which.",
    "ACESTEP_DISABLE_TQDM": _NO_USE,
    "ACESTEP_DOWNLOAD_SOURCE": "Bandmate downloads from Hugging Face, or from where HF_ENDPOINT points.",
    "ACESTEP_FORCE_FLAC_EXPORT": "`-o song.flac` writes FLAC.",
    "ACESTEP_GENERATION_TIMEOUT": "Jobs have no time limit; `stall_seconds` replaces a stuck worker.",
    "ACESTEP_INIT_LLM": _thinking,
    "ACESTEP_LM_BACKEND": "not needed: the planner runs in PyTorch.",
    "ACESTEP_LM_DEVICE": _BY_ITSELF,
    "ACESTEP_LM_MODEL_PATH": _chosen_planner,
    "ACESTEP_LM_OFFLOAD_TO_CPU": _BY_ITSELF,
    "ACESTEP_MPS_DECODE_OFFLOAD": _BY_ITSELF,
    "ACESTEP_NO_INIT": "not needed: models are opened when a job needs them.",
    "ACESTEP_OFFLOAD_DIT_TO_CPU": _BY_ITSELF,
    "ACESTEP_OFFLOAD_TO_CPU": _BY_ITSELF,
    "ACESTEP_PROJECT_ROOT": _NO_USE,
    "ACESTEP_QUEUE_MAXSIZE": _Setting("jobs_in_all"),
    "ACESTEP_QUEUE_WORKERS": "One job at a time uses the graphics card; sketches and downloads run beside it.",
    "ACESTEP_TMPDIR": "`data` in server.toml says where jobs and audio are kept.",
    "ACESTEP_USE_FLASH_ATTENTION": "not needed: attention is PyTorch's own.",
    "ACESTEP_VAE_DECODE_CHUNK_SIZE": _BY_ITSELF,
    "ACESTEP_VAE_ON_CPU": _BY_ITSELF,
    "MAX_CUDA_VRAM": "means the same here; set it in the environment of `bandmate serve`.",
    "MAX_MPS_VRAM": "not read here; Bandmate looks at the memory that is free.",
    "MAX_XPU_VRAM": "not read here; Bandmate looks at the memory that is free.",
    "OPENROUTER_API_KEY": "not taken over: clients show the token of `bandmate serve` (docs/chat-api.md).",
    "OPENROUTER_HOST": _ONLY_LOOPBACK,
    "OPENROUTER_PORT": lambda value: say(
        "`bandmate serve --chat-api {port}` answers the same clients.", port=value
    ),
    "PORT": _page_port,
    "SERVER_NAME": _ONLY_LOOPBACK,
    "LANGUAGE": "Bandmate speaks English.",
}
