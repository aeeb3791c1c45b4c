"""The import as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from bandmate_plugins._tasks.vocals import LanguageCode
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_server.acestep_import.adapters import list_adapters
from bandmate_server.acestep_import.installation import Installation, open_installation
from bandmate_server.acestep_import.models import take_over_models
from bandmate_server.acestep_import.report import ImportedThing, ImportReport
from bandmate_server.acestep_import.requests import examples_folder, take_over_requests
from bandmate_server.acestep_import.settings import take_over_settings


def import_installation(
    folder: Path, environ: Mapping[str, str], target: Path | None = None, *, dry_run: bool = False
) -> ImportReport:
    """Takes over what a folder of ACE-Step 1.5 has; saved requests are written into `target`.

    Nothing in the folder is changed, and a second run changes nothing more. Raises RequestError (`file_unusable`): it
    has nothing of ACE-Step, or what was taken over cannot be noted; (`bad_params`): `server.toml` cannot be read.
    """
    found = open_installation(folder, environ)
    target = target or examples_folder()
    try:
        models = list(take_over_models(found.checkpoints, dry_run=dry_run)) if found.checkpoints else []
        requests = list(
            take_over_requests(
                found.folder, [*found.tomls, *found.jsons], target, get_args(LanguageCode), dry_run=dry_run
            )
        )
    except OSError as error:
        raise _writing_error(error) from error
    settings = list(take_over_settings(found.variables, dry_run=dry_run))
    adapters = list(list_adapters(found.folder, found.adapters))
    remarks = [*found.env_faults, *_remarks(found, models, requests, target)]
    return ImportReport(str(found.folder), dry_run, models, settings, adapters, requests, remarks)


def _remarks(
    found: Installation, models: list[ImportedThing], requests: list[ImportedThing], target: Path
) -> list[str]:
    said = []
    if found.checkpoints is None:
        said.append("No checkpoints were found. `bandmate models pull ace_step1.5` downloads them (6.3 GB).")
    usable = {thing.name for thing in models if thing.outcome != "skipped"}
    if models and "ace_step1.5" not in usable:
        said.append(
            "Without ace_step1.5, which has the codec and the text encoder, the other checkpoints cannot be used. "
            "`bandmate models pull ace_step1.5` downloads it (6.3 GB)."
        )
    if any(thing.outcome in ("taken_over", "already_here") for thing in requests):
        said.append(say("`bandmate listen {target} -o page/` renders the saved requests.", target=target))
    if found.ggufs:
        said.append("GGUF files, the models of acestep.cpp, cannot be read here.")
    if found.is_cut:
        said.append("The folder has more files than were looked at.")
    return said


def _writing_error(error: OSError) -> RequestError:
    reason = error.strerror or error
    where = f" {error.filename}" if error.filename else ""
    return RequestError(
        ErrorCode.FILE_UNUSABLE,
        say("What was found cannot be noted:{where} {reason}.", where=where, reason=reason),
        "Correct its permissions, or free some space, and run the command again.",
    )
