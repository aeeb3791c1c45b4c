"""Fetches models from the hub into its usual cache, and goes on where an earlier pull stopped."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bandmate_plugins._models.access import proxy_error, proxy_hint, token_remark, with_or_without_token
from bandmate_plugins._models.fetch import blob_path, fetch_file, part_path
from bandmate_plugins._models.links import unlink_model
from bandmate_plugins._models.pins import pin_commit, read_pins
from bandmate_plugins._models.place import files_of, repository_folder
from bandmate_plugins._models.verify import CHANGED, damaged_files
from bandmate_plugins._platform.installation import how_to_add, program_command
from bandmate_plugins.model import Model
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say


@dataclass(frozen=True)
class HubOffer:
    """What the hub says of a model before anything is fetched."""

    model: Model
    commit: str
    licence: str
    """`not stated` when its page says nothing."""
    sizes: dict[str, int]
    """Bytes by file."""
    hashes: dict[str, str] = field(default_factory=dict)
    """SHA-256 by file, of those large ones for which the hub tells it."""
    without_token: bool = False
    """The hub refuses the user's token, and this model needs none."""

    @property
    def remark(self) -> str:
        """What there is to say about the way to it, or nothing."""
        return token_remark() if self.without_token else ""

    @property
    def size_bytes(self) -> int:
        """All files together."""
        return sum(self.sizes.values())

    @property
    def folder(self) -> Path:
        """Where its files are found by name."""
        return repository_folder(self.model) / "snapshots" / self.commit


def ask_hub(model: Model, *, update: bool = False) -> HubOffer:
    """Asks the hub. Raises RequestError (`engine_unavailable`): out of reach, or it has no such model."""
    _check_installed()
    from huggingface_hub import HfApi

    revision = model.revision if update else read_pins().get(model.hub_id, model.revision)
    with _explain_errors(model):
        info, without_token = with_or_without_token(
            lambda token: HfApi(token=token).model_info(model.hub_id, revision=revision, files_metadata=True)
        )
    sizes = {file.rfilename: file.size or 0 for file in info.siblings or ()}
    found = files_of(model, sizes)
    missing = [name for name, files in found.items() if not files]
    if missing:
        raise _unavailable_error(f"{model.hub_id} no longer has the file {missing[0]}.", "Update Bandmate.")
    card: Any = info.card_data
    licence = (card.get("license") if card else None) or "not stated"
    wanted = dict.fromkeys(name for files in found.values() for name in files)
    hashes = {file.rfilename: file.lfs.sha256 for file in info.siblings or () if file.lfs}
    return HubOffer(
        model,
        str(info.sha),
        str(licence),
        {name: sizes[name] for name in wanted},
        {name: digest for name, digest in hashes.items() if name in wanted},
        without_token,
    )


def pull_offer(offer: HubOffer, check: Callable[[], None] = lambda: None) -> Generator[int, None, None]:
    """Fetches the files that are not here yet, and pins the commit; yields how many more bytes came.

    A pull that was broken off, by closing the iterator too, goes on where it stopped. `check` is called
    while bytes are compared with their hash. Raises RequestError: `engine_unavailable` (hub out of reach,
    access not granted, wrong bytes), `disk_full`.
    """
    for name in offer.sizes:
        with _explain_errors(offer.model):
            yield from _fetch_offered(offer, name)
    _check_bytes(offer, check)
    pin_commit(offer.model.hub_id, offer.commit)
    # What was asked for takes the place of what another program has.
    unlink_model(offer.model)


def _fetch_offered(offer: HubOffer, name: str) -> Iterator[int]:
    """One file. Large ones are fetched in our own way, for theirs starts over; then it finds them there."""
    from huggingface_hub import hf_hub_download

    if (offer.folder / name).is_file():
        return
    size, digest = offer.sizes[name], offer.hashes.get(name, "")
    token = False if offer.without_token else None
    if digest:
        part = part_path(offer.model, digest)
        before = part.stat().st_size if part.is_file() else 0
        for here in fetch_file(offer.model, name, offer.commit, digest, size, token=token):
            yield here - before
            before = here
    path = Path(hf_hub_download(offer.model.hub_id, name, revision=offer.commit, token=token))
    if not digest:
        yield size
    elif not path.is_symlink():
        # Where there are no links, the library has made a copy.
        blob_path(offer.model, digest).unlink(missing_ok=True)


def _check_bytes(offer: HubOffer, check: Callable[[], None]) -> None:
    """So far only lengths were looked at. What came wrong is deleted: the next pull fetches it anew."""
    folder = offer.folder
    found = damaged_files(folder, offer.model, check, offer.hashes)
    wrong = [name for name, reason in found.items() if reason == CHANGED]
    for name in wrong:
        (folder / name).resolve().unlink()
        (folder / name).unlink(missing_ok=True)
    if wrong:
        raise _unavailable_error(
            f"The download of {offer.model.hub_id} has wrong bytes in {', '.join(wrong)}.",
            "Download it again; nothing of it was kept.",
        )


@contextmanager
def _explain_errors(model: Model) -> Iterator[None]:
    """Turns what the hub's library raises into what a musician can act on."""
    from huggingface_hub import errors

    try:
        yield
    except errors.GatedRepoError as error:
        raise _unavailable_error(
            f"{model.hub_id} requires you to accept its licence on the hub.",
            f"Accept it at https://huggingface.co/{model.hub_id}, run `{program_command('hf')} auth login`, and "
            "try again.",
        ) from error
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError) as error:
        raise _unavailable_error(
            f"The hub no longer has {model.hub_id} at {model.revision}.", "Update Bandmate."
        ) from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise RequestError(
                ErrorCode.DISK_FULL,
                say("There is not enough space for {hub_id}.", hub_id=model.hub_id),
                "Free some space and try again; the partial download is kept.",
            ) from error
        raise _unreachable_error(model, error) from error
    except RequestError:
        raise
    except Exception as error:
        if (of_proxy := proxy_error(error)) is not None:
            raise of_proxy from error
        if "httpx" not in type(error).__module__:
            raise
        raise _unreachable_error(model, error) from error


def _unreachable_error(model: Model, error: Exception) -> RequestError:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    # What the system calls by a number says it in words too.
    reason = re.sub(r"^\[Errno -?\d+\] ", "", lines[0]).rstrip(".")
    return _unavailable_error(
        f"{model.hub_id} could not be downloaded: {reason}.{proxy_hint()}",
        "Try again when you are online; the partial download is kept. Models on the disk work offline.",
    )


def _unavailable_error(sentence: str, remedy: str) -> RequestError:
    return RequestError(ErrorCode.ENGINE_UNAVAILABLE, sentence, remedy)


def _check_installed() -> None:
    if find_spec("huggingface_hub") is None:
        raise _unavailable_error(
            "The library that downloads models is not installed.",
            how_to_add("models"),
        )
