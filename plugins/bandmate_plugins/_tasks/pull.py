"""The task `pull`: fetches a model onto the server's disk, for a bridge that shows how far it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.outputs import Output, Remark, StageProgress, TaskReport
from bandmate_plugins.request import TaskContext, TaskRequest
from bandmate_plugins.task import Lane, Task
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

if TYPE_CHECKING:
    from bandmate_plugins._host.known_models import KnownModel
    from bandmate_plugins._models.pull import HubOffer

KnownModelName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        title="Model",
        description="Name in `bandmate models list`, such as htdemucs; an engine's name for all of its models",
    ),
]


class PullParams(msgspec.Struct, frozen=True):
    """What `pull` takes."""

    model: KnownModelName
    licence: Annotated[
        str,
        Meta(
            max_length=400,
            title="Accepted licence",
            description="The licence, word for word as the answer shows it; if empty, nothing is downloaded",
        ),
    ] = ""
    only_ask: Annotated[
        bool,
        Meta(title="Only ask", description="Report what the model is, its size and its licence"),
    ] = False
    most_gb: Annotated[
        float,
        Meta(
            gt=0,
            le=10_000,
            title="At most",
            description="Download no more than this",
            extra_json_schema={"unit": "GB"},
        ),
    ] = 20.0


class PullTask(Task[PullParams]):
    """Downloads a model to the server's disk, once its licence is accepted."""

    name = "pull"
    title = "Download a model"
    Params = PullParams
    lane: ClassVar[Lane] = "network"
    result = "report"
    hidden = True

    def run(
        self,
        request: TaskRequest[PullParams],
        engine: LoadedEngine | None,  # noqa: ARG002 - it needs none
        context: TaskContext,
    ) -> Iterator[Output]:
        """Asks the hub, reports what it says, and fetches what was accepted.

        Raises RequestError: `no_such_engine` (no model of that name), `not_allowed` (the licence is not
        accepted), `bad_params` (more than `most_gb`), `engine_unavailable`, `disk_full`.
        """
        from bandmate_plugins._host.known_models import models_named
        from bandmate_plugins._models.pull import pull_offer
        from bandmate_plugins._models.room import check_room, missing_bytes

        params = request.params
        known = models_named(params.model)
        offers: list[HubOffer] = []
        for one in known:
            yield StageProgress("Contacting the hub", len(offers), len(known))
            context.check()
            offers.append(_ask_offer(one))
        licence = _licence_text(offers)
        for remark in dict.fromkeys(offer.remark for offer in offers if offer.remark):
            yield Remark(remark)
        yield TaskReport({"licence": licence, "models": list(map(_offer_report, known, offers))})
        if params.only_ask:
            return
        _check_size_limit(params, known, offers)
        _check_licence(params, licence, offers)
        check_room(offers)
        done, missing = 0, missing_bytes(offers)
        for one, offer in zip(known, offers, strict=True):
            yield StageProgress(say("Downloading {one}", one=one.name), done, missing, unit="bytes")
            with closing(pull_offer(offer, context.check)) as coming:
                for count in coming:
                    context.check()
                    done = min(max(done + count, 0), missing)
                    yield StageProgress(say("Downloading {one}", one=one.name), done, missing, unit="bytes")
        names = ", ".join(one.name for one in known)
        yield Remark(
            say("{names}: fetched.", names=names)
            if missing
            else say("{names}: already complete.", names=names)
        )


def _ask_offer(known: KnownModel) -> HubOffer:
    from bandmate_plugins._models.pull import ask_hub

    return ask_hub(known.model)


def _licence_text(offers: Sequence[HubOffer]) -> str:
    """What is accepted: each licence once."""
    return ", ".join(dict.fromkeys(offer.licence for offer in offers))


def _offer_report(known: KnownModel, offer: HubOffer) -> dict[str, Any]:
    from bandmate_plugins._models.room import missing_bytes

    return {
        "name": known.name,
        "engine": known.engine,
        "hub_id": offer.model.hub_id,
        "commit": offer.commit,
        "licence": offer.licence,
        "known_of_licence": offer.model.licence,
        "size_bytes": offer.size_bytes,
        "missing_bytes": missing_bytes([offer]),
    }


def _check_size_limit(params: PullParams, known: Sequence[KnownModel], offers: Sequence[HubOffer]) -> None:
    from bandmate_plugins._models.room import missing_bytes, size_text

    missing = missing_bytes(offers)
    if missing <= params.most_gb * 1e9:
        return
    names = ", ".join(one.name for one in known)
    several = f"Name one of its models ({names}), or allow" if len(known) > 1 else "Allow"
    raise RequestError(
        ErrorCode.BAD_PARAMS,
        say(
            "{model} needs a download of {size_text}, more than `most_gb` allows ({most_gb:g}).",
            model=params.model,
            size_text=size_text(missing),
            most_gb=params.most_gb,
        ),
        say("{several} more by `most_gb`.", several=several),
    )


def _check_licence(params: PullParams, licence: str, offers: Sequence[HubOffer]) -> None:
    from bandmate_plugins._models.room import missing_bytes, size_text

    given = " ".join(params.licence.split())
    if given.casefold() == licence.casefold():
        return
    known = dict.fromkeys(offer.model.licence for offer in offers if offer.model.licence != offer.licence)
    more = f" What Bandmate knows of it: {'; '.join(known)}." if known else ""
    asked = f", not {given}" if given else ""
    raise RequestError(
        ErrorCode.NOT_ALLOWED,
        say(
            "{model} ({size_text} to download) has this licence: {licence}{asked}.{more} Nothing was downloaded.",
            model=params.model,
            size_text=size_text(missing_bytes(offers)),
            licence=licence,
            asked=asked,
            more=more,
        ),
        say("To accept it, ask again with `licence` exactly as shown: {licence}", licence=licence),
    )
