"""`/synth`: music for one request or several, each track a part of one answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Submit
from bandmate_protocol.texts import say
from bandmate_server.compat.acestep_cpp.answers import AudioPart, AudioPartsAnswer
from bandmate_server.compat.acestep_cpp.body import read_requests
from bandmate_server.compat.acestep_cpp.job_table import MakeAnswer
from bandmate_server.compat.acestep_cpp.wire import OutputFormat, read_output_format, read_synth_request
from bandmate_server.compat.api import CompatContext
from bandmate_server.compat.client_jobs import ClientJobs
from bandmate_server.compat.making import check_done, wait_for_end
from bandmate_server.compat.songs.music_request import MusicRequest
from bandmate_server.compat.songs.planning import SourceAudio
from bandmate_server.compat.songs.preparation import prepare_song
from bandmate_server.compat.songs.result_audio import make_result_audio
from bandmate_server.rest.ranges import TemporaryFile

MOST_TRACKS = 16
"""Of one answer."""


@dataclass(frozen=True)
class Synthesis:
    """What one body asks for, checked as far as that goes without an engine."""

    context: CompatContext
    requests: Sequence[MusicRequest]
    output: OutputFormat
    source: SourceAudio | None
    reference: SourceAudio | None

    @classmethod
    async def read(cls, context: CompatContext, request: Request) -> Synthesis:
        """From a body. Raises BadBodyError, RequestError."""
        async with read_requests(request, context) as body:
            asked = [read_synth_request(raw) for raw in body.requests]
            output = read_output_format(body.requests[0])
            _check_tracks(asked)
            source = await body.audio(context, "audio")
            reference = await body.audio(context, "ref_audio")
        needy = next((each for each in asked if each.needs_source and source is None), None)
        if needy is not None:
            raise RequestError(
                ErrorCode.BAD_PARAMS,
                say("`{task}` works on a recording, and there is none.", task=needy.task),
                "Send a form with it as the part `audio`, and the request as `request`.",
            )
        return cls(context, asked, output, source, reference)

    async def run(self, jobs: ClientJobs) -> MakeAnswer:
        """Makes the music. Raises BandmateError."""
        plans: list[Submit] = []
        for asked in self.requests:
            prepared = await prepare_song(self.context, jobs.finish, asked, self.source, self.reference)
            plans += prepared.plans
        feeds = [await jobs.submit(plan) for plan in plans]
        for feed in feeds:
            check_done(await wait_for_end(feed))
        made = [feed.job.id for feed in feeds]

        async def answer() -> Response:
            return await self._answer(made)

        return answer

    async def _answer(self, jobs: Sequence[str]) -> Response:
        parts: list[AudioPart] = []
        try:
            for job in jobs:
                for stem in sorted(each.stem for each in self.context.services.store.stems_of(job)):
                    file = await make_result_audio(
                        self.context, job, stem, self.output.container, self.output.bits
                    )
                    parts.append(AudioPart(TemporaryFile(file), self.output.media_type))
        except BaseException:
            for part in parts:
                part.file.close()
            raise
        return AudioPartsAnswer(parts)


def _check_tracks(asked: Sequence[MusicRequest]) -> None:
    count = sum(len(each.seeds) for each in asked)
    if count > MOST_TRACKS:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say("The requests ask for {count} tracks.", count=count),
            say("Ask for at most {most} at once.", most=MOST_TRACKS),
        )
