"""Fetches models from the hub, through its own library: resumable, into its usual cache."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bandmate_plugins.engine import Model
from bandmate_plugins.models.pins import pin, read_pins
from bandmate_plugins.models.place import files_of
from bandmate_plugins.models.verify import CHANGED, damaged
from bandmate_protocol.errors import ErrorCode, RequestError

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all."""


@dataclass(frozen=True)
class Offer:
    """What the hub says of a model before anything is fetched."""

    model: Model
    commit: str
    licence: str
    """`not stated` when its page says nothing."""
    sizes: dict[str, int]
    """Bytes by file."""

    @property
    def size_bytes(self) -> int:
        """All files together."""
        return sum(self.sizes.values())


def ask(model: Model, *, update: bool = False) -> Offer:
    """Asks the hub. Raises RequestError (`engine_unavailable`): out of reach, or it has no such model."""
    _check_installed()
    from huggingface_hub import HfApi

    revision = model.revision if update else read_pins().get(model.hub_id, model.revision)
    with _sentences(model):
        info = HfApi().model_info(model.hub_id, revision=revision, files_metadata=True)
    sizes = {file.rfilename: file.size or 0 for file in info.siblings or ()}
    found = files_of(model, sizes)
    missing = [name for name, files in found.items() if not files]
    if missing:
        raise _unavailable(f"{model.hub_id} has no file {missing[0]} any more.", "Update Bandmate.")
    card: Any = info.card_data
    licence = (card.get("license") if card else None) or "not stated"
    wanted = dict.fromkeys(name for files in found.values() for name in files)
    return Offer(model, str(info.sha), str(licence), {name: sizes[name] for name in wanted})


def pull(offer: Offer, progress: Progress) -> Path:
    """Fetches the files that are not here yet, and pins the commit. Returns their folder.

    A pull that was broken off is taken up again where it stopped. Raises RequestError: `engine_unavailable`
    (hub out of reach, access not granted), `disk_full`.
    """
    from huggingface_hub import hf_hub_download

    done, folder = 0, Path()
    for name, size in offer.sizes.items():
        bar = _bar(progress, done, offer.size_bytes)
        with _sentences(offer.model):
            path = hf_hub_download(offer.model.hub_id, name, revision=offer.commit, tqdm_class=bar)
        folder = Path(path).parents[name.count("/")]
        done += size
        progress(done, offer.size_bytes)
    _check_bytes(folder, offer.model)
    pin(offer.model.hub_id, offer.commit)
    return folder


def _check_bytes(folder: Path, model: Model) -> None:
    """The hub's library looks at lengths only. What came wrong is deleted: the next pull fetches it anew."""
    wrong = [name for name, reason in damaged(folder, model).items() if reason == CHANGED]
    for name in wrong:
        (folder / name).resolve().unlink()
        (folder / name).unlink()
    if wrong:
        raise _unavailable(
            f"{model.hub_id} came with wrong bytes in {', '.join(wrong)}.",
            "Pull again; nothing of it was kept.",
        )


def _bar(progress: Progress, before: int, total: int) -> Any:
    """A progress bar as the hub's library wants one, that draws nothing and tells how far it is."""
    from tqdm import tqdm

    class Told(tqdm):  # type: ignore[misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            kwargs.pop("name", None)
            super().__init__(*args, **{**kwargs, "disable": True})
            self._told = int(kwargs.get("initial") or 0)

        def update(self, n: float | None = 1) -> bool | None:
            self._told += int(n or 0)
            progress(before + self._told, total)
            return None

    return Told


@contextmanager
def _sentences(model: Model) -> Iterator[None]:
    """Turns what the hub's library raises into what a musician can act on."""
    from huggingface_hub import errors

    try:
        yield
    except errors.GatedRepoError as error:
        raise _unavailable(
            f"{model.hub_id} is given only to those who accept its licence.",
            f"Accept it at https://huggingface.co/{model.hub_id}, run `hf auth login`, and pull again.",
        ) from error
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError) as error:
        raise _unavailable(
            f"The hub has no {model.hub_id} at {model.revision} any more.", "Update Bandmate."
        ) from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise RequestError(
                ErrorCode.DISK_FULL,
                f"There is no room left for {model.hub_id}.",
                "Free some space and pull again: what came so far is kept.",
            ) from error
        raise _unreachable(model, error) from error
    except Exception as error:
        if "httpx" not in type(error).__module__:
            raise
        raise _unreachable(model, error) from error


def _unreachable(model: Model, error: Exception) -> RequestError:
    reason = str(error).strip().splitlines() or [type(error).__name__]
    return _unavailable(
        f"{model.hub_id} could not be fetched: {reason[0].rstrip('.')}.",
        "Pull again when there is a connection: what came so far is kept. What is on the disk works offline.",
    )


def _unavailable(sentence: str, remedy: str) -> RequestError:
    return RequestError(ErrorCode.ENGINE_UNAVAILABLE, sentence, remedy)


def _check_installed() -> None:
    if find_spec("huggingface_hub") is None:
        raise _unavailable(
            "The library that fetches models is not installed.",
            'Install it: `pip install "bandmate[models]"`, or run `uv run --all-extras bandmate ...`.',
        )
