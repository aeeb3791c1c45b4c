"""`/format_input`, `/create_random_sample` and `/v1/create_sample`: songs in words."""

from __future__ import annotations

import secrets
from dataclasses import replace
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bandmate_protocol.errors import BandmateError
from bandmate_server.compat.acestep.body import read_request
from bandmate_server.compat.acestep.envelope import answer
from bandmate_server.compat.acestep.owner import OWNER
from bandmate_server.compat.acestep.samples import SAMPLES, Sample
from bandmate_server.compat.api import CompatContext
from bandmate_server.compat.client_jobs import finish_job
from bandmate_server.compat.leaving import unless_client_leaves
from bandmate_server.compat.songs.song import Song
from bandmate_server.compat.songs.values import FieldValues
from bandmate_server.compat.songs.writing import song_fields, write_song


class WordRoutes:
    """Answers what is asked for in words."""

    def __init__(self, context: CompatContext) -> None:
        self._context = context

    async def format_input(self, request: Request) -> Response:
        """The prompt and lyrics put into shape by the planner, with what the prompt suggests where nothing is said."""
        return await self._write(request, {"use_format": True, "sample_query": ""})

    async def create_sample(self, request: Request) -> Response:
        """A song from an idea."""
        return await self._write(request, {"use_format": False})

    async def random_sample(self, request: Request) -> Response:
        """One of the prompts that come with Bandmate."""
        async with read_request(request, self._context.access, 0):
            return answer(_sample_fields(secrets.choice(SAMPLES)))

    async def _write(self, request: Request, fixed: dict[str, Any]) -> Response:
        async with read_request(request, self._context.access, 0) as body:
            values = dict(body.values)
        values.setdefault("sample_query", values.get("query") or "")
        fields = FieldValues({**values, **fixed})
        song = Song.from_fields(fields)
        if "vocal_language" not in values and "language" not in values:
            song = replace(song, language="unknown")
        writing = write_song(partial(finish_job, self._context, OWNER), fields, song)
        try:
            return answer(song_fields((await unless_client_leaves(request, writing)).song))
        except BandmateError as error:
            # Upstream answers these with HTTP status 200 and the code inside.
            return answer(None, 400, str(error))


def _sample_fields(sample: Sample) -> dict[str, Any]:
    return {
        "think": True,
        "caption": sample.caption,
        "lyrics": "[Instrumental]",
        "bpm": sample.bpm,
        "duration": sample.seconds,
        "keyscale": sample.key,
        "language": "unknown",
        "timesignature": sample.metre,
    }
